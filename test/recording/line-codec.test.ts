// The lines of a recording: encoding and decoding, and the errors of other lines.
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import type { Reading } from '../../src/history.ts'
import { computeCrc, decodeLine, encodeCheck, encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { decodePartText } from '../../src/recording/part-decoder.ts'
import { session } from '../fixtures.ts'

const readings: readonly Reading[] = [
  { time: 0, collector: 'meminfo', files: { '/proc/meminfo': 'MemTotal: 1 kB\n' } },
  { time: 1000.5, collector: 'cgroups', files: { '/sys/fs/cgroup/b\xff "\\\n/': null }, cost: 1.25 },
  {
    time: 2000,
    collector: 'slabinfo',
    files: {},
    error: "EACCES: permission denied, open '/proc/slabinfo'",
    next: 60_000,
  },
  { time: 3000, collector: 'kmsg', files: { '/dev/kmsg': '6,1,0,-;\u2028 \x1b[2J\n' } },
]
const text = encodeHeader(session, 0) + readings.map(encodeReading).join('')

const decoded = (text: string, trusted: boolean) => decodePartText(Buffer.from(text), trusted)

test('a recording is decoded as it was encoded', () => {
  expect(decoded(text, true)).toMatchObject({ session, readings, keyframe: [], begin: 0, sampleEnds: [1, 2, 3, 4] })
})

test('a reading is one line, whatever is in the texts', () => {
  expect(text.split('\n')).toHaveLength(readings.length + 2)
  expect(encodeReading(readings[0]!)).toBe('[0,"meminfo",{"/proc/meminfo":"MemTotal: 1 kB\\n"}]\n')
})

test('a hand-written header gets defaults for missing fields', () => {
  expect(decodeLine('{"kmemtop":1,"host":"n1"}', 1)).toEqual({
    session: { host: 'n1', kernel: 'unknown', bootId: 'unknown', wallClock: 0, interval: 1000, pageSize: 4096 },
    time: 0,
  })
})

test('a mark is a reading, a collector of a later version too', () => {
  const more = `${encodeHeader(session, 0)}[1,"mark",{"text":"here"}]\n\n[2,"tomorrow",{"/x":"y"}]\n`
  expect(decoded(more, true).readings).toEqual([
    { time: 1, collector: 'mark', files: { text: 'here' } },
    { time: 2, collector: 'tomorrow', files: { '/x': 'y' } },
  ])
})

test('a check line ends a sample and confirms the text before it', () => {
  const samples = readings.map(reading => encodeReading(reading))
  const checked = samples.map((line, i) => {
    const all = i === 0 ? encodeHeader(session, 0, true) + line : line
    return all + encodeCheck(all)
  })
  const whole = checked.join('')
  expect(decoded(whole, false)).toMatchObject({ readings, sampleEnds: [1, 2, 3, 4] })
  const flipped = whole.replace('"cost":1.25', '"cost":1.35')
  expect(decoded(flipped, false)).toMatchObject({ readings: readings.slice(0, 1), sampleEnds: [1] })
  const torn = whole.slice(0, -encodeCheck('').length)
  expect(decoded(torn, false).readings).toEqual(readings.slice(0, 3))
  expect(computeCrc('123456789')).toBe('cbf43926')
})

describe('other text is an error that names the line', () => {
  test.each([
    ['', 'a line of JSON'],
    ['not json', 'a line of JSON'],
    ['[1000,"meminfo",{"/proc/me', 'a line of JSON'],
    ['{"a":1}', '{"kmemtop":1'],
    ['null', '{"kmemtop":1'],
    ['42', '{"kmemtop":1'],
    ['["0","meminfo",{}]', '[time, collector, files]'],
    ['[0,5,{}]', '[time, collector, files]'],
    ['[0]', '[time, collector, files]'],
  ])('%j is refused with what was expected', (line, expected) => {
    expect(() => decodeLine(line, 17)).toThrow(UserError)
    expect(() => decodeLine(line, 17)).toThrow(`line 17: expected ${expected}`)
  })

  test('of a later format', () => {
    expect(() => decodeLine('{"kmemtop":2}', 1)).toThrow('line 1: format 2; this kmemtop reads format 1')
  })

  test('with texts that are not strings', () => {
    for (const line of ['[0,"meminfo",{"/proc/meminfo":5}]', '[0,"meminfo",["MemTotal: 1 kB"]]'])
      expect(() => decodeLine(line, 3), line).toThrow(UserError)
  })

  test('with a header whose fields have another type', () => {
    for (const header of ['{"kmemtop":1,"interval":"1s"}', '{"kmemtop":1,"pageSize":null}', '{"kmemtop":1,"host":7}'])
      expect(() => decodeLine(header, 1), header).toThrow(UserError)
  })
})
