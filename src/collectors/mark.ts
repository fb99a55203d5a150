// Marks: labels that a user or a script adds to the session (`m`, `kmemtop run`). They are recorded like any other reading.
import type { Collector } from './collector.ts'

/** A label at a session time in milliseconds. */
export interface Mark {
  readonly time: number
  readonly text: string
}

const MAX_MARKS = 500
/** Characters of a label: those of kmemtop have 200 at most, but a recording may have any. */
const MAX_LABEL = 1000

/** Returns a label as it is shown: one that is too long is cut. */
export const cutLabel = (text: string): string => (text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL)}…`)

/** Each mark is a reading with the files `{text: …}`; nothing is sampled. */
export const mark: Collector<readonly Mark[]> = {
  kind: 'stream',
  external: true,
  title: 'marks',
  interval: 0,
  openReader: () => () => ({}),
  empty: [],
  applyFiles: (marks, { text }, time) => (text ? [...marks, { time, text: cutLabel(text) }].slice(-MAX_MARKS) : marks),
}
