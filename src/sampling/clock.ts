// Session time: milliseconds since the session began, monotonic. The only place that reads a clock or sets a timer.

/** Time that is handed in. `until` resolves when session time has come, or at once when the signal is aborted. */
export interface Clock {
  now(): number
  sleepUntil(time: number, signal?: AbortSignal): Promise<void>
}

/** A clock of the machine, with what its clocks said at session time 0. */
export interface MachineClock extends Clock {
  /** milliseconds since 1970 */
  readonly wallClock: number
  /** CLOCK_MONOTONIC in milliseconds: what the kernel log counts from */
  readonly monotonic: number
}

const getMachineTime = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

/** Session time 0 is when it is made; a stepped wall clock does not move it. */
export function createSystemClock(): MachineClock {
  const monotonic = getMachineTime()
  const now = (): number => getMachineTime() - monotonic
  return {
    wallClock: Date.now(),
    monotonic,
    now,
    sleepUntil: (time, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        const finish = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, Math.max(0, time - now()))
        signal?.addEventListener('abort', finish, { once: true })
      }),
  }
}

/** What the shared word of a worker says: 1 stop, 2 there is mail. */
export const WAKE = { stop: 1, command: 2 } as const

/**
 * The clock of a worker thread: it sleeps in the thread itself, because 25 timers a second for the kernel log would cost
 * ten times as much. Events wait meanwhile; mail wakes it for a turn of the event loop, and it sleeps on.
 * @param wakeWord a shared word: whoever stores in it and notifies wakes the sleeper, for good with `BELL.stop`
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

/** Calls back every `ms`, for as long as the program runs anyway. Gives a function that ends it. */
export function repeatEvery(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/** One turn of the event loop. */
export const yieldToEventLoop = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Resolves when the promise does, or after `ms`: whatever hangs must not hold up the rest. */
export const waitAtMost = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
