// A recording that grows while it is played: only the added part is read, and the result is that of the whole.
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { findNextRecording } from '../../src/recording/file-rotation.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer, openRecording } from '../../src/recording/open-recording.ts'
import { parseRecording, type Recording } from '../../src/recording/recording.ts'
import { session } from '../fixtures.ts'
import { toPlainValues } from '../helpers/plain-values.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { createRandom } from '../seeded-random.ts'
import { encodeRecording, generateSamples, insertKill } from './recordings.ts'

const samples = insertKill(generateSamples(60), 33)
const readingsOf = (tape: Recording) => tape.parts.map((_, i) => tape.readPart(i).readings)

test('a recording that grew in pieces of any length equals the whole, and little is read again', async () => {
  const bytes = await encodeRecording(samples)
  const random = createRandom(5)
  let size = 3000
  let read = 0
  const now = () => ({
    name: 'test',
    size,
    readAt: (offset: number, length: number): Buffer => {
      const chunk = bytes.subarray(offset, Math.min(size, offset + length))
      read += chunk.length
      return chunk
    },
  })
  let tape = parseRecording(now())!
  while (size < bytes.length) {
    size = Math.min(bytes.length, size + Math.ceil(random() * 900))
    tape = tape.extend(now())!
  }
  expect(tape.complete).toBe(true)
  expect(tape.problems).toEqual([])
  const whole = openBuffer('whole', bytes).recording
  expect(readingsOf(tape)).toEqual(readingsOf(whole))
  expect(tape.parts.map(({ begin, summary }) => [begin, summary?.end])).toEqual(
    whole.parts.map(({ begin, summary }) => [begin, summary?.end]),
  )
  read = 0
  tape.extend(now())
  expect(read).toBe(0)
})

test.each(['packed', 'plain'])('a seeker that follows reaches the same state: %s', async kind => {
  const bytes =
    kind === 'packed'
      ? await encodeRecording(samples)
      : Buffer.from(encodeHeader(session, 0) + samples.flat().map(encodeReading).join(''))
  const path = join(createTemporaryFolder(), 'f.kmem')
  const random = createRandom(9)
  let at = Math.floor(bytes.length / 3)
  writeFileSync(path, bytes.subarray(0, at))
  const open = openRecording(path)
  const seeker = new RecordingSeeker(open, defaultThresholds)
  seeker.replayInBackground(() => true)
  let moment = seeker.seekExact(seeker.end)
  while (at < bytes.length) {
    const next = Math.min(bytes.length, at + Math.ceil(random() * (bytes.length / 40)))
    appendFileSync(path, bytes.subarray(at, next))
    at = next
    expect(seeker.refresh()).toBe('grown')
    seeker.replayInBackground(() => true)
    moment = seeker.replayUntil(moment, seeker.end)
  }
  open.close()
  const whole = new RecordingSeeker(openBuffer('whole', bytes), defaultThresholds)
  const expected = toPlainValues(whole.seekExact(whole.end).monitor)
  expect(toPlainValues(moment.monitor)).toEqual(expected)
  expect(toPlainValues(seeker.seekExact(seeker.end).monitor)).toEqual(expected)
})

test('a truncated or replaced file is reported', async () => {
  const path = join(createTemporaryFolder(), 'f.kmem')
  const bytes = await encodeRecording(generateSamples(20))
  writeFileSync(path, bytes)
  const open = openRecording(path)
  expect(open.refresh()).toBe('same')
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
  expect(open.refresh()).toBe('replaced')
  open.close()
  const again = openRecording(path)
  truncateSync(path, 100)
  expect(again.refresh()).toBe('cut')
  expect(again.recording.parts.length).toBeGreaterThan(0)
  again.close()
})

test('the next file of a recorder is found by its name', () => {
  const folder = createTemporaryFolder()
  const names = [
    'n-20260101T000000Z.kmem',
    'n-20260101T060000Z.kmem',
    'n-20260101T120000Z.kmem',
    'other-20260101T010000Z.kmem',
  ]
  for (const name of [...names, 'n.kmem']) writeFileSync(join(folder, name), '')
  expect(findNextRecording(join(folder, names[0]!))).toBe(join(folder, names[1]!))
  expect(findNextRecording(join(folder, names[2]!))).toBeUndefined()
  expect(findNextRecording(join(folder, 'n.kmem'))).toBeUndefined()
})
