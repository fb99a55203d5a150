// Marks: labels that a user or a script adds to the session (`m`, `kmemtop run`). They are recorded like any other reading.
import type { Collector } from './collector.ts'

/** A label at a session time in milliseconds. */
export interface Mark {
  readonly time: number
  readonly text: string
}

const MAX_MARKS = 500

/** Each mark is a reading with the files `{text: …}`; nothing is sampled. */
export const mark: Collector<readonly Mark[]> = {
  kind: 'stream',
  external: true,
  title: 'marks',
  interval: 0,
  openReader: () => () => ({}),
  empty: [],
  applyFiles: (marks, { text }, time) => (text ? [...marks, { time, text }].slice(-MAX_MARKS) : marks),
}
