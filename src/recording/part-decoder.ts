// The lines of a part, decoded: whole looks of readings, as far as they are proven or can be understood.
import { crc32 } from 'node:zlib'
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import { CHECK_FIELD, computeCrc, decodeLine, type RecordingLine, toHex } from './line-codec.ts'
import type { RecordingPart } from './recording-part.ts'

export const NEWLINE = 0x0a

/** Takes lines, in one go or as they are written. */
export class PartDecoder {
  /** bytes that were taken */
  consumed = 0
  /** lines that are none of a recording, and what the first was expected to be */
  malformedLines = 0
  firstError: string | undefined
  /** looks that are not as they were recorded: their check does not fit */
  alteredSamples = 0
  private session: RecordingHeader | undefined
  private begin: number | undefined
  private hasChecks = false
  /** CRC-32 of the lines since the last check line */
  private crc = 0
  private lineNumber = 0
  private readonly keyframe: Reading[] = []
  private readonly readings: Reading[] = []
  private readonly sampleEnds: number[] = []

  /** The next line, without its newline; undefined for an empty one. @throws UserError when it is none of a recording */
  decodeNext(text: string): RecordingLine | undefined {
    this.lineNumber++
    if (text.trim() === '') return undefined
    const line = decodeLine(text, this.lineNumber)
    if (this.lineNumber === 1) this.hasChecks = text.includes(CHECK_FIELD)
    return line
  }

  /** Lines of a text that nobody vouches for, each with its newline: what is none of a recording is left out and counted. */
  decodeText(text: Buffer): void {
    for (let at = 0, end = findLineEnd(text, 0); at < text.length; at = end, end = findLineEnd(text, at)) {
      try {
        const line = this.decodeNext(text.toString('utf8', at, end).trim())
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

  /** What came. `proven`: of a text with check lines only what they confirm. */
  buildPart(proven: boolean): RecordingPart {
    const { session, consumed } = this
    const sampleEnds = [...this.sampleEnds]
    const isCut = proven && this.hasChecks
    const readings = isCut ? this.readings.slice(0, sampleEnds.at(-1) ?? 0) : this.readings
    const keyframe = isCut && readings.length === 0 ? [] : this.keyframe
    if (!isCut && readings.length > (sampleEnds.at(-1) ?? 0))
      sampleEnds.push(...splitSamples(readings, sampleEnds.at(-1) ?? 0, session?.interval ?? 1000))
    return { session, begin: this.begin ?? readings[0]?.time ?? 0, keyframe, readings, sampleEnds, bytes: consumed }
  }

  addLine(line: RecordingLine): void {
    if ('crc' in line) {
      if (this.readings.length > (this.sampleEnds.at(-1) ?? 0)) this.sampleEnds.push(this.readings.length)
    } else if ('session' in line) {
      this.session ??= line.session
      this.begin ??= line.time
    } else if (line.reading.keyframe) this.addKeyframe(line.reading)
    else this.readings.push(line.reading)
  }

  // What a collector of a large node said stands in several readings.
  private addKeyframe(reading: Reading): void {
    const before = this.keyframe.at(-1)
    const isContinued =
      before?.collector === reading.collector && before.time === reading.time && reading.error === undefined
    if (isContinued) Object.assign(before.files, reading.files)
    else this.keyframe.push(reading)
  }
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
export function decodePartText(text: Buffer, trusted: boolean): RecordingPart {
  const decoder = new PartDecoder()
  let from = 0 // of what the next check line speaks of
  for (let at = 0; at < text.length; at = decoder.consumed) {
    const newline = text.indexOf(NEWLINE, at)
    if (newline < 0 && !trusted) break
    const end = newline < 0 ? text.length : newline
    // line by line: as one string all of it would be there twice
    const line = tryDecode(decoder, text.toString('utf8', at, end), trusted)
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

function tryDecode(decoder: PartDecoder, text: string, trusted: boolean): RecordingLine | undefined | null {
  try {
    return decoder.decodeNext(text)
  } catch (error) {
    if (trusted || !(error instanceof UserError)) throw error
    return null
  }
}

// Without check lines: readings that fell due together. No collector looks twice in one look.
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
