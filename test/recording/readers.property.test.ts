// Property: whatever a recording or a config file holds, reading it gives a result or a sentence, never another error.
// test/helpers/check-property.ts says how many cases run.
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { parseConfig } from '../../src/cli/config.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { toStateJson } from '../../src/export/state-json.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openBuffer } from '../../src/recording/open-recording.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../helpers/check-property.ts'
import { encodeRecording, generateSamples } from './recordings.ts'

let bytes: Buffer
beforeAll(async () => {
  bytes = await encodeRecording(generateSamples(12), { frame: 4000 })
})

/** Reads a recording to its end and prints its last state. */
function readAll(input: Buffer): void {
  try {
    const seeker = new RecordingSeeker(openBuffer('test', input), defaultThresholds)
    seeker.replayInBackground(() => true)
    const { history, alerts } = seeker.seek(seeker.end).monitor
    JSON.stringify(toStateJson(history, alerts))
    seeker.listEvents()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}

test(
  'a recording with changed bytes',
  () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 })
    checkProperty(changes, list => {
      const damaged = Buffer.from(bytes)
      for (const [at, byte] of list) damaged[at % damaged.length] = byte
      readAll(damaged)
    })
  },
  PROPERTY_TIMEOUT,
)

test(
  'a recording in plain lines with any JSON in it',
  () => {
    const files = fc.dictionary(fc.constantFrom('/proc/meminfo', '/proc/vmstat', '/dev/kmsg', '/x'), fc.string())
    const reading = fc.tuple(fc.integer(), fc.constantFrom('meminfo', 'vmstat', 'kmsg', 'cgroups', 'mark', 'x'), files)
    const header = fc.record({ kmemtop: fc.constant(1), wallClock: fc.jsonValue(), interval: fc.jsonValue() })
    const line = fc.oneof(reading, header, fc.jsonValue())
    checkProperty(fc.array(line, { maxLength: 20 }), lines => {
      const all = [{ kmemtop: 1 }, ...lines].map(value => `${JSON.stringify(value)}\n`).join('')
      readAll(Buffer.from(all))
    })
  },
  PROPERTY_TIMEOUT,
)

test(
  'a config file with any text or JSON in it',
  () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.constantFrom('interval', 'theme', 'detectors', 'x'), fc.jsonValue())
        .map(value => JSON.stringify(value)),
    )
    checkProperty(text, input => {
      try {
        expect(parseConfig(input, 'c.json')).toBeTypeOf('object')
      } catch (error) {
        if (!(error instanceof UserError)) throw error
      }
    })
  },
  PROPERTY_TIMEOUT,
)
