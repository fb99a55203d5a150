// Rewriting: readings into a recording of its own, with index and seek table, and summaries made by folding what is written.
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

/** What a recording is to hold. */
export interface RecordingContent {
  readonly session: RecordingHeader
  /** what was known before the first look */
  readonly keyframe: readonly Reading[]
  readonly samples: Iterable<RecordedSample>
  /** pack it as small as it goes, at twenty times the time */
  readonly dense: boolean
}

/** Writes a new recording; gives its bytes. @throws UserError when it exists already or cannot be written */
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
    if (!hasSamples) throw new UserError('there is no look in it: nothing is written')
    await encoder.finishFrame()
    await writer.close()
    if (writer.problem !== undefined) throw new UserError(writer.problem)
  } catch (error) {
    await writer.discard()
    throw error
  }
  return writer.bytes
}
