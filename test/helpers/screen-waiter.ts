// Waiting for what a screen shows: every change is looked at, the clock only ends the waiting.

/** A regular expression that the screen's text must match, or a function that must say yes to it. */
export type ScreenCondition = RegExp | ((screen: string) => boolean)

/** Calls `changed` at every change, `ended` when there will be none; gives the waiting function. */
export interface ScreenWaiter {
  notifyChanged(): void
  notifyEnded(why: string): void
  /** Resolves with the screen's text as soon as it is as wanted; rejects with the screen in the message. */
  waitFor(wanted: ScreenCondition, timeoutMs?: number): Promise<string>
}

interface Waiter {
  check(): void
  fail(why: string): void
}

function matches(wanted: ScreenCondition, screen: string): boolean {
  return typeof wanted === 'function' ? wanted(screen) : screen.search(wanted) >= 0
}

/** An error that points at the line of the test which waits, not at the timer. */
function createFailure(message: string, here: Error): Error {
  const error = new Error(message)
  error.stack = `Error: ${message}\n${here.stack?.split('\n').slice(1).join('\n')}`
  return error
}

/** @param read the screen's text now, @param about one line on the state of the screen, for the message */
export function createScreenWaiter(read: () => string, about: () => string): ScreenWaiter {
  const waiters = new Set<Waiter>()
  let end: string | undefined

  const waitFor = (wanted: ScreenCondition, timeoutMs = 60_000) => {
    const here = new Error('waits here')
    return new Promise<string>((resolve, reject) => {
      const waiter: Waiter = {
        check() {
          const screen = read()
          if (!matches(wanted, screen)) return
          done()
          resolve(screen)
        },
        fail(why) {
          done()
          reject(createFailure(`waited for ${wanted}: ${why}. ${about()}\n${read()}`, here))
        },
      }
      const timer = setTimeout(() => waiter.fail(`not seen in ${timeoutMs} ms`), timeoutMs)
      const done = () => {
        clearTimeout(timer)
        waiters.delete(waiter)
      }
      waiters.add(waiter)
      waiter.check()
      if (end !== undefined && waiters.has(waiter)) waiter.fail(end)
    })
  }

  return {
    waitFor,
    notifyChanged: () => {
      for (const waiter of [...waiters]) waiter.check()
    },
    notifyEnded(why) {
      end = why
      for (const waiter of [...waiters]) {
        waiter.check()
        if (waiters.has(waiter)) waiter.fail(why)
      }
    },
  }
}
