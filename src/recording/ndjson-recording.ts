// A recording of plain lines: written by hand or by a script, or unpacked. Each header begins a part; other lines are skipped.

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import { parseForeignJson } from '../base/foreign-json.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { ByteSource } from './byte-source.ts'
import type { RecordingPart } from './part.ts'
import { NEWLINE, PartDecoder } from './part-decoder.ts'

const HEADER = Buffer.from('\n{"kmemtop":')
const CHUNK = 2 ** 22

/** Facts about a part that need no decoding. */
export interface NdjsonPart {
  readonly offset: number
  readonly bytes: number
  readonly session: RecordingHeader | undefined
  readonly begin: number
  /** session time of its last reading */
  readonly end: number | undefined
}

/** A finished part. It is kept compressed, because a day of text is more than a gigabyte. */
interface PackedPart extends NdjsonPart {
  readonly packed: Buffer
}

/** The part that new lines are added to. */
interface OpenPart {
  readonly offset: number
  readonly decoder: PartDecoder
  readonly chunks: Buffer[]
  bytes: number
}

/** Reads plain lines as they come. */
export class NdjsonRecording {
  private readonly packedParts: PackedPart[] = []
  private openPart: OpenPart | undefined
  private remainder: Buffer[] = [] // the start of an incomplete line
  private remainderBytes = 0
  private consumed = 0
  private malformedLines = 0
  private alteredSamples = 0
  private firstError: string | undefined

  /** number of bytes so far */
  get size(): number {
    return this.consumed + this.remainderBytes
  }

  /** Reads to the current end, or to a bound. */
  read({ readAt, size }: ByteSource): void {
    while (this.size < size && this.exceeded === undefined) {
      const chunk = readAt(this.size, CHUNK)
      if (chunk.length === 0) break
      this.push(chunk)
    }
    this.finish()
  }

  /** Names the bound that ended the reading. */
  get exceeded(): string | undefined {
    const { openPart } = this
    if (this.packedParts.length >= RECORDING_BOUNDS.parts) return `more than ${RECORDING_BOUNDS.parts} parts`
    if (this.remainderBytes > RECORDING_BOUNDS.line)
      return `a line is longer than ${RECORDING_BOUNDS.line / 2 ** 20} MiB`
    if (openPart && openPart.bytes > RECORDING_BOUNDS.plainPartText)
      return `more than ${RECORDING_BOUNDS.plainPartText / 2 ** 20} MiB under one header`
    return openPart?.decoder.exceeded
  }

  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      const text = Buffer.concat([...this.remainder, chunk.subarray(0, end)])
      this.remainder = []
      this.remainderBytes = 0
      this.addText(text)
    }
    this.remainder.push(Buffer.from(chunk.subarray(end)))
    this.remainderBytes += chunk.length - end
  }

  /** Ends the input: a last line without a newline counts if it is complete, because nothing can follow it. */
  finish(): void {
    const line = Buffer.concat(this.remainder)
    if (!isCompleteLine(line)) return
    this.remainder = []
    this.remainderBytes = 0
    this.addText(line)
  }

  /** Returns the first line as far as it has come, to describe a text that is not a recording. */
  getFirstBytes(): Buffer {
    return this.openPart?.chunks[0] ?? Buffer.concat(this.remainder)
  }

  listParts(): readonly NdjsonPart[] {
    const { openPart } = this
    return openPart
      ? [...this.packedParts, toNdjsonPart(openPart.offset, openPart.decoder.buildPart(false))]
      : this.packedParts
  }

  /** Returns a part by its number. */
  readPart(i: number): RecordingPart {
    const packedPart = this.packedParts[i]
    if (!packedPart) return this.openPart!.decoder.buildPart(false)
    const decoder = new PartDecoder()
    decoder.decodeText(zstdDecompressSync(packedPart.packed))
    return decoder.buildPart(false)
  }

  /** Lists the problems. */
  describeProblems(): readonly string[] {
    const decoder = this.openPart?.decoder
    const malformedLines = this.malformedLines + (decoder?.malformedLines ?? 0)
    const alteredSamples = this.alteredSamples + (decoder?.alteredSamples ?? 0)
    const firstError = this.firstError ?? decoder?.firstError
    const { exceeded, remainderBytes: remainder } = this
    return [
      ...(exceeded === undefined ? [] : [`not read to its end: ${exceeded}`]),
      ...(malformedLines > 0
        ? [`${malformedLines} line${malformedLines > 1 ? 's are' : ' is'} left out: ${firstError}`]
        : []),
      ...(alteredSamples > 0
        ? [`${alteredSamples} sample${alteredSamples > 1 ? 's are' : ' is'} not as recorded: a check does not fit`]
        : []),
      ...(remainder > 0 ? [`${remainder} bytes of text are no lines of a recording: left out`] : []),
    ]
  }

  private addText(text: Buffer): void {
    for (let offset = 0; offset < text.length; ) {
      if (!this.openPart || text.subarray(offset, offset + HEADER.length - 1).equals(HEADER.subarray(1)))
        this.beginPart(this.consumed + offset)
      const next = text.indexOf(HEADER, offset)
      const end = next < 0 ? text.length : next + 1
      const partText = text.subarray(offset, end)
      this.openPart!.decoder.decodeText(partText)
      this.openPart!.chunks.push(partText)
      this.openPart!.bytes += partText.length
      offset = end
    }
    this.consumed += text.length
  }

  private beginPart(offset: number): void {
    if (this.openPart) this.closePart(this.openPart)
    this.openPart = { offset, decoder: new PartDecoder(), chunks: [], bytes: 0 }
  }

  private closePart({ offset, decoder, chunks }: OpenPart): void {
    this.malformedLines += decoder.malformedLines
    this.alteredSamples += decoder.alteredSamples
    this.firstError ??= decoder.firstError
    const packed = zstdCompressSync(Buffer.concat(chunks), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    this.packedParts.push({ ...toNdjsonPart(offset, decoder.buildPart(false)), packed })
  }
}

function toNdjsonPart(offset: number, { session, begin, bytes, readings }: RecordingPart): NdjsonPart {
  return { offset, bytes, session, begin, end: readings.at(-1)?.time }
}

function isCompleteLine(line: Buffer): boolean {
  if (line.length > RECORDING_BOUNDS.line) return false
  try {
    return typeof parseForeignJson(line.toString('utf8')) === 'object'
  } catch {
    return false
  }
}
