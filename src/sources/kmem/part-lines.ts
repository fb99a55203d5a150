// The lines of a part, decoded: whole looks of readings, as far as they are proven or can be understood.
import { crc32 } from 'node:zlib'
import { UserError } from '../../base/errors.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Reading } from '../../history.ts'
import { CHECKED, crcOf, decodeLine, hex, type Line } from './lines.ts'
import type { Part } from './part.ts'

export const NEWLINE = 0x0a

/** Takes lines, in one go or as they are written. */
export class PartLines {
  /** bytes that were taken */
  taken = 0
  /** lines that are none of a recording, and what the first was expected to be */
  strange = 0
  complaint: string | undefined
  /** looks that are not as they were recorded: their check does not fit */
  altered = 0
  private session: RecordingHeader | undefined
  private begin: number | undefined
  private checked = false
  /** CRC-32 of the lines since the last check line */
  private sum = 0
  private number = 0
  private readonly keyframe: Reading[] = []
  private readonly readings: Reading[] = []
  private readonly looks: number[] = []

  /** The next line, without its newline; undefined for an empty one. @throws UserError when it is none of a recording */
  decode(text: string): Line | undefined {
    this.number++
    if (text.trim() === '') return undefined
    const line = decodeLine(text, this.number)
    if (this.number === 1) this.checked = text.includes(CHECKED)
    return line
  }

  /** Lines of a text that nobody vouches for, each with its newline: what is none of a recording is left out and counted. */
  plain(text: Buffer): void {
    for (let at = 0, end = lineEnd(text, 0); at < text.length; at = end, end = lineEnd(text, at)) {
      try {
        const line = this.decode(text.toString('utf8', at, end).trim())
        const isCheck = line !== undefined && 'crc' in line
        if (isCheck && hex(this.sum) !== line.crc) this.altered++
        this.sum = isCheck ? 0 : crc32(text.subarray(at, end), this.sum)
        if (line) this.add(line)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        this.strange++
        this.complaint ??= error.message
      }
      this.taken += end - at
    }
  }

  /** What came. `proven`: of a text with check lines only what they confirm. */
  part(proven: boolean): Part {
    const { session, taken } = this
    const looks = [...this.looks]
    const isCut = proven && this.checked
    const readings = isCut ? this.readings.slice(0, looks.at(-1) ?? 0) : this.readings
    const keyframe = isCut && readings.length === 0 ? [] : this.keyframe
    if (!isCut && readings.length > (looks.at(-1) ?? 0))
      looks.push(...looksOf(readings, looks.at(-1) ?? 0, session?.interval ?? 1000))
    return { session, begin: this.begin ?? readings[0]?.time ?? 0, keyframe, readings, looks, bytes: taken }
  }

  add(line: Line): void {
    if ('crc' in line) {
      if (this.readings.length > (this.looks.at(-1) ?? 0)) this.looks.push(this.readings.length)
    } else if ('session' in line) {
      this.session ??= line.session
      this.begin ??= line.time
    } else if (line.reading.keyframe) this.addKeyframe(line.reading)
    else this.readings.push(line.reading)
  }

  // What a collector of a large node said stands in several readings.
  private addKeyframe(reading: Reading): void {
    const before = this.keyframe.at(-1)
    const goesOn =
      before?.collector === reading.collector && before.time === reading.time && reading.error === undefined
    if (goesOn) Object.assign(before.files, reading.files)
    else this.keyframe.push(reading)
  }
}

function lineEnd(text: Buffer, at: number): number {
  const newline = text.indexOf(NEWLINE, at)
  return newline < 0 ? text.length : newline + 1
}

/**
 * The lines of a part. `trusted`: its checksum was right; else only what the check lines in it confirm is taken,
 * and of a text whose header promises none all whole lines up to the first that is none.
 * @throws UserError on a trusted text that is no recording
 */
export function decodeLines(text: Buffer, trusted: boolean): Part {
  const lines = new PartLines()
  let from = 0 // of what the next check line speaks of
  for (let at = 0; at < text.length; at = lines.taken) {
    const newline = text.indexOf(NEWLINE, at)
    if (newline < 0 && !trusted) break
    const end = newline < 0 ? text.length : newline
    // line by line: as one string all of it would be there twice
    const line = lineOf(lines, text.toString('utf8', at, end), trusted)
    if (line === null) break
    if (line && 'crc' in line) {
      if (!trusted && crcOf(text.subarray(from, at)) !== line.crc) break
      from = end + 1
    }
    if (line) lines.add(line)
    lines.taken = Math.min(text.length, end + 1)
  }
  return lines.part(!trusted)
}

function lineOf(lines: PartLines, text: string, trusted: boolean): Line | undefined | null {
  try {
    return lines.decode(text)
  } catch (error) {
    if (trusted || !(error instanceof UserError)) throw error
    return null
  }
}

// Without check lines: readings that fell due together. No collector looks twice in one look.
function looksOf(readings: readonly Reading[], from: number, interval: number): readonly number[] {
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
