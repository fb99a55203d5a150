// Exit codes, and how a command ends when its output closes or a signal asks it to.
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
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    logToStderr(`cannot write: ${error.message}`)
    process.exit(EXIT.usage)
  })
}

/** Calls back at the first signal that asks the program to stop. */
export function handleStopSignals(callback: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, callback)
}
