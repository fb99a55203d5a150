// Exit codes, and how a command ends when its output closes or a signal asks it to.
import { sleep } from '../sampling/clock.ts'
import { isSamplingThreadLeft } from '../sampling/node-channel.ts'
import { logToStderr } from './stderr.ts'
import { flushStream, makeOutputAsync } from './terminal/async-output.ts'

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

let isStopped = false

/** Notes that a signal asked the program to end: from then on nobody waits for a pipe without a reader. */
export function noteStop(): void {
  isStopped = true
}

/** Waits until stdout, and a terminal on stderr, have taken all, or reported an error. */
export async function flushOutput(): Promise<void> {
  const errors = process.stderr.isTTY ? flushStream(process.stderr, isStopped) : undefined
  await Promise.all([flushStream(process.stdout, isStopped), errors])
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls back at the first signal that asks the program to stop. A second one ends it at once. Returns a function that removes the handlers. */
export function handleStopSignals(callback: () => void): () => void {
  makeOutputAsync() // while a write waits for a terminal that takes nothing, no handler runs
  let isStopping = false
  const handle = (signal: NodeJS.Signals): void => {
    if (isStopping) endBySignal(signal)
    isStopping = true
    noteStop()
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
export async function endProcess(code: number): Promise<void> {
  for (let waited = 0; isFileRequestLeft() && waited < MAX_REQUEST_WAIT; waited += REQUEST_PAUSE)
    await sleep(REQUEST_PAUSE)
  if (!isSamplingThreadLeft() && !isFileRequestLeft()) process.exit(code)
  process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], process.env)
  endBySignal('SIGTERM')
}

const MAX_REQUEST_WAIT = 500 // ms
const REQUEST_PAUSE = 20

/** Whether a thread of Node's pool is in a call of a file system. */
const isFileRequestLeft = (): boolean => process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))
