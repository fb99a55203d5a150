// Keyframes: a reader that starts at a keyframe knows as much as one that read from the beginning.
import { expect, test } from 'vitest'
import { appendReading, createHistory, type Reading } from '../../src/history.ts'
import { expandKeyframe, LatestFiles } from '../../src/recording/latest-files.ts'
import { encodeReading } from '../../src/recording/line-codec.ts'
import { decodePartText } from '../../src/recording/part-decoder.ts'
import { session } from '../fixtures.ts'
import { toPlainValues } from '../helpers/plain-values.ts'
import { generateSamples } from './recordings.ts'

const fold = (readings: readonly Reading[]) => readings.reduce(appendReading, createHistory(session))
const known = (readings: readonly Reading[]): LatestFiles => {
  const texts = new LatestFiles()
  for (const reading of readings) texts.addReading(reading)
  return texts
}

const REFUSED = "EIO: i/o error, open '/proc/meminfo'"
const readings = generateSamples(10).flat()
const refused: Reading = { time: 9500, collector: 'meminfo', files: {}, error: REFUSED, cost: 3 }

test('a keyframe has the latest texts', () => {
  const entered = fold(known(readings).buildKeyframe())
  const whole = fold(readings)
  expect(entered.meminfo.values).toEqual(whole.meminfo.values)
  expect(toPlainValues([...entered.cgroups.cgroups.keys()])).toEqual(toPlainValues([...whole.cgroups.cgroups.keys()]))
})

test('a collector whose last sample failed has its texts and the error', () => {
  const keyframe = known([...readings, refused]).buildKeyframe()
  const whole = fold([...readings, refused])
  for (const entered of [fold(keyframe), fold(expandKeyframe(keyframe))]) {
    expect(entered.meminfo.values).toEqual(whole.meminfo.values)
    expect(entered.sources.meminfo?.error).toBe(whole.sources.meminfo?.error)
  }
  expect(known(keyframe).buildKeyframe()).toEqual(keyframe)
})

test('a collector that was never read has only the error', () => {
  expect(known([refused]).buildKeyframe()).toEqual([{ ...refused, keyframe: true }])
})

test('a keyframe in pieces is the same: they are joined when they are read', () => {
  const all = known([...readings, refused])
  const pieces = [...all.buildKeyframePieces(100)]
  expect(pieces.length).toBeGreaterThan(all.buildKeyframe().length)
  const text = pieces.map(encodeReading).join('')
  expect(decodePartText(Buffer.from(text), true).keyframe).toEqual(all.buildKeyframe())
})
