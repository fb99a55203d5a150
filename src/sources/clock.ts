// Session time: milliseconds since the session began, monotonic. The only place that reads a clock or sets a timer.

/** Time that is handed in. `until` resolves when session time has come, or at once when the signal is aborted. */
export interface Clock {
  now(): number
  until(time: number, signal?: AbortSignal): Promise<void>
}

/** The clock of the machine: time 0 is when it is made; a stepped wall clock does not move it. */
export function systemClock(): Clock & { readonly wallClock: number; readonly monotonic: number } {
  const monotonic = Number(process.hrtime.bigint() / 1000n) / 1000 // CLOCK_MONOTONIC, what the kernel log counts from
  const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000 - monotonic
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
