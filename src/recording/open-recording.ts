// Opening a recording: a file, a file that grows, or what comes in on a pipe. Says what a thing is when it is no recording.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { zstdDecompressSync } from 'node:zlib'
import { UserError } from '../base/errors.ts'
import { FORMAT_VERSION } from './line-codec.ts'
import { NdjsonRecording } from './ndjson-recording.ts'
import { type ByteSource, buildFromNdjson, parseRecording, type Recording } from './recording.ts'

/** What became of the file: nothing new, more of it, it was cut short, or another one stands in its place. */
export type FileChange = 'same' | 'grown' | 'cut' | 'replaced'

/** A tape with the file it is read from. */
export interface RecordingFile {
  readonly name: string
  /** what is there now; after `refresh` with what was added */
  recording: Recording
  /** looks at the file again */
  refresh(): FileChange
  close(): void
}

/** Opens a recording. @throws UserError when it cannot be read, or is none */
export function openRecording(path: string): RecordingFile {
  const fd = openFile(path)
  try {
    const getByteSource = (): ByteSource => ({ name: path, size: fstatSync(fd).size, readAt: createReader(fd) })
    const open: RecordingFile = {
      name: path,
      recording: requireRecording(getByteSource()),
      refresh: () => {
        const { size, ino } = fstatSync(fd)
        if (size < open.recording.bytes) return 'cut'
        if (size === open.recording.bytes)
          return statSync(path, { throwIfNoEntry: false })?.ino === ino ? 'same' : 'replaced'
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

/** A recording that is in memory. @throws UserError */
export function openBuffer(name: string, all: Buffer): RecordingFile {
  const readAt = (offset: number, length: number): Buffer => all.subarray(offset, offset + length)
  return {
    name,
    recording: requireRecording({ name, size: all.length, readAt }),
    refresh: () => 'same',
    close: () => {},
  }
}

/** All of a stream, to its end: packed or not. Text is packed as it comes. @throws UserError */
export async function openStream(stream: NodeJS.ReadableStream): Promise<RecordingFile> {
  const name = 'standard input'
  const chunks: Buffer[] = []
  let text: NdjsonRecording | undefined
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (chunks.length === 0 && !text && chunk[0] === '{'.charCodeAt(0)) text = new NdjsonRecording()
    if (text) text.push(chunk)
    else chunks.push(chunk)
  }
  text?.finish()
  const recording = text && buildFromNdjson(text)
  if (recording) return { name, recording, refresh: () => 'same', close: () => {} }
  return openBuffer(name, text ? text.getFirstBytes() : Buffer.concat(chunks))
}

function openFile(path: string): number {
  try {
    const fd = openSync(path, 'r')
    if (!fstatSync(fd).isDirectory()) return fd
    closeSync(fd)
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as Error).message}`)
  }
  throw new UserError(`${path} is a directory; name one of the recordings in it`)
}

const createReader =
  (fd: number) =>
  (offset: number, length: number): Buffer => {
    const size = Math.max(0, Math.min(length, fstatSync(fd).size - offset))
    const chunk = Buffer.allocUnsafe(size)
    let filled = 0
    while (filled < size) {
      const count = readSync(fd, chunk, filled, size - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    return chunk.subarray(0, filled)
  }

function requireRecording(bytes: ByteSource): Recording {
  const recording = parseRecording(bytes)
  if (recording) return recording
  throw new UserError(`${bytes.name} is no recording of kmemtop: ${describeContent(bytes)}`)
}

/** Words for what is not a recording, from its beginning. */
function describeContent({ size, readAt }: ByteSource): string {
  if (size === 0) return 'it is empty'
  const head = readAt(0, 4096)
  const text = head.toString('latin1')
  if (head.readUIntBE(0, Math.min(2, head.length)) === 0x1f8b) return 'it is a gzip file; unpack it first'
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return describeZstdContent(readAt(0, size))
  const version = /^\{"kmemtop":\s*([^,}]+)/.exec(text)?.[1]
  if (version !== undefined && version !== String(FORMAT_VERSION)) return describeVersion(version)
  if (/^\s*(?:\{|\[\s*-?\d[\d.]*\s*,)/.test(text)) return 'its first line is no header {"kmemtop":1,…}'
  return /[^\x20-\x7e\s]/.test(text.slice(0, 512)) ? 'it is some other kind of binary file' : OTHER_TEXT
}

const OTHER_TEXT = 'it is some other text; saved logs are read by kmemtop analyze, and by replay as a file'

const describeVersion = (version: string): string =>
  `it has format ${version.slice(0, 20)}, this kmemtop reads format ${FORMAT_VERSION}; a newer kmemtop may read it`

function describeZstdContent(all: Buffer): string {
  try {
    const text = zstdDecompressSync(all.subarray(0, 1 << 20), { finishFlush: 0, maxOutputLength: 1 << 26 }).toString(
      'utf8',
    )
    const version = /^\{"kmemtop":\s*([^,}]+)/.exec(text)?.[1]
    if (version !== undefined && version !== String(FORMAT_VERSION)) return describeVersion(version)
    return text === '' ? 'nothing of it can be unpacked' : 'it is a zstd file of something else'
  } catch {
    return 'it is a zstd file that is damaged at its beginning'
  }
}
