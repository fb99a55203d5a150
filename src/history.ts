// History: everything that is known about a session. Live and replay both build it with `appendReading`.
import { ParseError } from './base/errors.ts'
import type { Files, RecordingHeader } from './collectors/collector.ts'
import { type CollectorId, type CollectorState, collectorIds, collectors, getCollector } from './collectors/index.ts'
import { addRamAccount } from './collectors/meminfo.ts'

/** One sample of one collector: the texts that changed since its last sample, or an error. Times in session milliseconds. */
export interface Reading {
  readonly time: number
  readonly collector: CollectorId
  readonly files: Files
  /** the kernel's error as Node formats it: `EACCES: permission denied, open '/proc/slabinfo'` */
  readonly error?: string
  /** milliseconds that the sample took: of CPU time where it seemed slow and Node can tell */
  readonly cost?: number
  /** milliseconds until the next sample, if not the collector's usual interval */
  readonly next?: number
  /** a keyframe: all texts of the collector, at which playback can start. It contains nothing new for a reader of what precedes it */
  readonly keyframe?: true
}

/** The state of a collector as a data source. */
export interface SourceState {
  /** session time of its last reading without an error */
  readonly okAt: number | null
  readonly error?: string
  /** what to do about the error */
  readonly hint?: string
  /** a text that could not be parsed, with what was expected; kept until the text changes */
  readonly parseError?: string
  /** what to know about its numbers although nothing is wrong with them */
  readonly note?: string
  /** this kernel lacks it, or the recording was made from a saved log; neither is a problem */
  readonly absent?: boolean
  readonly cost: number | null
  /** the lower of its last two costs: one slow sample may be chance, and the first sample reads all that is there */
  readonly sustainedCost: number
  readonly interval: number
  /** the last gap that was much longer than the interval: from one sample to the next */
  readonly gap?: { readonly from: number; readonly to: number }
}

/** Whether a source fails that this node has. */
export const isFailing = (source: SourceState | undefined): source is SourceState & { readonly error: string } =>
  source?.error !== undefined && !source.absent

/** All that is known about a session at a time: the state of every collector under its id, and how each source fares. */
export type History = {
  readonly session: RecordingHeader
  /** session time of the newest reading: "now" for every view */
  readonly time: number
  /** session time in ms from which the recording was read; absent where nothing of the session is left out */
  readonly knownSince?: number
  readonly sources: Readonly<Partial<Record<CollectorId, SourceState>>>
} & { readonly [Id in CollectorId]: CollectorState<Id> }

/** Creates an empty history. */
export function createHistory(session: RecordingHeader): History {
  const states = Object.fromEntries(collectorIds.map(id => [id, collectors[id].empty])) as {
    [Id in CollectorId]: CollectorState<Id>
  }
  return { session, time: 0, sources: {}, ...states }
}

/** Returns whether all of the session from a time on is in the history, so that a change since then can be given. */
export const isKnownSince = ({ knownSince = Number.NEGATIVE_INFINITY }: History, time: number): boolean =>
  time >= knownSince

/** Returns the history with one more reading. Never throws: a text that cannot be parsed is a problem of its source. */
export function appendReading(history: History, reading: Reading): History {
  const id = reading.collector
  if (!Object.hasOwn(collectors, id)) return history // a recording of a later version
  const time = Math.max(history.time, reading.time)
  const { memory, parseError } = foldReading(history, reading)
  const note = getCollector(id).describeNote?.(memory)
  const state = buildSourceState(history, reading, parseError)
  const source = note === undefined ? state : { ...state, note }
  const next = { ...history, time, [id]: memory, sources: { ...history.sources, [id]: source } }
  if (next.clock !== history.clock) return { ...next, session: { ...next.session, clockSteps: next.clock.steps } }
  return next.meminfo === history.meminfo ? next : accountForMeminfo(next, reading.time)
}

// Where all RAM is follows from several sources.
const accountForMeminfo = (history: History, time: number): History => ({
  ...history,
  meminfo: addRamAccount(history.meminfo, history, time, history.session),
})

// The state of a collector is untyped here: the compiler cannot see that it is stored under the collector's own key.
function foldReading(history: History, reading: Reading): { memory: unknown; parseError?: string | undefined } {
  const memory: unknown = history[reading.collector]
  const before = history.sources[reading.collector]
  if (reading.error !== undefined) return { memory, parseError: before?.parseError }
  const collector = getCollector(reading.collector)
  if (isEmpty(reading.files) && collector.kind === 'file') return { memory, parseError: before?.parseError }
  try {
    const next = collector.applyFiles(memory, reading.files, reading.time, history.session)
    return { memory: next, parseError: collector.describeProblem?.(next) }
  } catch (error) {
    if (error instanceof ParseError) return { memory, parseError: error.message }
    throw error
  }
}

function isEmpty(files: Files): boolean {
  for (const _ in files) return false
  return true
}

/** The error of every source except the kernel log when a saved log is played. */
export const NOT_IN_LOG = 'not in a saved log'

function buildSourceState(history: History, reading: Reading, parseError: string | undefined): SourceState {
  const collector = getCollector(reading.collector)
  const before = history.sources[reading.collector]
  const interval = reading.next ?? (collector.interval || history.session.interval)
  const cost = reading.cost ?? before?.cost ?? null
  const okAt = reading.error === undefined ? reading.time : (before?.okAt ?? null)
  const missed = reading.time - (before?.okAt ?? reading.time) > Math.max(20_000, 3 * interval)
  const gap = missed && before?.okAt != null ? pickLongerGap(before.gap, before.okAt, reading.time) : before?.gap
  const notes = { ...(parseError === undefined ? {} : { error: parseError, parseError }), ...(gap ? { gap } : {}) }
  const sustainedCost = Math.min(cost ?? 0, before?.cost ?? 0)
  const state = { okAt, cost, sustainedCost, interval, ...notes }
  if (reading.error === undefined) return state
  // EACCES: permission denied, open '/proc/slabinfo'
  const [, code = '', reason = reading.error, path = ''] =
    /^([A-Z0-9]+): ([^,]*)(?:, \w+(?: '(.*)')?)?$/.exec(reading.error) ?? []
  const hint = collector.explainError?.(code, path)
  const message = code === '' ? reason : `${path === '' ? reading.collector : path}: ${reason} (${code})`
  const isMissing = collector.optional === true && (code === 'ENOENT' || code === 'EOPNOTSUPP')
  const absent = isMissing || reading.error === NOT_IN_LOG
  return { ...state, error: message, ...(hint ? { hint } : {}), ...(absent ? { absent } : {}) }
}

const GAP_RETENTION = 300_000 // ms for which a shorter gap does not replace a longer one

function pickLongerGap(before: SourceState['gap'], from: number, to: number): SourceState['gap'] {
  const isKept = before && to - before.to < GAP_RETENTION && before.to - before.from > to - from
  return isKept ? before : { from, to }
}
