// The marks of a whole recording, without replaying it.
import { cutLabel, type Mark } from '../collectors/mark.ts'
import type { Replayer } from './replayer.ts'

/** All marks in order of time. Only parts without a summary (the last one of a running recorder) are decoded. */
export const listMarks = (replayer: Replayer): readonly Mark[] =>
  replayer.recording.parts.flatMap(({ summary }, part) =>
    summary ? summary.marks.map(([time, text]) => ({ time, text: cutLabel(text) })) : readMarks(replayer, part),
  )

const readMarks = (replayer: Replayer, part: number): readonly Mark[] =>
  replayer
    .readPart(part)
    .readings.flatMap(({ collector, time, files }) =>
      collector === 'mark' && files.text ? [{ time, text: cutLabel(files.text) }] : [],
    )
