// Session time: milliseconds since the session began, monotonic. Only this file reads clocks and sets timers.

/** A clock of session time. `sleepUntil` resolves at a session time, or at once if the signal is aborted. */
export interface Clock {
  now(): number
  /** CPU time of this thread in milliseconds; absent where Node cannot tell it (before 23.9) */
  readCpuTime?(): number
  sleepUntil(time: number, signal?: AbortSignal): Promise<void>
}

/** A clock of the machine, with its wall clock and CLOCK_MONOTONIC at session time 0. */
export interface MachineClock extends Clock {
  /** milliseconds since 1970 */
  readonly wallClock: number
  /** CLOCK_MONOTONIC in milliseconds, the clock of the kernel log */
  readonly monotonic: number
  /** returns the wall clock now, milliseconds since 1970 */
  readWallClock(): number
}

/** Returns CLOCK_MONOTONIC in milliseconds: the same in every thread. */
export const getMachineTime = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

function readCpuTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Milliseconds, 24 days: the timers of Node take a longer delay for 1 ms. */
export const MAX_DELAY = 2 ** 31 - 1

/** Creates a clock whose time 0 is now; a step of the wall clock does not change it. */
export function createSystemClock(): MachineClock {
  const monotonic = getMachineTime()
  const now = (): number => getMachineTime() - monotonic
  return {
    wallClock: Date.now(),
    monotonic,
    readWallClock: Date.now,
    now,
    ...(typeof process.threadCpuUsage === 'function' ? { readCpuTime } : {}),
    sleepUntil: (time, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        const finish = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        const wait = (): void => {
          const delay = Math.max(0, time - now())
          timer = delay > MAX_DELAY ? setTimeout(wait, MAX_DELAY) : setTimeout(finish, delay)
        }
        let timer: ReturnType<typeof setTimeout> | undefined
        wait()
        signal?.addEventListener('abort', finish, { once: true })
      }),
  }
}

/** Values of a worker's shared word: 1 stops it, 2 announces a command. */
export const WAKE = { stop: 1, command: 2 } as const

/**
 * Creates the clock of a worker thread. It blocks the thread while it sleeps, because 25 timers per second for the kernel log would
 * cost ten times as much. Events wait meanwhile; a command wakes it for one turn of the event loop.
 * @param wakeWord a shared word; storing a value and notifying wakes the thread, for good with `WAKE.stop`
 */
export function createSleepingClock(wakeWord: Int32Array): MachineClock {
  const clock = createSystemClock()
  const sleepUntil = async (time: number): Promise<void> => {
    for (;;) {
      const delay = time - clock.now()
      if (delay <= 0 || Atomics.wait(wakeWord, 0, 0, delay) === 'timed-out') return
      if (Atomics.compareExchange(wakeWord, 0, WAKE.command, 0) !== WAKE.command) return
      await yieldToEventLoop()
    }
  }
  return { ...clock, sleepUntil }
}

/** Stops the thread for `ms`, or until somebody stores in `wakeWord`; returns what woke it. */
export function sleepInThread(wakeWord: Int32Array, ms: number): 'elapsed' | 'stop' | 'command' {
  if (Atomics.wait(wakeWord, 0, 0, ms) === 'timed-out') return 'elapsed'
  return Atomics.compareExchange(wakeWord, 0, WAKE.command, 0) === WAKE.command ? 'command' : 'stop'
}

/** Calls back every `ms`, but at least every 24 days, without keeping the program alive. Returns a function that stops it. */
export function repeatEvery(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, Math.min(ms, MAX_DELAY))
  timer.unref()
  return () => clearInterval(timer)
}

/** Resolves after `ms`. */
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Resolves after one turn of the event loop. */
export const yieldToEventLoop = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Resolves with the promise, or after `ms`, so that a hanging promise does not block the rest. */
export const waitAtMost = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
