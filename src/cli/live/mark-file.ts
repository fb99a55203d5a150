// Marks from outside: lines appended to a file or written to a FIFO become marks, as if `m` had been pressed.
import { accessSync, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Store } from '../../app/store.ts'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { createLineSplitter } from '../../base/line-splitter.ts'
import { KiB } from '../../base/units.ts'
import { tryStat } from '../../recording/try-stat.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { MarkFileOptions } from '../shared-options.ts'

const MAX_LABEL = 200 // characters
const MAX_PIECE = 64 * KiB // bytes read at once; of a longer addition the rest is skipped
const MAX_MARKS_PER_SECOND = 20

/** Where `kmemtop mark` writes and every running kmemtop of this user reads: a directory that only this user can write. */
export function getDefaultMarkFile(env: NodeJS.ProcessEnv, uid: number): string {
  const runtime = env.XDG_RUNTIME_DIR ?? (uid === 0 ? '/run' : `/run/user/${uid}`)
  return join(runtime, 'kmemtop', 'marks')
}

/** Checks what --mark-file names before anything is started. @throws UserError if no line could ever be read there */
export function checkMarkFile({ markFile }: MarkFileOptions): void {
  const stats = markFile === undefined ? undefined : tryStat(markFile)
  if (markFile === undefined || !stats) return
  if (!stats.isFile() && !stats.isFIFO())
    throw new UserError(
      `--mark-file ${markFile}: is ${stats.isDirectory() ? 'a directory' : 'a device or a socket'}; expected a file or a FIFO`,
    )
  try {
    accessSync(markFile, stats.isFIFO() ? constants.R_OK | constants.W_OK : constants.R_OK)
  } catch (error) {
    throw new UserError(`--mark-file ${markFile}: cannot be read: ${getErrorMessage(error)}`)
  }
}

/**
 * Calls back for each line that is added to the file from now on. The file may come later, be truncated or replaced.
 * @returns a function that stops watching
 */
export async function watchMarkFile(path: string, onMark: (label: string) => void): Promise<() => void> {
  const takeLine = limitMarks(line => line.trim() !== '' && onMark(line.trim()))
  const split = createLineSplitter(MAX_LABEL, takeLine)
  if (isFifo(path)) return readFifo(path, split)
  const { watch } = await import('chokidar')
  let offset = getSize(path)
  const readAddition = (): void => {
    const size = getSize(path)
    if (size > offset) split(readPiece(path, offset, Math.min(size - offset, MAX_PIECE)))
    offset = size
  }
  const watcher = watch(path, { ignoreInitial: false, persistent: false })
  watcher.on('add', readAddition).on('change', readAddition)
  watcher.on('unlink', () => {
    offset = 0
  })
  watcher.on('error', () => {}) // no inotify watches left: marks by key still work
  return () => void watcher.close()
}

/** Passes on 20 lines per second at most: a script in a loop must not fill the recording with marks. */
export function limitMarks(take: (line: string) => void): (line: string) => void {
  let second = 0
  let count = 0
  return line => {
    const now = Math.floor(process.uptime())
    count = now === second ? count + 1 : 1
    second = now
    if (count <= MAX_MARKS_PER_SECOND) take(line)
  }
}

function isFifo(path: string): boolean {
  return tryStat(path)?.isFIFO() ?? false
}

function getSize(path: string): number {
  return tryStat(path)?.size ?? 0
}

function readPiece(path: string, position: number, length: number): string {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!fstatSync(file).isFile()) return ''
    const bytes = Buffer.alloc(length)
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, position))
  } catch {
    return '' // it was removed or cannot be read: nothing was marked
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

// Opened for writing too, so that it does not end when a writer does.
function readFifo(path: string, split: (text: string) => void): () => void {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  socket.setEncoding('utf8').on('data', (text: string) => split(text))
  socket.on('error', () => {})
  socket.unref()
  return () => void socket.destroy()
}

/** Watches the mark file of the options, or that of `kmemtop mark`. @returns a function that stops watching */
export const watchMarks = ({ markFile }: MarkFileOptions, onMark: (label: string) => void): Promise<() => void> =>
  watchMarkFile(markFile ?? getDefaultMarkFile(process.env, process.getuid?.() ?? 0), onMark)

/** The same, begun after the first sample, so that the first frame does not wait for it. */
export function watchMarksLater(
  options: MarkFileOptions,
  store: Store,
  source: Pick<LiveSource, 'sendCommand'>,
): () => void {
  let watching: Promise<() => void> | undefined
  const unsubscribe = store.subscribe(() => {
    unsubscribe()
    watching = watchMarks(options, text => source.sendCommand({ type: 'mark', text }))
  })
  return () => {
    unsubscribe()
    void watching?.then(stop => stop())
  }
}
