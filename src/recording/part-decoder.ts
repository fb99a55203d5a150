// Decodes the lines of a part to whole samples, as far as they are proven or can be parsed.

import { crc32 } from 'node:zlib'
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import { UserError } from '../base/errors.ts'
import { appendAll } from '../base/extremes.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import { CHECK_FIELD, computeCrc, decodeLine, type RecordingLine, toHex } from './line-codec.ts'
import type { RecordingPart } from './part.ts'

/** The byte that ends a line of a recording. */
export const NEWLINE = 0x0a
const COMMA = 0x2c

/** Decodes lines, at once or as they are written. */
export class PartDecoder {
  /** number of decoded bytes */
  consumed = 0
  /** number of invalid lines, and the error of the first */
  malformedLines = 0
  firstError: string | undefined
  /** number of samples whose check does not fit */
  alteredSamples = 0
  /** the bound that ended the decoding early */
  exceeded: string | undefined
  private fileCount = 0
  private session: RecordingHeader | undefined
  private begin: number | undefined
  /** whether its header says that check lines follow its samples */
  hasChecks = false
  /** CRC-32 of the lines since the last check line */
  private crc = 0
  private lineNumber = 0
  private readonly maxLines: number
  private readonly keyframe: Reading[] = []
  private readonly readings: Reading[] = []
  private readonly sampleEnds: number[] = []

  constructor(maxLines: number = RECORDING_BOUNDS.partLines) {
    this.maxLines = maxLines
  }

  /** Decodes the next line, without its newline; undefined if it is empty. @throws UserError if it is not a line of a recording */
  decodeNext(bytes: Buffer): RecordingLine | undefined {
    this.lineNumber++
    if (this.lineNumber > this.maxLines) this.exceeded = `more than ${this.maxLines} lines`
    if (isTooLarge(bytes)) throw new UserError(`line ${this.lineNumber}: too large, ${bytes.length} bytes`)
    const text = bytes.toString('utf8').trim()
    if (text === '') return undefined
    const line = decodeLine(text, this.lineNumber)
    if (this.lineNumber === 1) this.hasChecks = text.includes(CHECK_FIELD)
    return line
  }

  /** Decodes lines of a text without a checksum, each with its newline. Counts invalid lines. */
  decodeText(text: Buffer): void {
    for (let at = 0, end = findLineEnd(text, 0); at < text.length; at = end, end = findLineEnd(text, at)) {
      if (this.exceeded !== undefined) return
      try {
        const line = this.decodeNext(text.subarray(at, end))
        const isCheck = line !== undefined && 'crc' in line
        if (isCheck && toHex(this.crc) !== line.crc) this.alteredSamples++
        this.crc = isCheck ? 0 : crc32(text.subarray(at, end), this.crc)
        if (line) this.addLine(line)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        this.malformedLines++
        this.firstError ??= error.message
      }
      this.consumed += end - at
    }
  }

  /** Returns what is decoded so far; its lists grow. */
  getPartial(): RecordingPart {
    const { session, consumed, keyframe, readings, sampleEnds } = this
    return { session, begin: this.begin ?? 0, keyframe, readings, sampleEnds, bytes: consumed }
  }

  /** Returns the decoded part. `proven`: of a text with check lines only what they confirm. */
  buildPart(proven: boolean): RecordingPart {
    const { session, consumed, exceeded } = this
    const sampleEnds = [...this.sampleEnds]
    const isCut = proven && this.hasChecks
    const readings = isCut ? this.readings.slice(0, sampleEnds.at(-1) ?? 0) : this.readings
    const keyframe = isCut && readings.length === 0 ? [] : this.keyframe
    if (!isCut && readings.length > (sampleEnds.at(-1) ?? 0))
      appendAll(sampleEnds, splitSamples(readings, sampleEnds.at(-1) ?? 0, session?.interval ?? 1000))
    const problem = exceeded === undefined ? {} : { problem: `not read to its end: ${exceeded}` }
    const begin = this.begin ?? readings[0]?.time ?? 0
    return { session, begin, keyframe, readings, sampleEnds, bytes: consumed, ...problem }
  }

  addLine(line: RecordingLine): void {
    if ('crc' in line) {
      if (this.readings.length > (this.sampleEnds.at(-1) ?? 0)) this.sampleEnds.push(this.readings.length)
    } else if ('session' in line) {
      this.session ??= line.session
      this.begin ??= line.time
    } else this.addReading(line.reading)
  }

  private addReading(reading: Reading): void {
    for (const _ in reading.files) this.fileCount++
    if (this.fileCount > RECORDING_BOUNDS.partFiles) this.exceeded = `more than ${RECORDING_BOUNDS.partFiles} files`
    if (reading.keyframe) this.addKeyframe(reading)
    else this.readings.push(reading)
  }

  // The keyframe of a collector on a large node is split into several readings.
  private addKeyframe(reading: Reading): void {
    const before = this.keyframe.at(-1)
    const isContinued =
      before?.collector === reading.collector && before.time === reading.time && reading.error === undefined
    if (isContinued) Object.assign(before.files, reading.files)
    else this.keyframe.push(reading)
  }
}

// A text of a megabyte and more may be one of very many short names, each of which costs a hundred bytes of memory.
function isTooLarge(line: Buffer): boolean {
  if (line.length < 2 ** 20) return false
  let commas = 0
  for (let at = line.indexOf(COMMA); at >= 0; at = line.indexOf(COMMA, at + 1)) commas++
  return line.length > RECORDING_BOUNDS.line || commas > RECORDING_BOUNDS.lineCommas
}

function findLineEnd(text: Buffer, at: number): number {
  const newline = text.indexOf(NEWLINE, at)
  return newline < 0 ? text.length : newline + 1
}

/**
 * The lines of a part. `trusted`: its checksum was right; else only what the check lines in it confirm is taken,
 * and of a text whose header promises none all whole lines up to the first that is none.
 * @throws UserError on a trusted text that is no recording
 */
export function decodePartText(text: Buffer, trusted: boolean, maxLines?: number): RecordingPart {
  const decoder = new PartDecoder(maxLines)
  let from = 0 // of what the next check line speaks of
  for (let at = 0; at < text.length; at = decoder.consumed) {
    const newline = text.indexOf(NEWLINE, at)
    if ((newline < 0 && !trusted) || decoder.exceeded !== undefined) break
    const end = newline < 0 ? text.length : newline
    // line by line: as one string all of it would be in memory twice
    const line = tryDecode(decoder, text.subarray(at, end), trusted)
    if (line === null) break
    if (line && 'crc' in line) {
      if (!trusted && computeCrc(text.subarray(from, at)) !== line.crc) break
      from = end + 1
    }
    if (line) decoder.addLine(line)
    decoder.consumed = Math.min(text.length, end + 1)
  }
  return decoder.buildPart(!trusted)
}

function tryDecode(decoder: PartDecoder, line: Buffer, trusted: boolean): RecordingLine | undefined | null {
  try {
    return decoder.decodeNext(line)
  } catch (error) {
    if (trusted || !(error instanceof UserError)) throw error
    return null
  }
}

// Without check lines: groups readings that fell due together. No collector is sampled twice in one sample.
function splitSamples(readings: readonly Reading[], from: number, interval: number): readonly number[] {
  const ends: number[] = []
  let seen = new Set<string>()
  let begun = readings[from]?.time ?? 0
  for (let i = from; i < readings.length; i++) {
    const { collector, time } = readings[i]!
    if (seen.has(collector) || Math.abs(time - begun) > interval / 2) {
      ends.push(i)
      seen = new Set()
      begun = time
    }
    seen.add(collector)
  }
  return [...ends, readings.length]
}
