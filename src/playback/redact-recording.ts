// Redacts a whole recording, sample by sample.

import type { Reading } from '../history.ts'
import { type RecordedSample, readSamples } from './recorded-samples.ts'
import { type Digest, Pseudonyms } from './redact/pseudonyms.ts'
import { ReadingRedactor } from './redact/redact-readings.ts'
import type { Replayer } from './replayer.ts'
import type { RecordingContent } from './write-recording.ts'

/** Returns the contents of the redacted recording. Its samples are read while they are written. */
export function redactRecording(replayer: Replayer, digest: Digest): RecordingContent {
  const redactor = new ReadingRedactor(new Pseudonyms(digest))
  const redactReadings = (readings: readonly Reading[]): readonly Reading[] =>
    readings.flatMap(reading => redactor.redactReading(reading) ?? [])
  const [first] = readSamples(replayer)
  return {
    session: redactor.redactHeader(first?.session ?? replayer.recording.session),
    keyframe: redactReadings(first?.preamble ?? []),
    samples: redactSamples(replayer, redactor, redactReadings),
    dense: false,
  }
}

function* redactSamples(
  replayer: Replayer,
  redactor: ReadingRedactor,
  redactReadings: (readings: readonly Reading[]) => readonly Reading[],
): Generator<RecordedSample> {
  let isFirst = true
  for (const sample of readSamples(replayer)) {
    const preamble = isFirst ? [] : redactReadings(sample.preamble)
    yield {
      ...sample,
      session: redactor.redactHeader(sample.session),
      preamble,
      readings: redactReadings(sample.readings),
    }
    isFirst = false
  }
}
