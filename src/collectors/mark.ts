// Marks: words that a person or a script put into the session (`m`, `kmemtop run`). Evidence like any other: they are recorded.
import type { Collector } from './collector.ts'

/** A word at a time, session milliseconds. */
export interface Mark {
  readonly time: number
  readonly text: string
}

const MAX_MARKS = 500

/** A mark comes as a reading of its own, with the files `{text: …}`; there is nothing to look at. */
export const mark: Collector<readonly Mark[]> = {
  title: 'marks',
  interval: 0,
  openReader: () => () => ({}),
  empty: [],
  applyFiles: (marks, { text }, time) => (text ? [...marks, { time, text }].slice(-MAX_MARKS) : marks),
}
