// Runs the command of a load test: its output is passed through, its exit code kept, its signals understood.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import { createLineSplitter } from '../../base/line-splitter.ts'
import { tryStat } from '../../recording/try-stat.ts'
import { waitAtMost } from '../../sampling/clock.ts'

/** A command that was started. */
export interface ChildCommand {
  /** exit code as a shell gives it: 128 + the signal's number where a signal ended it */
  readonly exitCode: Promise<number>
  /** sends a signal to it and to what it started, unless it has ended */
  kill(signal: NodeJS.Signals): void
}

/** What is done with the output of a command. */
export interface CommandOutput {
  /** whether it also appears on stdout and stderr */
  readonly isPassedThrough: boolean
  /** takes lines as they come, each cut at 1,000 characters */
  onLines(lines: readonly string[]): void
}

const MAX_LINE = 1000 // characters
const MAX_DRAIN = 1000 // milliseconds that output may come after the end of the command: a daemon may keep its pipe

/**
 * Starts a command. Without `output` it has the terminal's own stdin, stdout and stderr.
 * @throws UserError when it cannot be started: no such file, no permission
 */
export async function startCommand(command: readonly string[], output?: CommandOutput): Promise<ChildCommand> {
  const [file = '', ...parameters] = command
  const pipes = output ? (['pipe', 'pipe'] as const) : (['inherit', 'inherit'] as const)
  const hasStdin = output?.isPassedThrough !== false
  // Signals reach a process group of its own, with the load generator that a script started. A terminal gives its group Ctrl-C itself.
  const isGroup = !(hasStdin && process.stdin.isTTY)
  const child = spawn(file, parameters, { stdio: [hasStdin ? 'inherit' : 'ignore', ...pipes], detached: isGroup })
  if (output) readOutput(child, output)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`cannot run ${file}: ${describeSpawnError(error)}`)),
    )
  })
  return { exitCode: waitForExit(child), kill: signal => sendSignal(child, signal, isGroup) }
}

/**
 * Fails as `startCommand` would, before anything has run.
 * @throws UserError if there is no such command, or it is not executable
 */
export function checkCommand(file: string): void {
  const paths = file.includes('/')
    ? [file]
    : (process.env.PATH ?? '').split(':').map(folder => join(folder || '.', file))
  if (file.includes('/') && tryStat(file)?.isDirectory()) throw new UserError(`cannot run ${file}: it is a directory`)
  const found = paths.filter(path => tryStat(path)?.isFile())
  if (found.length === 0) throw new UserError(`cannot run ${file}: ${describeSpawnError({ code: 'ENOENT' })}`)
  if (!found.some(isExecutable)) throw new UserError(`cannot run ${file}: ${describeSpawnError({ code: 'EACCES' })}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function sendSignal(child: ChildProcess, signal: NodeJS.Signals, isGroup: boolean): void {
  if (!isGroup || child.pid === undefined) return void child.kill(signal)
  try {
    process.kill(-child.pid, signal)
  } catch {
    // all of it has ended
  }
}

async function waitForExit(child: ChildProcess): Promise<number> {
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const exitCode = await new Promise<number>(resolve =>
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? system.signals[signal] : 0))),
  )
  await waitAtMost(MAX_DRAIN, closed)
  for (const stream of [child.stdout, child.stderr]) stream?.unpipe().destroy()
  return exitCode
}

function readOutput(child: ChildProcess, { isPassedThrough, onLines }: CommandOutput): void {
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    let lines: string[] = []
    const split = createLineSplitter(MAX_LINE, line => lines.push(line))
    const decoder = new TextDecoder()
    from?.on('data', (bytes: Buffer) => {
      split(decoder.decode(bytes, { stream: true })) // a character may come in two pieces
      onLines(lines)
      lines = []
    })
    if (isPassedThrough && from) passThrough(from, to)
  }
}

// Where the output is lost, the command goes on, and its lines are still read.
function passThrough(from: Readable, to: NodeJS.WriteStream): void {
  const handleError = (): void => {
    from.unpipe(to)
    from.resume()
  }
  to.on('error', handleError)
  from.once('close', () => to.off('error', handleError))
  from.pipe(to, { end: false })
}

function describeSpawnError({
  code,
  message,
}: {
  readonly code?: string | undefined
  readonly message?: string
}): string {
  if (code === 'ENOENT') return 'no such command'
  return code === 'EACCES' ? 'it is not executable' : (message ?? 'it cannot be started')
}
