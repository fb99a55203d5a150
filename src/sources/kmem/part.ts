// Part: one data frame of a recording, decoded and verified. What is damaged in it is left out and named.
import { constants, zstdDecompressSync } from 'node:zlib'
import { UserError } from '../../base/errors.ts'
import type { Session } from '../../collectors/collector.ts'
import type { Reading } from '../../history.ts'
import { type Frame, walkFrames } from './frames.ts'
import { CHECKED, crcOf, decodeLine, type Line } from './lines.ts'

/** What a frame holds. Readings in their order; the keyframe stands apart. */
export interface Part {
  /** undefined: the frame does not begin with a header */
  readonly session: Session | undefined
  /** session time of the header */
  readonly begin: number
  readonly keyframe: readonly Reading[]
  readonly readings: readonly Reading[]
  /** ends of the flushed looks, as counts of readings */
  readonly looks: readonly number[]
  /** length of its text, as far as it was read */
  readonly bytes: number
  /** what is wrong with it */
  readonly problem?: string
}

const LARGEST = 1 << 30

/** Decodes a frame. Never throws: a frame of which nothing can be read is an empty part with a problem. */
export function decodeFrame(bytes: Buffer, frame: Pick<Frame, 'whole' | 'blocks'>): Part {
  if (frame.whole) {
    try {
      return decodeText(textOf(zstdDecompressSync(bytes, { maxOutputLength: LARGEST })), true)
    } catch (error) {
      if (error instanceof UserError) return { ...decodeText('', true), problem: error.message }
    }
  }
  const { text, isTorn } = salvage(bytes, frame.blocks.length > 0 ? frame.blocks : blocksOf(bytes))
  return { ...decodeText(text, false), ...(isTorn && !frame.whole ? {} : { problem: 'damaged' }) }
}

const textOf = (bytes: Buffer): string => bytes.toString('utf8')
const lenient = { finishFlush: constants.ZSTD_e_continue, maxOutputLength: LARGEST }

/** The header that a frame begins with, from its first block; undefined when it has none that can be read. */
export function headerOf(block: Buffer): { readonly session: Session; readonly begin: number } | undefined {
  try {
    const text = textOf(zstdDecompressSync(block, lenient))
    const line = decodeLine(text.slice(0, text.indexOf('\n')), 1)
    return 'session' in line ? { session: line.session, begin: line.time } : undefined
  } catch {
    return undefined
  }
}

/** As much text as comes out: all of a torn frame, of a damaged one what stands before the damage. */
function salvage(bytes: Buffer, blocks: readonly number[]): { readonly text: string; readonly isTorn: boolean } {
  const attempt = (end: number): string | undefined => {
    try {
      return textOf(zstdDecompressSync(bytes.subarray(0, end), lenient))
    } catch {
      return undefined
    }
  }
  const torn = blocks.length === 0 || bytes.length < (blocks.at(-1) ?? 0) + 4 ? attempt(bytes.length) : undefined
  if (torn !== undefined) return { text: torn, isTorn: true }
  let [good, bad] = [0, blocks.length + 1] // the text of `good` blocks comes out, of `bad` it does not
  let text = ''
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const came = attempt(blocks[middle - 1]!)
    if (came === undefined) bad = middle
    else [good, text] = [middle, came]
  }
  return { text, isTorn: false }
}

const blocksOf = (bytes: Buffer): readonly number[] => {
  const readAt = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length)
  return walkFrames(readAt, bytes.length).next().value?.blocks ?? []
}

/**
 * The lines of a part. `trusted`: its checksum was right; else only what the check lines in it confirm is taken,
 * and of a text whose header promises none all whole lines.
 * @throws UserError on a trusted text that is no recording
 */
export function decodeText(text: string, trusted: boolean): Part {
  const builder = new PartBuilder()
  const checked = !trusted && text.slice(0, text.indexOf('\n')).includes(CHECKED)
  let from = 0 // of what the next check line speaks of
  let number = 0
  let at = 0
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    if (end < 0 && !trusted) break
    const line = text.slice(at, end < 0 ? text.length : end)
    number++
    const value = line === '' ? undefined : lineOf(line, number, trusted)
    if (value === null) break
    if (value && 'crc' in value) {
      if (!trusted && crcOf(text.slice(from, at)) !== value.crc) break
      from = end + 1
    }
    if (value) builder.add(value)
    at = end < 0 ? text.length : end + 1
  }
  return builder.part(at, checked)
}

// An untrusted text ends at the first line that is none.
function lineOf(line: string, number: number, trusted: boolean): Line | null {
  try {
    return decodeLine(line, number)
  } catch (error) {
    if (trusted || !(error instanceof UserError)) throw error
    return null
  }
}

class PartBuilder {
  private session: Session | undefined
  private begin: number | undefined
  private readonly keyframe: Reading[] = []
  private readonly readings: Reading[] = []
  private readonly looks: number[] = []

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

  /** `checked`: readings after the last look are not confirmed. */
  part(bytes: number, checked: boolean): Part {
    const { session, looks } = this
    const readings = checked ? this.readings.slice(0, looks.at(-1) ?? 0) : this.readings
    const keyframe = checked && readings.length === 0 ? [] : this.keyframe
    if (!checked && readings.length > (looks.at(-1) ?? 0)) looks.push(...looksOf(readings, looks.at(-1) ?? 0))
    return { session, begin: this.begin ?? readings[0]?.time ?? 0, keyframe, readings, looks, bytes }
  }
}

// Without check lines: readings that fell due together. No collector looks twice in one look.
function looksOf(readings: readonly Reading[], from: number): readonly number[] {
  const ends: number[] = []
  let seen = new Set<string>()
  for (let i = from; i < readings.length; i++) {
    const { collector } = readings[i]!
    if (seen.has(collector)) {
      ends.push(i)
      seen = new Set()
    }
    seen.add(collector)
  }
  return [...ends, readings.length]
}
