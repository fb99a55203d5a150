// Recordings as they are found: whole, killed, cut at any byte, with flipped bits, put one after the other, packed by others.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import type { Reading } from '../../src/history.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer } from '../../src/recording/open-recording.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { walkFrames } from '../../src/recording/zstd-frames.ts'
import { session } from '../fixtures.ts'
import { pickCases } from '../full.ts'
import { createRandom } from '../seeded-random.ts'
import { encodeRecording, generateSamples } from './recordings.ts'

const samples = generateSamples(45)
const readings = samples.flat()
let bytes: Buffer

beforeAll(async () => {
  bytes = await encodeRecording(samples)
})

const open = (buffer: Buffer): Recording => openBuffer('test', buffer).recording
const allOf = (tape: Recording): readonly Reading[] => tape.parts.flatMap((_, i) => tape.readPart(i).readings)

test('what was recorded comes back, reading for reading', () => {
  const tape = open(bytes)
  expect(tape.session).toEqual(session)
  expect(tape).toMatchObject({ complete: true, problems: [] })
  expect(tape.parts.map(({ begin }) => begin)).toEqual([0, 10_000, 20_000, 30_000, 40_000])
  expect(allOf(tape)).toEqual(readings)
  expect(tape.parts.map((_, i) => tape.readPart(i).sampleEnds.length)).toEqual([10, 10, 10, 10, 5])
})

test('each later part begins with all that was known: a keyframe', () => {
  const tape = open(bytes)
  const { keyframe } = tape.readPart(2)
  const files = Object.keys(keyframe.find(({ collector }) => collector === 'cgroups')!.files)
  expect(files).toContain('/sys/fs/cgroup/pod-2/memory.current')
  expect(files.filter(path => path.includes('pod-1'))).toEqual([]) // it had vanished
  expect(keyframe.every(({ keyframe: is, time }) => is && time < 20_000)).toBe(true)
})

test('one whose recorder was killed is found by walking', async () => {
  const killed = await encodeRecording(samples, { trailer: false })
  const tape = open(killed)
  expect(tape).toMatchObject({ complete: false, problems: [] })
  expect(tape.parts.map(({ summary }) => summary?.end)).toEqual([9002, 19_002, 29_002, 39_002, undefined])
  expect(allOf(tape)).toEqual(readings)
})

test('plain lines, and lines packed as one frame by another program', () => {
  const text = encodeHeader(session, 0) + readings.map(encodeReading).join('')
  for (const buffer of [Buffer.from(text), zstdCompressSync(text)]) {
    expect(allOf(open(buffer))).toEqual(readings)
    expect(open(buffer).readPart(0).sampleEnds).toHaveLength(samples.length)
  }
  expect(open(Buffer.from(`${text}[46000,"memin`)).problems).toEqual([
    '13 bytes of text are no lines of a recording: left out',
  ])
})

test('a text by hand plays as far as it goes: strange lines, none of the fields, no newline at the end', () => {
  const meminfo = (time: number, free: number): string =>
    `[${time},"meminfo",{"/proc/meminfo":"MemTotal: 800 kB\\nMemFree: ${free} kB\\n"}]`
  const text = ['{"kmemtop":1}', meminfo(0, 1), 'oops', '[1,2]', '', meminfo(2000, 2), meminfo(5000, 3)].join('\n')
  const tape = open(Buffer.from(text))
  expect(allOf(tape).map(({ time }) => time)).toEqual([0, 2000, 5000])
  expect(tape.readPart(0).sampleEnds).toEqual([1, 2, 3])
  expect(tape.problems).toEqual(['2 lines are left out: line 3: expected a line of JSON, came "oops"'])
  expect(open(zstdCompressSync(text)).readPart(0)).toMatchObject({
    sampleEnds: [1, 2, 3],
    problem: expect.stringContaining('not all of a recording'),
  })
  expect(open(Buffer.from('{"kmemtop":1}')).parts).toHaveLength(1)
})

test('readings that come together are one sample; a reading apart in time is another, whatever its collector', () => {
  const line = (time: number, collector: string): string => `[${time},"${collector}",{}]\n`
  const of = (...lines: string[]) => open(Buffer.from(`{"kmemtop":1}\n${lines.join('')}`)).readPart(0).sampleEnds
  expect(of(line(0, 'meminfo'), line(3, 'vmstat'), line(1000, 'slabinfo'), line(1002, 'vmstat'))).toEqual([2, 4])
})

// 45 of 50 samples, and the keyframes of 4 parts but the first
test('text that was recorded and edited plays, and that it was edited is said', async () => {
  const lines = unpacked(bytes).split('\n')
  expect(open(Buffer.from(lines.join('\n'))).problems).toEqual([])
  const filtered = lines.filter(line => !line.includes('"vmstat"')).join('\n')
  const tape = open(Buffer.from(filtered))
  expect(allOf(tape)).toEqual(readings.filter(({ collector }) => collector !== 'vmstat'))
  expect(tape.problems.join()).toMatch(/49 samples are not as recorded/)
})

const unpacked = (packed: Buffer): string => {
  const readAt = (offset: number, length: number): Buffer => packed.subarray(offset, offset + length)
  return [...walkFrames(readAt, packed.length)]
    .filter(({ skippable }) => skippable === undefined)
    .map(({ offset, length }) => zstdDecompressSync(packed.subarray(offset, offset + length)).toString('utf8'))
    .join('')
}

test('two put one after the other play one after the other', async () => {
  const tape = open(Buffer.concat([bytes, bytes]))
  expect(tape.parts).toHaveLength(10)
  expect(allOf(tape)).toHaveLength(2 * readings.length)
})

/** Whether `part` is a beginning of `whole`, or holds only whole parts of it in order. */
const isWithin = (some: readonly Reading[], whole: readonly Reading[]): boolean => {
  const known = new Map(whole.map(reading => [`${reading.time} ${reading.collector}`, JSON.stringify(reading)]))
  return some.every(reading => known.get(`${reading.time} ${reading.collector}`) === JSON.stringify(reading))
}

describe('damage', () => {
  test('cut at many places: everything before the cut plays, nothing else does', () => {
    const random = createRandom(7)
    for (let i = 0; i < pickCases(40, 200); i++) {
      const at = Math.floor(random() * bytes.length)
      const came = attempt(() => allOf(open(bytes.subarray(0, at))))
      expect(came).toEqual(readings.slice(0, came.length))
    }
    const ends = open(bytes)
    expect(attempt(() => allOf(open(bytes.subarray(0, bytes.length - 1)))).length).toBe(readings.length)
    expect(ends.complete).toBe(true)
  })

  test('flipped bits: no reading is changed, and the parts before and after the damage are complete', () => {
    const random = createRandom(11)
    let lost = 0
    for (let i = 0; i < pickCases(40, 200); i++) {
      const damaged = Buffer.from(bytes)
      const at = Math.floor(random() * bytes.length)
      damaged[at]! ^= 1 << Math.floor(random() * 8)
      const came = attempt(() => allOf(open(damaged)))
      expect(isWithin(came, readings), `bit at ${at}`).toBe(true)
      lost += readings.length - came.length
      // at most one part and what a wrong size hides
      expect(readings.length - came.length, `bit at ${at}`).toBeLessThanOrEqual(2 * 33)
    }
    expect(lost).toBeGreaterThan(0)
  })

  test('in the middle of a part: the samples before it still play, and the part is named', () => {
    const damaged = Buffer.from(bytes)
    const [first, second] = open(bytes).parts
    expect(second!.begin - first!.begin).toBe(10_000)
    const at = bytes.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 4) - 200 // shortly before the end of the first
    damaged[at]! ^= 0x10
    const part = open(damaged).readPart(0)
    expect(part.problem).toBe('damaged')
    expect(part.readings.length).toBeGreaterThan(9)
    expect(part.readings).toEqual(readings.slice(0, part.readings.length))
  })
})

// A tape that cannot be opened at all is an error in a sentence.
function attempt(read: () => readonly Reading[]): readonly Reading[] {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return []
  }
}

test.each([
  [Buffer.alloc(0), 'it is empty'],
  [Buffer.from('MemTotal: 5 kB\n'), 'it is some other text; saved logs are read by kmemtop analyze'],
  [Buffer.from('[ 1234.567890] text\n'), 'it is some other text'],
  [Buffer.from('{"a":1}\n'), 'its first line is no header'],
  [Buffer.from('{"kmemtop":2,"host":"x"}\n'), 'it has format 2, this kmemtop reads format 1'],
  [zstdCompressSync('{"kmemtop":7}\n'), 'it has format 7'],
  [zstdCompressSync('hello\n'), 'it is a zstd file of something else'],
  [Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'it is a gzip file'],
  [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]), 'some other kind of binary file'],
])('%j is no recording, and what it is instead is said', (buffer, words) => {
  expect(() => open(buffer)).toThrow(UserError)
  expect(() => open(buffer)).toThrow(words)
})
