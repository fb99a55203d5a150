// Node writes to terminals synchronously: one that takes nothing (a hung ssh) would block the whole process, signals included.

interface StreamWithHandle {
  readonly _handle?: { setBlocking?(blocking: boolean): void }
}

let isAsync = false

/** Lets stdout and stderr be written without waiting for the terminal, until the process ends. */
export function makeOutputAsync(): void {
  if (isAsync) return
  isAsync = true
  setBlocking(false)
  // what a crash writes to give the terminal back would be lost with the process; a terminal that takes nothing gets nothing
  process.once('exit', () => process.stdout.writableLength === 0 && setBlocking(true))
}

function setBlocking(isBlocking: boolean): void {
  for (const { _handle: handle } of [process.stdout, process.stderr] as readonly StreamWithHandle[])
    handle?.setBlocking?.(isBlocking)
}
