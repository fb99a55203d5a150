// Session time: milliseconds since the session began, monotonic. The only place that reads a clock or sets a timer.

/** Time that is handed in. `until` resolves when session time has come, or at once when the signal is aborted. */
export interface Clock {
  now(): number
  until(time: number, signal?: AbortSignal): Promise<void>
}

/** A clock of the machine, with what its clocks said at session time 0. */
export interface MachineClock extends Clock {
  /** milliseconds since 1970 */
  readonly wallClock: number
  /** CLOCK_MONOTONIC in milliseconds: what the kernel log counts from */
  readonly monotonic: number
}

const machineNow = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

/** Session time 0 is when it is made; a stepped wall clock does not move it. */
export function systemClock(): MachineClock {
  const monotonic = machineNow()
  const now = (): number => machineNow() - monotonic
  return {
    wallClock: Date.now(),
    monotonic,
    now,
    until: (time, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        const end = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const timer = setTimeout(end, Math.max(0, time - now()))
        signal?.addEventListener('abort', end, { once: true })
      }),
  }
}

/** What the shared word of a worker says: 1 stop, 2 there is mail. */
export const BELL = { stop: 1, mail: 2 } as const

/**
 * The clock of a worker thread: it sleeps in the thread itself, because 25 timers a second for the kernel log would cost
 * ten times as much. Events wait meanwhile; mail wakes it for a turn of the event loop, and it sleeps on.
 * @param bell a shared word: whoever stores in it and notifies wakes the sleeper, for good with `BELL.stop`
 */
export function sleepingClock(bell: Int32Array): MachineClock {
  const clock = systemClock()
  const until = async (time: number): Promise<void> => {
    for (;;) {
      const nap = time - clock.now()
      if (nap <= 0 || Atomics.wait(bell, 0, 0, nap) === 'timed-out') return
      if (Atomics.compareExchange(bell, 0, BELL.mail, 0) !== BELL.mail) return
      await turn()
    }
  }
  return { ...clock, until }
}

/** Calls back every `ms`, for as long as the program runs anyway. Gives a function that ends it. */
export function every(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Resolves when the promise does, or after `ms`: whatever hangs must not hold up the rest. */
export const within = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise, late])
  clearTimeout(timer)
}
