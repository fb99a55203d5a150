// Exit codes, and how a command ends when its output closes or a signal asks it to.
import { MAX_DELAY, waitAtMost, yieldToEventLoop } from '../sampling/clock.ts'
import { isSamplingThreadLeft } from '../sampling/node-channel.ts'
import { logToStderr } from './stderr.ts'

/** `unknown` and `usage` are one number, as in node-problem-detector's plugins and grep: no answer. */
export const EXIT = {
  ok: 0,
  /** something was found */
  findings: 1,
  /** the command ran, and cannot tell */
  unknown: 2,
  /** the command could not run: wrong words, missing files, an internal error */
  usage: 2,
} as const

/** Ends without a message if the reader of stdout is gone (`kmemtop … | head`), with one if stdout cannot be written. */
export function exitWhenOutputCloses(): void {
  handleLostOutput(code => process.exit(code))
}

/**
 * Calls back once if stdout cannot be written any more: for a command that has a recording to complete. Returns a function that
 * waits until all is written, and returns the exit code that follows, or undefined if stdout could be written.
 */
export function stopWhenOutputCloses(stop: () => void): () => Promise<number | undefined> {
  let code: number | undefined
  handleLostOutput(lost => {
    code = lost
    stop()
  })
  return async () => {
    await flushOutput()
    return code
  }
}

function handleLostOutput(handleCode: (code: number) => void): void {
  let isLost = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isLost) return
    isLost = true
    if (error.code !== 'EPIPE') logToStderr(`cannot write: ${error.message}`)
    handleCode(error.code === 'EPIPE' ? EXIT.ok : EXIT.usage)
  })
}

// The program waits for a slow reader of a pipe. It does not wait for a terminal that takes nothing.
const MAX_FLUSH_TIME = process.stdout.isTTY ? 1000 : MAX_DELAY

/** Waits until stdout has taken all, or reported an error. */
export async function flushOutput(): Promise<void> {
  const flushed = new Promise<void>(resolve => process.stdout.write('', () => void yieldToEventLoop().then(resolve)))
  await waitAtMost(MAX_FLUSH_TIME, flushed)
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls back at the first signal that asks the program to stop. A second one ends it at once. Returns a function that removes the handlers. */
export function handleStopSignals(callback: () => void): () => void {
  let isStopping = false
  const handle = (signal: NodeJS.Signals): void => {
    if (isStopping) endBySignal(signal)
    isStopping = true
    callback()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, handle)
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, handle)
  }
}

function endBySignal(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/**
 * Ends the process. process.exit waits for all threads, and one that hangs in the kernel never returns: the process then
 * becomes another one that only exits, which ends its threads.
 */
export function endProcess(code: number): void {
  if (!isSamplingThreadLeft()) process.exit(code)
  process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], process.env)
  endBySignal('SIGTERM')
}
