// Opens saved files of any kind: compressed (gzip, zstd, xz, bzip2), in a tarball, in a folder, on stdin.
import { spawn } from 'node:child_process'
import { createReadStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { extract } from 'tar-stream'
import { UserError } from '../../../base/errors.ts'
import { wrapPathError } from './find-files.ts'
import { readFifo } from './read-fifo.ts'

/** A text to read, not yet read. Its bytes come in pieces; they may end with an error when it is damaged. */
export interface TextStream {
  /** path as the user knows it; of a file in a tarball `sos.tar.xz:var/log/messages` */
  readonly name: string
  /** milliseconds since 1970, of its last change: the year of stamps that have none */
  readonly modifiedAt: number
  readonly size: number | null
  readonly pieces: AsyncIterable<Buffer>
}

// Small, so that the text of a piece is young garbage: pieces of a megabyte let the heap grow by hundreds.
const PIECE = 64 * 1024

/** A file as it is on disk, packed or not. `-` is stdin. */
export function openFile(path: string, now: number): TextStream {
  if (path === '-')
    return { name: 'stdin', modifiedAt: now, size: null, pieces: process.stdin as AsyncIterable<Buffer> }
  const stat = wrapPathError(path, () => statSync(path))
  const { mtimeMs, size } = stat
  const pieces = stat.isFIFO() ? readFifo(path) : createReadStream(path, { highWaterMark: PIECE })
  return { name: path, modifiedAt: mtimeMs, size, pieces }
}

/**
 * The texts in a file: one, or those of a tarball, unpacked as often as needed. Each must be read to its end before the
 * next is asked for. `onRead` gets the number of bytes read from disk. From a tarball only wanted names are unpacked.
 */
export async function* extractTexts(
  member: TextStream,
  onRead: (bytes: number) => void = () => {},
  isWanted: (name: string) => boolean = () => true,
): AsyncGenerator<TextStream> {
  const counted = countBytes(member.pieces, onRead)
  yield* unpackText({ ...member, pieces: counted }, isWanted)
}

async function* countBytes(pieces: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    onRead(piece.length)
    yield piece
  }
}

async function* unpackText(
  member: TextStream,
  isWanted: (name: string) => boolean,
  depth = 0,
): AsyncGenerator<TextStream> {
  const { head, pieces } = await peekHead(member.pieces)
  const compression =
    depth < 3 ? COMPRESSIONS.find(({ magic }) => head.subarray(0, magic.length).equals(magic)) : undefined
  if (compression)
    yield* unpackText(
      { ...member, size: null, pieces: compression.decompress(pieces, member.name) },
      isWanted,
      depth + 1,
    )
  else if (head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar')
    yield* extractTar({ ...member, pieces }, isWanted, depth)
  else {
    const encoding = detectUtf16(head)
    yield { ...member, pieces: encoding === undefined ? pieces : convertToUtf8(pieces, encoding) }
  }
}

// Windows saves a terminal's output as UTF-16, with a byte order mark or without
function detectUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const bom = head.toString('hex', 0, 2)
  if (bom === 'fffe') return 'utf-16le'
  if (bom === 'feff') return 'utf-16be'
  const [even, odd] = [0, 1].map(from => head.subarray(0, 64).filter((byte, i) => i % 2 === from && byte === 0).length)
  if (head.length < 64 || even! + odd! > 36) return undefined // zeros alone are of a torn file
  if (odd! > 28) return 'utf-16le'
  return even! > 28 ? 'utf-16be' : undefined
}

async function* convertToUtf8(
  pieces: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }))
}

// The first bytes, and all of them again.
async function peekHead(pieces: AsyncIterable<Buffer>): Promise<{ head: Buffer; pieces: AsyncIterable<Buffer> }> {
  const iterator = pieces[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let length = 0
  while (length < 512) {
    const { value, done } = await iterator.next()
    if (done) break
    first.push(value)
    length += value.length
  }
  async function* readAgain(): AsyncGenerator<Buffer> {
    yield* first
    for (;;) {
      const { value, done } = await iterator.next()
      if (done) return
      yield value
    }
  }
  return { head: Buffer.concat(first), pieces: readAgain() }
}

interface Compression {
  readonly magic: Buffer
  decompress(pieces: AsyncIterable<Buffer>, name: string): AsyncIterable<Buffer>
}

const COMPRESSIONS: readonly Compression[] = [
  { magic: Buffer.from('1f8b', 'hex'), decompress: pieces => pipeThrough(pieces, createGunzip({ chunkSize: PIECE })) },
  {
    magic: Buffer.from('28b52ffd', 'hex'),
    decompress: pieces => pipeThrough(pieces, createZstdDecompress({ chunkSize: PIECE })),
  },
  { magic: Buffer.from('fd377a585a00', 'hex'), decompress: (pieces, name) => decompressByProgram('xz', pieces, name) },
  { magic: Buffer.from('BZh'), decompress: (pieces, name) => decompressByProgram('bzip2', pieces, name) },
]

function pipeThrough(pieces: AsyncIterable<Buffer>, unpacker: NodeJS.ReadWriteStream): AsyncIterable<Buffer> {
  const source = Readable.from(pieces)
  source.on('error', error => (unpacker as unknown as Readable).destroy(error))
  return source.pipe(unpacker) as unknown as AsyncIterable<Buffer>
}

// No kept-up library unpacks these two as a stream; every node and every laptop has the programs.
async function* decompressByProgram(
  program: string,
  pieces: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errorText = ''
  child.stderr.on('data', (text: Buffer) => {
    errorText = (errorText + text.toString()).slice(0, 300)
  })
  const failure = new Promise<string | undefined>(resolve => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT' ? `needs the program ${program} to be unpacked, which is not here` : error.message,
      ),
    )
    child.once('close', code => resolve(code === 0 ? undefined : errorText.trim() || `${program} ended with ${code}`))
  })
  child.stdin.on('error', () => {}) // it says itself on stderr what is wrong
  Readable.from(pieces).pipe(child.stdin)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
  } finally {
    child.kill()
  }
  const problem = await failure
  if (problem !== undefined) throw new UserError(problem.replace(`${name}: `, ''))
}

async function* extractTar(
  tarball: TextStream,
  isWanted: (name: string) => boolean,
  depth: number,
): AsyncGenerator<TextStream> {
  const unpacker = Readable.from(tarball.pieces).pipe(extract())
  for await (const entry of unpacker) {
    const { mtime, size, type } = entry.header
    const name = `${tarball.name}:${entry.header.name}`
    if (type === 'file' && isWanted(name)) {
      const member = { name, modifiedAt: mtime?.getTime() ?? tarball.modifiedAt, size: size ?? null }
      yield* unpackText({ ...member, pieces: entry as unknown as AsyncIterable<Buffer> }, isWanted, depth)
    }
    entry.resume()
  }
}
