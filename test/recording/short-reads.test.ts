// A disk that gives fewer bytes than were asked for: the recording is read as far as it goes, and nothing is thrown.
import { beforeAll, expect, test } from 'vitest'
import type { ByteSource } from '../../src/recording/byte-source.ts'
import { describeContent } from '../../src/recording/describe-content.ts'
import { parseRecording } from '../../src/recording/recording.ts'
import { encodeRecording, generateSamples } from './recordings.ts'

let bytes: Buffer
beforeAll(async () => {
  bytes = await encodeRecording(generateSamples(12), { frame: 4000 })
})

/** A source whose read number `at` (and every later one, if `stays`) gives `part` of the bytes asked for. */
function createShortSource({ at, part, stays }: { at: number; part: number; stays: boolean }) {
  let reads = 0
  const readAt = (offset: number, length: number): Buffer => {
    const isShort = stays ? reads >= at : reads === at
    reads++
    const whole = bytes.subarray(offset, offset + length)
    return isShort ? whole.subarray(0, Math.floor(whole.length * part)) : whole
  }
  return { source: { name: 'test', size: bytes.length, readAt } satisfies ByteSource, countReads: () => reads }
}

/** Reads all parts; returns how many samples could be read. */
function readAll(source: ByteSource): number {
  const recording = parseRecording(source)
  if (!recording) expect(describeContent(source)).toMatch(/./)
  return recording?.parts.reduce((sum, _, i) => sum + recording.readPart(i).sampleEnds.length, 0) ?? 0
}

test('any one read or all from one on may be short or empty', () => {
  const whole = createShortSource({ at: Number.POSITIVE_INFINITY, part: 1, stays: false })
  const samples = readAll(whole.source)
  expect(samples).toBe(12)
  for (const stays of [false, true])
    for (const part of [0, 0.1, 0.5, 0.9])
      for (let at = 0; at < whole.countReads(); at++)
        expect(readAll(createShortSource({ at, part, stays }).source), `read ${at}`).toBeLessThanOrEqual(samples)
})
