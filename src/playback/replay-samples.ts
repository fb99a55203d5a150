// A whole recording, sample by sample, with the state after each: the loop of check, cut, dump and info.
import { createMonitorState, type MonitorState } from '../detectors/monitor-state.ts'
import type { AlertLog } from './alert-log.ts'
import { applySample, type RecordedSample, readSamples, type SampleRange } from './recorded-samples.ts'
import type { Replayer } from './replayer.ts'

/** A sample and the state after it. */
export interface ReplayedSample {
  readonly sample: RecordedSample
  readonly monitor: MonitorState
}

/**
 * Yields every sample from the start of the recording, with the state after it.
 * @param log collects the alerts after every reading of a sample; without it, alerts are only in the states
 */
export function* replaySamples(
  replayer: Replayer,
  range: Omit<SampleRange, 'from'> = {},
  log?: AlertLog,
): Generator<ReplayedSample> {
  const { thresholds } = replayer
  let monitor = createMonitorState(replayer.recording.session)
  for (const sample of readSamples(replayer, range)) {
    monitor = log ? log.applySample(monitor, sample, thresholds) : applySample(monitor, sample, thresholds)
    yield { sample, monitor }
  }
}
