// Opens a recording: a file, a growing file, or a pipe. Describes content that is not a recording.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import { getErrorMessage, UserError } from '../base/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { describeContent } from './describe-content.ts'
import { NdjsonRecording } from './ndjson-recording.ts'
import { buildFromNdjson, parseRecording, type Recording } from './recording.ts'
import { tryStat } from './try-stat.ts'

/** How the file changed: not at all, it grew, it was truncated, or another file replaced it. */
export type FileChange = 'same' | 'grown' | 'cut' | 'replaced'

/** A recording with the file it is read from. */
export interface RecordingFile {
  readonly name: string
  /** the recording as of the last `refresh` */
  recording: Recording
  /** checks the file for changes */
  refresh(): FileChange
  close(): void
}

/** Opens a recording. @throws UserError if it cannot be read or is not one */
export function openRecording(path: string): RecordingFile {
  const fd = openFile(path)
  try {
    let facts = statOpenFile(fd, { size: 0, ino: 0 })
    const getByteSource = (): ByteSource => ({ name: path, size: facts.size, readAt: createReader(fd, facts.size) })
    const open: RecordingFile = {
      name: path,
      recording: requireRecording(getByteSource()),
      refresh: () => {
        facts = statOpenFile(fd, facts)
        const { size, ino } = facts
        if (size < open.recording.bytes) return 'cut'
        if (size === open.recording.bytes) return tryStat(path)?.ino === ino ? 'same' : 'replaced'
        open.recording = open.recording.extend(getByteSource()) ?? open.recording
        return 'grown'
      },
      close: () => closeSync(fd),
    }
    return open
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Opens a recording that is in memory. @throws UserError */
export function openBuffer(name: string, all: Buffer): RecordingFile {
  const readAt = (offset: number, length: number): Buffer => all.subarray(offset, offset + length)
  return {
    name,
    recording: requireRecording({ name, size: all.length, readAt }),
    refresh: () => 'same',
    close: () => {},
  }
}

/**
 * Reads a stream to its end, compressed or not. Text is compressed as it comes. Content that cannot be a recording is refused after
 * its first bytes.
 * @throws UserError
 */
export async function openStream(stream: NodeJS.ReadableStream): Promise<RecordingFile> {
  const name = 'standard input'
  const chunks: Buffer[] = []
  let bytes = 0
  let text: NdjsonRecording | undefined
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes === 0 && chunk[0] === '{'.charCodeAt(0)) text = new NdjsonRecording()
    bytes += chunk.length
    if (text) text.push(chunk)
    else chunks.push(chunk)
    if (text?.exceeded !== undefined || (!text && bytes >= 4 && !isZstd(chunks))) break
    if (!text && bytes > RECORDING_BOUNDS.packedStream)
      throw new UserError(
        `${name} is longer than ${RECORDING_BOUNDS.packedStream / 2 ** 20} MiB: save it to a file and open that`,
      )
  }
  text?.finish()
  const recording = text && buildFromNdjson(text)
  if (recording) return { name, recording, refresh: () => 'same', close: () => {} }
  return openBuffer(name, text ? text.getFirstBytes() : Buffer.concat(chunks))
}

// The magic number of a zstd frame or of a skippable one: both contain bytes that no text has.
function isZstd(chunks: readonly Buffer[]): boolean {
  const magic = Buffer.concat(chunks.slice(0, 4)).readUInt32LE(0)
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5
}

function openFile(path: string): number {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // a FIFO without a writer would block for ever
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${getErrorMessage(error)}`)
  }
  const stat = statOpened(path, fd)
  if (stat.isFile()) return fd
  closeSync(fd)
  if (stat.isDirectory()) throw new UserError(`${path} is a directory; name one of the recordings in it`)
  throw new UserError(`${path} is no regular file; save it to a file, or pipe it in and name - as the file`)
}

function statOpened(path: string, fd: number): Stats {
  try {
    return fstatSync(fd)
  } catch (error) {
    closeSync(fd)
    throw new UserError(`cannot read ${path}: ${getErrorMessage(error)}`)
  }
}

const MAX_READ_ATTEMPTS = 3

// Bytes that the disk cannot read are missing: their part is damaged, and the rest plays.
const createReader =
  (fd: number, size: number) =>
  (offset: number, length: number): Buffer => {
    const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)))
    let filled = 0
    for (let failures = 0; filled < chunk.length && failures < MAX_READ_ATTEMPTS; ) {
      try {
        const count = readSync(fd, chunk, filled, chunk.length - filled, offset + filled)
        if (count === 0) break
        filled += count
      } catch {
        failures++
      }
    }
    return chunk.subarray(0, filled)
  }

/** Returns size and inode, or the last known ones if the disk does not answer. */
function statOpenFile(fd: number, before: FileFacts): FileFacts {
  try {
    const { size, ino } = fstatSync(fd)
    return { size, ino }
  } catch {
    return before
  }
}

interface FileFacts {
  readonly size: number
  readonly ino: number
}

function requireRecording(bytes: ByteSource): Recording {
  const recording = parseRecording(bytes)
  if (recording) return recording
  throw new UserError(`${bytes.name} is no recording of kmemtop: ${describeContent(bytes)}`)
}
