// Survey of who holds kernel memory: open files and sockets, threads and page tables by process, inodes by tmpfs mount, file locks.
// Taken once when an alert opens, never at an interval; a reading in the recording like any other.
import * as v from 'valibot'
import { ParseError } from '../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../base/text.ts'
import type { Collector } from '../collector.ts'

/** The name of a survey in a recording, no file of the node: JSON lines, one fact each. */
export const SURVEY_FILE = '/survey'

const count = v.pipe(v.number(), v.minValue(0))

const processFacts = v.object({
  pid: count,
  name: v.string(),
  cgroup: v.string(),
  files: v.nullable(count),
  kinds: v.record(v.string(), count),
  threads: count,
  pageTables: count,
  shmem: count,
  watches: count,
  locks: count,
  queued: v.optional(count, 0),
})

/**
 * What a process holds. `cgroup`: its memory cgroup as the kernel names it, empty when it could not be read. `files`: open
 * descriptors, null when they may not be read. `kinds`: descriptors by kind (`socket`, `eventfd`, `pipe` …), scaled up where only some of
 * many were looked at. `pageTables` (VmPTE) and `shmem` (RssShmem) are bytes; `watches` of its inotify descriptors; `locks` on files; `queued`: bytes that
 * wait in its sockets.
 */
export type ProcessFacts = Readonly<v.InferOutput<typeof processFacts>>

const tmpfsFacts = v.object({
  path: v.string(),
  device: v.string(),
  inodes: v.nullable(count),
  bytes: v.nullable(count),
  pid: count,
  cgroup: v.string(),
})

/**
 * A tmpfs mount. `path`: where process `pid` sees it; `device`: `major:minor`, the same under every path. `inodes` and `bytes` in use
 * are null where it has no limit: the kernel keeps no count then.
 */
export type TmpfsFacts = Readonly<v.InferOutput<typeof tmpfsFacts>>

const coverage = v.object({
  reason: v.string(),
  processes: count,
  processesRead: count,
  refused: count,
  openFiles: v.nullable(count),
  cost: count,
})

/**
 * How far a survey got within its budget. `reason`: the key of the alert it was taken for; `refused`: processes whose descriptors may
 * not be read; `openFiles` of the whole node, from /proc/sys/fs/file-nr; `cost`: milliseconds of work.
 */
export type SurveyCoverage = Readonly<v.InferOutput<typeof coverage>>

const surveyLine = v.variant('fact', [
  v.object({ fact: v.literal('coverage'), ...coverage.entries }),
  v.object({ fact: v.literal('process'), ...processFacts.entries }),
  v.object({ fact: v.literal('tmpfs'), ...tmpfsFacts.entries }),
])

/** A fact of a survey. */
export type SurveyLine = v.InferOutput<typeof surveyLine>

/** One survey: who holds what, and how much of the node it saw. */
export interface Survey extends SurveyCoverage {
  /** session time */
  readonly time: number
  readonly byProcess: readonly ProcessFacts[]
  readonly tmpfs: readonly TmpfsFacts[]
}

/** The surveys of a session. */
export interface Holders {
  /** the newest last */
  readonly surveys: readonly Survey[]
}

const MAX_SURVEYS = 20

/** Keeps the last survey of who holds the memory of an alert. */
export const holders: Collector<Holders> = {
  kind: 'file',
  external: true,
  title: 'who holds kernel memory (when an alert opens)',
  optional: true,
  interval: 0,
  openReader: () => () => ({}),
  empty: { surveys: [] },
  applyFiles: ({ surveys }, files, time) => {
    const text = files[SURVEY_FILE]
    return text ? { surveys: [...surveys, { time, ...parseSurvey(text) }].slice(-MAX_SURVEYS) } : { surveys }
  },
}

/** Returns a survey as the text of a reading: one line of JSON per fact. */
export const formatSurvey = (lines: readonly SurveyLine[]): string =>
  lines.map(line => `${JSON.stringify(line)}\n`).join('')

/** @throws ParseError for a line that is no fact, or without the coverage */
export function parseSurvey(text: string): Omit<Survey, 'time'> {
  const facts = parseSurveyLines(text)
  const found = facts.find(({ fact }) => fact === 'coverage')
  if (found?.fact !== 'coverage') throw new ParseError(SURVEY_FILE, 1, '{"fact":"coverage",…}', text)
  return {
    ...found,
    byProcess: facts
      .filter(line => line.fact === 'process')
      .map(line => ({ ...line, name: decodeUtf8(line.name), cgroup: decodeUtf8(line.cgroup) })),
    tmpfs: facts
      .filter(line => line.fact === 'tmpfs')
      .map(line => ({ ...line, path: decodeUtf8(line.path), cgroup: decodeUtf8(line.cgroup) })),
  }
}

/** @throws ParseError for a line that is no fact */
export const parseSurveyLines = (text: string): readonly SurveyLine[] =>
  splitLines(text).map((line, i) => {
    const { success, output } = v.safeParse(surveyLine, parseJson(line))
    if (!success) throw new ParseError(SURVEY_FILE, i + 1, 'a fact of a survey in JSON', line)
    return output
  })

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
