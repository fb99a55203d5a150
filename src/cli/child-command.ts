// Runs the command of a load test: its output is passed through, its exit code kept, its signals understood.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UserError } from '../base/errors.ts'

/** A command that was started. */
export interface ChildCommand {
  /** exit code as a shell gives it: 128 + the signal's number where a signal ended it */
  readonly exitCode: Promise<number>
  /** sends a signal, unless it has ended */
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts a command with the terminal's own stdin, stdout and stderr.
 * @throws UserError when it cannot be started: no such file, no permission
 */
export async function startCommand(command: readonly string[]): Promise<ChildCommand> {
  const [file = '', ...parameters] = command
  const child = spawn(file, parameters, { stdio: 'inherit' })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`cannot run ${file}: ${describeSpawnError(error)}`)),
    )
  })
  const exitCode = new Promise<number>(resolve => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  return { exitCode, kill: signal => void child.kill(signal) }
}

function describeSpawnError({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such command'
  return code === 'EACCES' ? 'it is not executable' : message
}
