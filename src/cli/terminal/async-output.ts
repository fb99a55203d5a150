// Node writes to terminals synchronously: one that takes nothing (a hung ssh) would block the whole process, signals included.
import { waitAtMost, yieldToEventLoop } from '../../sampling/clock.ts'

interface StreamWithHandle {
  readonly _handle?: { setBlocking?(blocking: boolean): void; readonly writeQueueSize?: number }
}

let isExitHandled = false

/** Lets stdout and stderr be written without waiting for the terminal or the pipe, until the process ends or a command inherits them. */
export function makeOutputAsync(): void {
  setBlocking(false)
  if (isExitHandled) return
  isExitHandled = true
  // what a crash writes to give the terminal back would be lost with the process; a terminal that takes nothing gets nothing
  process.once('exit', () => process.stdout.writableLength === 0 && setBlocking(true))
}

/** The opposite, for a command that is about to have the same terminal: few programs can write to one that does not wait. */
export const makeOutputBlocking = (): void => setBlocking(true)

function setBlocking(isBlocking: boolean): void {
  for (const { _handle: handle } of [process.stdout, process.stderr] as readonly StreamWithHandle[])
    handle?.setBlocking?.(isBlocking)
}

/** Milliseconds in which a terminal, or the reader of a pipe, takes nothing: it is no longer waited for. */
const MAX_PAUSE = { terminal: 1000, pipe: 3000 }

/**
 * Waits until a stream has taken all, or reported an error. A terminal that takes nothing is given up.
 * @param isStopped a signal asked the program to end: a pipe that nobody reads is given up too, not only a slow one waited for
 */
export async function flushStream(stream: NodeJS.WriteStream & StreamWithHandle, isStopped: boolean): Promise<void> {
  let isFlushed = false
  const flushed = new Promise<void>(resolve => stream.write('', () => void yieldToEventLoop().then(resolve))).then(
    () => {
      isFlushed = true
    },
  )
  if (!stream.isTTY && !isStopped) return flushed
  const countPending = (): number => stream.writableLength + (stream._handle?.writeQueueSize ?? 0)
  for (let pending = Number.POSITIVE_INFINITY; !isFlushed && countPending() < pending; ) {
    pending = countPending()
    await waitAtMost(stream.isTTY ? MAX_PAUSE.terminal : MAX_PAUSE.pipe, flushed)
  }
}
