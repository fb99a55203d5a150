// A command that gives a shell elsewhere, with three pipes that are read and written without waiting.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getErrorCode, getErrorMessage, UserError } from '../../../base/errors.ts'

const BUFFER_SIZE = 256 * 1024

/** A running command. Texts are latin1: one character is one byte. */
export interface FarShell {
  /** Writes as much as the pipe takes; gives the rest. Throws when nobody reads it any more. */
  write(text: string): string
  /** What came on stdout: '' for nothing yet, undefined at its end. */
  readOutput(): string | undefined
  /** What came on stderr, as far as `maxBytes`. */
  readErrors(maxBytes: number): string
  /** Closes its stdin: it has all it gets. */
  endInput(): void
  /** Ends the command and closes the pipes. */
  close(): void
}

/**
 * Starts `sh -c COMMAND`. The pipes are named pipes for the moment of the start, because Node's own cannot be read synchronously.
 * Without a terminal it cannot ask for a password on the one that somebody may type on.
 * @throws UserError when the pipes or the process cannot be made
 */
export function startFarShell(command: string, { hasTerminal = true } = {}): FarShell {
  const pipes = openPipes()
  let child: ChildProcess
  try {
    const stdio = [pipes.input.far, pipes.output.far, pipes.errors.far]
    child = spawn('/bin/sh', ['-c', command], { stdio, detached: !hasTerminal })
    child.on('error', () => {}) // its pipes end, which says the same
    child.unref()
  } finally {
    for (const { far } of Object.values(pipes)) closeSync(far)
  }
  const open = new Set(Object.values(pipes).map(({ near }) => near))
  const closePipe = (fd: number): void => {
    if (open.delete(fd)) closeSync(fd)
  }
  const buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE)
  const readNear = (fd: number, maxBytes: number): string | undefined => {
    const count = tryOnPipe(() => readSync(fd, buffer, 0, Math.min(maxBytes, BUFFER_SIZE), null))
    if (count === undefined) return ''
    return count === 0 ? undefined : buffer.toString('latin1', 0, count)
  }
  return {
    write: text => {
      const bytes = Buffer.from(text, 'latin1')
      return bytes.toString('latin1', tryOnPipe(() => writeSync(pipes.input.near, bytes)) ?? 0)
    },
    readOutput: () => readNear(pipes.output.near, BUFFER_SIZE),
    readErrors: maxBytes => readNear(pipes.errors.near, maxBytes) ?? '',
    endInput: () => closePipe(pipes.input.near),
    close: () => {
      if (hasTerminal) child.kill()
      else killGroup(child.pid)
      for (const fd of open) closePipe(fd)
    },
  }
}

// Also what the command started: without a terminal it is a group of its own.
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid)
  } catch {
    // it has ended
  }
}

// undefined: the pipe is full, or empty.
function tryOnPipe(call: () => number): number | undefined {
  try {
    return call()
  } catch (error) {
    const code = getErrorCode(error)
    if (code === 'EAGAIN' || code === 'EINTR') return undefined
    throw error
  }
}

interface Pipe {
  readonly near: number
  readonly far: number
}

type Pipes = Readonly<Record<'input' | 'output' | 'errors', Pipe>>

function openPipes(): Pipes {
  let folder: string | undefined
  try {
    folder = mkdtempSync(join(tmpdir(), 'kmemtop-'))
    const paths = ['in', 'out', 'err'].map(name => join(folder!, name))
    makePipes(paths)
    const [input, output, errors] = paths as [string, string, string]
    return { input: openInput(input), output: openOutput(output), errors: openOutput(errors) }
  } catch (error) {
    throw new UserError(`cannot make pipes in ${tmpdir()} for --via: ${getErrorMessage(error)}`)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

// Where busybox is alone, mkfifo may have no link of its own.
function makePipes(paths: readonly string[]): void {
  for (const [program, ...words] of [['mkfifo'], ['busybox', 'mkfifo']] as const) {
    const { status, error } = spawnSync(program, [...words, '-m', '600', ...paths], { stdio: 'ignore' })
    if (status === 0) return
    if (error === undefined || getErrorCode(error) !== 'ENOENT') throw error ?? new Error('mkfifo failed')
  }
  throw new Error('mkfifo is missing, which coreutils and busybox have')
}

// Without O_NONBLOCK an open waits for the other end; a reader that is there first lets the writer in.
function openOutput(path: string): Pipe {
  const near = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { near, far: openSync(path, constants.O_WRONLY) }
}

function openInput(path: string): Pipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const near = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const far = openSync(path, constants.O_RDONLY) // blocking, as a shell expects of its stdin
  closeSync(reader)
  return { near, far }
}
