// Rewriting: readings into a recording of its own, with index and seek table, and summaries made by folding what is written.
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { createMonitorState, isSameBoot, applyReading } from '../detectors/watch.ts'
import type { Reading } from '../history.ts'
import { Encoder } from '../sources/kmem/encoder.ts'
import { RecordingFile } from '../sources/kmem/file.ts'
import { isSameSession } from '../sources/kmem/placing.ts'
import { asReadings } from '../sources/kmem/texts.ts'
import { seeLook, type TapeLook } from './looks.ts'
import { NoteTaker } from './notes.ts'

/** What a recording is to hold. */
export interface Content {
  readonly session: RecordingHeader
  /** what was known before the first look */
  readonly keyframe: readonly Reading[]
  readonly looks: Iterable<TapeLook>
  /** pack it as small as it goes, at twenty times the time */
  readonly dense: boolean
}

/** Writes a new recording; gives its bytes. @throws UserError when it exists already or cannot be written */
export async function writeRecording(path: string, content: Content, thresholds: Thresholds): Promise<number> {
  const { keyframe, dense } = content
  let { session } = content
  let written = false
  let file: RecordingFile | undefined
  const sink = {
    bytes: (chunk: Buffer) => file?.write(chunk),
    frame: (summary: Parameters<RecordingFile['frame']>[0]) => file?.frame(summary),
  }
  const encoder = new Encoder(session, sink, { keyframe, dense })
  let watch = asReadings(keyframe).reduce((seen, one) => applyReading(seen, one, thresholds), createMonitorState(session))
  const notes = new NoteTaker(watch.alerts)
  file = await RecordingFile.create(path, keyframe[0]?.time ?? 0)
  try {
    for (const look of content.looks) {
      written = true
      if (!isSameSession(session, look.session)) {
        const isOther = !isSameBoot(session, look.session)
        await encoder.change(look.session, isOther ? look.lead : undefined)
        session = look.session
        await encoder.look(isOther ? look.readings : [...look.lead, ...look.readings])
      } else await encoder.look([...look.lead, ...look.readings])
      watch = seeLook(watch, look, thresholds)
      encoder.note(notes.after(watch))
      await file.written()
      if (file.problem !== undefined) break
    }
    if (!written) throw new UserError('there is no look in it: nothing is written')
    await encoder.finish()
    await file.close()
    if (file.problem !== undefined) throw new UserError(file.problem)
  } catch (error) {
    await file.discard()
    throw error
  }
  return file.bytes
}
