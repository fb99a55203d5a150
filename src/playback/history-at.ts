// Computes the history at a time from the keyframe before it: exact in all values, without earlier history.
import { createHistory, type History } from '../history.ts'
import { appendSample, readSamples } from './recorded-samples.ts'
import type { Replayer } from './replayer.ts'

/** Returns the history after the last sample that was complete at `time`, or after the first of the part. */
export function computeHistoryAt(replayer: Replayer, time: number): History {
  let history: History | undefined
  for (const sample of readSamples(replayer, { from: replayer.findPart(time) })) {
    if (history && sample.time > time) break
    history = appendSample(history, sample)
  }
  return history ?? createHistory(replayer.recording.session)
}
