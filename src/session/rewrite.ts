// Rewriting: readings into a recording of its own, with index and seek table, and summaries made by folding what is written.
import { UserError } from '../base/errors.ts'
import type { Session } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { emptyWatch, see } from '../detectors/watch.ts'
import type { Reading } from '../history.ts'
import { Encoder } from '../sources/kmem/encoder.ts'
import { RecordingFile } from '../sources/kmem/file.ts'
import { asReadings } from '../sources/kmem/texts.ts'
import { NoteTaker } from './notes.ts'

/** What a recording is to hold. */
export interface Content {
  readonly session: Session
  /** what was known before the first look */
  readonly keyframe: readonly Reading[]
  readonly looks: Iterable<readonly Reading[]>
  /** pack it as small as it goes, at twenty times the time */
  readonly dense: boolean
}

/** Writes a new recording; gives its bytes. @throws UserError when it exists already or cannot be written */
export async function writeRecording(path: string, content: Content, thresholds: Thresholds): Promise<number> {
  const { session, keyframe, dense } = content
  let file: RecordingFile | undefined
  const sink = {
    bytes: (chunk: Buffer) => file?.write(chunk),
    frame: (summary: Parameters<RecordingFile['frame']>[0]) => file?.frame(summary),
  }
  const encoder = new Encoder(session, sink, { keyframe, dense })
  let watch = asReadings(keyframe).reduce((seen, one) => see(seen, one, thresholds), emptyWatch(session))
  const notes = new NoteTaker(watch.alerts)
  file = await RecordingFile.create(path, keyframe[0]?.time ?? 0)
  try {
    for (const look of content.looks) {
      await encoder.look(look)
      watch = look.reduce((seen, one) => see(seen, one, thresholds), watch)
      encoder.note(notes.after(watch))
      await file.written()
      if (file.problem !== undefined) break
    }
    await encoder.finish()
    await file.close()
    if (file.problem !== undefined) throw new UserError(file.problem)
  } catch (error) {
    await file.discard()
    throw error
  }
  return file.bytes
}
