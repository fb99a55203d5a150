// Writes readings to a new recording with index, seek table and summaries.
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { applyReading, createMonitorState, isSameBoot } from '../detectors/monitor-state.ts'
import type { Reading } from '../history.ts'
import { Encoder } from '../recording/encoder.ts'
import { expandKeyframe } from '../recording/latest-files.ts'
import { RecordingWriter } from '../recording/recording-writer.ts'
import { isSameSession } from '../recording/session-offsets.ts'
import { SummaryBuilder } from '../recording/summary-builder.ts'
import { applySample, type RecordedSample } from './recorded-samples.ts'

/** The contents of a new recording. */
export interface RecordingContent {
  readonly session: RecordingHeader
  /** the keyframe before the first sample */
  readonly keyframe: readonly Reading[]
  readonly samples: Iterable<RecordedSample>
  /** compress as well as possible, which takes twenty times as long */
  readonly dense: boolean
}

/** Writes a new recording and returns its size in bytes. @throws UserError if it exists or cannot be written */
export async function writeRecording(path: string, content: RecordingContent, thresholds: Thresholds): Promise<number> {
  const { keyframe, dense } = content
  let { session } = content
  let hasSamples = false
  let writer: RecordingWriter | undefined
  const sink = {
    writeBytes: (chunk: Buffer) => writer?.write(chunk),
    endFrame: (summary: Parameters<RecordingWriter['endFrame']>[0]) => writer?.endFrame(summary),
  }
  const encoder = new Encoder(session, sink, { keyframe, dense })
  let monitor = expandKeyframe(keyframe).reduce(
    (state, reading) => applyReading(state, reading, thresholds),
    createMonitorState(session),
  )
  const summaryBuilder = new SummaryBuilder(monitor.alerts)
  writer = await RecordingWriter.create(path, keyframe[0]?.time ?? 0)
  try {
    for (const sample of content.samples) {
      hasSamples = true
      if (!isSameSession(session, sample.session)) {
        const isNewBoot = !isSameBoot(session, sample.session)
        await encoder.switchSession(sample.session, isNewBoot ? sample.preamble : undefined)
        session = sample.session
        await encoder.writeSample(isNewBoot ? sample.readings : [...sample.preamble, ...sample.readings])
      } else await encoder.writeSample([...sample.preamble, ...sample.readings])
      monitor = applySample(monitor, sample, thresholds)
      encoder.addToSummary(summaryBuilder.collectChanges(monitor))
      await writer.waitForWrites()
      if (writer.problem !== undefined) break
    }
    if (!hasSamples) throw new UserError('it has no samples: nothing is written')
    await encoder.finishFrame()
    await writer.close()
    if (writer.problem !== undefined) throw new UserError(writer.problem)
  } catch (error) {
    await writer.discard()
    throw error
  }
  return writer.bytes
}
