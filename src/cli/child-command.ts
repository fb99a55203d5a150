// Runs the command of a load test: its output is passed through, its exit code kept, its signals understood.
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UserError } from '../base/errors.ts'
import { createLineSplitter } from '../base/line-splitter.ts'

/** A command that was started. */
export interface ChildCommand {
  /** exit code as a shell gives it: 128 + the signal's number where a signal ended it */
  readonly exitCode: Promise<number>
  /** sends a signal, unless it has ended */
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts a command with the terminal's own stdin, stdout and stderr; with `onLine`, through pipes, and each line is reported.
 * @throws UserError when it cannot be started: no such file, no permission
 */
export async function startCommand(command: readonly string[], onLine?: (line: string) => void): Promise<ChildCommand> {
  const [file = '', ...parameters] = command
  const child = spawn(file, parameters, {
    stdio: ['inherit', ...(onLine ? (['pipe', 'pipe'] as const) : (['inherit', 'inherit'] as const))],
  })
  if (onLine) passOutputThrough(child, onLine)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`cannot run ${file}: ${describeSpawnError(error)}`)),
    )
  })
  const exitCode = new Promise<number>(resolve => {
    // with pipes, `close` comes when all output was passed through
    child.once(onLine ? 'close' : 'exit', (code, signal) =>
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)),
    )
  })
  return { exitCode, kill: signal => void child.kill(signal) }
}

const MAX_LINE = 1000 // characters that a pattern gets to see

function passOutputThrough(child: ChildProcess, onLine: (line: string) => void): void {
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    const split = createLineSplitter(MAX_LINE, onLine)
    from?.on('data', (bytes: Buffer) => split(bytes.toString('utf8')))
    from?.pipe(to, { end: false })
  }
}

function describeSpawnError({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such command'
  return code === 'EACCES' ? 'it is not executable' : message
}
