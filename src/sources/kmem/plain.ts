// Plain lines: a recording by hand, by a script, or unpacked. Each header begins a part; what is no line of a recording is left out.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Part } from './part.ts'
import { NEWLINE, PartLines } from './part-lines.ts'
import type { Bytes } from './tape.ts'

const HEADER = Buffer.from('\n{"kmemtop":')
const CHUNK = 2 ** 22

/** A part as it is known without being decoded again. */
export interface PlainPart {
  readonly offset: number
  readonly bytes: number
  readonly session: RecordingHeader | undefined
  readonly begin: number
  /** session time of its last reading */
  readonly end: number | undefined
}

/** A part that no more lines are added to: packed, for a day of text is more than a gigabyte. */
interface Closed extends PlainPart {
  readonly packed: Buffer
}

/** The part that lines are added to. */
interface Open {
  readonly offset: number
  readonly lines: PartLines
  readonly chunks: Buffer[]
}

/** Takes plain lines as they come. */
export class PlainText {
  private readonly closed: Closed[] = []
  private open: Open | undefined
  private rest: Buffer = Buffer.alloc(0) // of a line that is not whole yet
  private taken = 0
  private strange = 0
  private altered = 0
  private complaint: string | undefined

  /** bytes that came */
  get size(): number {
    return this.taken + this.rest.length
  }

  /** Reads on to the end of what is there. */
  read({ readAt, size }: Bytes): void {
    while (this.size < size) {
      const chunk = readAt(this.size, CHUNK)
      if (chunk.length === 0) break
      this.push(chunk)
    }
    this.finish()
  }

  push(chunk: Buffer): void {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk
    const end = all.lastIndexOf(NEWLINE) + 1
    this.rest = Buffer.from(all.subarray(end))
    if (end > 0) this.take(all.subarray(0, end))
  }

  /** Nothing more is there now: a last line without its newline is one when it is whole, for nothing can follow it. */
  finish(): void {
    if (!isWhole(this.rest)) return
    const line = this.rest
    this.rest = Buffer.alloc(0)
    this.take(line)
  }

  /** The first line, or what there is of one: it tells what a text is that is no recording. */
  firstBytes(): Buffer {
    return this.open?.chunks[0] ?? this.rest
  }

  parts(): readonly PlainPart[] {
    const { open } = this
    return open ? [...this.closed, summed(open.offset, open.lines.part(false))] : this.closed
  }

  /** A part by its number. */
  part(i: number): Part {
    const closed = this.closed[i]
    if (!closed) return this.open!.lines.part(false)
    const lines = new PartLines()
    lines.plain(zstdDecompressSync(closed.packed))
    return lines.part(false)
  }

  /** What is wrong, in words. */
  problems(): readonly string[] {
    const lines = this.open?.lines
    const strange = this.strange + (lines?.strange ?? 0)
    const altered = this.altered + (lines?.altered ?? 0)
    const complaint = this.complaint ?? lines?.complaint
    const rest = this.rest.length
    return [
      ...(strange > 0 ? [`${strange} line${strange > 1 ? 's are' : ' is'} left out: ${complaint}`] : []),
      ...(altered > 0 ? [`${altered} look${altered > 1 ? 's are' : ' is'} not as recorded: a check does not fit`] : []),
      ...(rest > 0 ? [`${rest} bytes of text are no lines of a recording: left out`] : []),
    ]
  }

  private take(text: Buffer): void {
    for (let at = 0; at < text.length; ) {
      if (!this.open || text.subarray(at, at + HEADER.length - 1).equals(HEADER.subarray(1)))
        this.begin(this.taken + at)
      const next = text.indexOf(HEADER, at)
      const end = next < 0 ? text.length : next + 1
      const own = text.subarray(at, end)
      this.open!.lines.plain(own)
      this.open!.chunks.push(own)
      at = end
    }
    this.taken += text.length
  }

  private begin(offset: number): void {
    if (this.open) this.close(this.open)
    this.open = { offset, lines: new PartLines(), chunks: [] }
  }

  private close({ offset, lines, chunks }: Open): void {
    this.strange += lines.strange
    this.altered += lines.altered
    this.complaint ??= lines.complaint
    const packed = zstdCompressSync(Buffer.concat(chunks), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    this.closed.push({ ...summed(offset, lines.part(false)), packed })
  }
}

function summed(offset: number, { session, begin, bytes, readings }: Part): PlainPart {
  return { offset, bytes, session, begin, end: readings.at(-1)?.time }
}

function isWhole(line: Buffer): boolean {
  try {
    return typeof JSON.parse(line.toString('utf8')) === 'object'
  } catch {
    return false
  }
}
