// Rewriting: readings into a recording of its own, with index and seek table, and summaries made by folding what is written.
import { UserError } from '../base/errors.ts'
import type { Session } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { emptyWatch, see, type Watch } from '../detectors/watch.ts'
import type { Reading } from '../history.ts'
import { Encoder } from '../sources/kmem/encoder.ts'
import { RecordingFile } from '../sources/kmem/file.ts'
import { Texts } from '../sources/kmem/texts.ts'
import type { AlertNote } from '../sources/kmem/trailer.ts'
import { alertNotes, minuteRow } from './notes.ts'

const MINUTE = 60_000

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
  const opening = keyframe.map(reading => new Texts().bridge(reading))
  const notes = new NoteTaker(opening.reduce((watch, one) => see(watch, one, thresholds), emptyWatch(session)))
  file = await RecordingFile.create(path, keyframe[0]?.time ?? 0)
  try {
    for (const look of content.looks) {
      await encoder.look(look)
      encoder.note(notes.after(look.reduce((watch, one) => see(watch, one, thresholds), notes.watch)))
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

/** What a recorder is told beside the readings: alerts that changed, and a row a minute. */
class NoteTaker {
  watch: Watch
  private minute = -1

  constructor(watch: Watch) {
    this.watch = watch
  }

  after(watch: Watch): { readonly alerts: readonly AlertNote[]; readonly minutes: readonly (number | null)[][] } {
    const alerts = alertNotes(this.watch.alerts, watch.alerts) as unknown as readonly AlertNote[]
    const now = Math.floor(watch.history.time / MINUTE)
    const isNew = now > this.minute && watch.history.meminfo.values.size > 0
    if (isNew) this.minute = now
    this.watch = watch
    return { alerts, minutes: isNew ? [[...minuteRow(watch.history)]] : [] }
  }
}
