// Places recordings that were joined on one time axis. Each part keeps its own clocks.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { AlertRecord, FrameSummary } from './frame-index.ts'
import type { PartHeader, RecordingPart } from './part.ts'

/** A part to be placed. */
export interface PartTimes {
  readonly header: PartHeader
  /** session time of its last sample, by its own session, if known */
  readonly end: number | undefined
}

/** The place of a part: `by` is added to its times; the session is its header, converted to the time of the recording. */
export interface SessionOffset {
  readonly offset: number
  readonly session: RecordingHeader
  /** it belongs to another session than the part before it */
  readonly isNew: boolean
  readonly problem?: string
}

const MAX_OVERLAP = 1000 // ms: clocks are not more exact
const UNKNOWN_GAP = 1000 // ms between two parts whose distance is unknown

/** Returns whether two headers belong to the same session. */
export const isSameSession = (a: RecordingHeader, b: RecordingHeader): boolean =>
  a.host === b.host && a.bootId === b.bootId && a.wallClock === b.wallClock && a.monotonic === b.monotonic

/**
 * Places parts by the wall clock. If a part would begin before the end of the previous one, the kernel's clock decides if both are of
 * the same boot; otherwise the part is placed after it.
 */
export function computeOffsets(parts: readonly PartTimes[]): readonly SessionOffset[] {
  const offsets: SessionOffset[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const [i, part] of parts.entries()) {
    const before = i > 0 ? { part: parts[i - 1]!, offset: offsets[i - 1]! } : undefined
    const offset = computeOffset(part.header, before, parts[0]!.header.session, end)
    offsets.push(offset)
    end = Math.max(end, (part.end ?? part.header.begin) + offset.offset)
  }
  return offsets
}

interface PreviousPart {
  readonly part: PartTimes
  readonly offset: SessionOffset
}

function computeOffset(
  { session, begin }: PartHeader,
  previous: PreviousPart | undefined,
  first: RecordingHeader,
  end: number,
): SessionOffset {
  if (!previous) return { offset: 0, session, isNew: false }
  const isAfterPrevious = (offset: number): boolean => begin + offset >= end - MAX_OVERLAP
  const isSame = isSameSession(session, previous.part.header.session)
  if (isSame && isAfterPrevious(previous.offset.offset))
    return { offset: previous.offset.offset, session: previous.offset.session, isNew: false }
  const wallOffset = session.wallClock - first.wallClock
  if (!isSame && isAfterPrevious(wallOffset)) return createOffset(session, wallOffset)
  const bootOffset = computeBootOffset(session, previous.offset.session)
  if (!isSame && bootOffset !== undefined && isAfterPrevious(bootOffset)) return createOffset(session, bootOffset)
  const beginTime = new Date(session.wallClock + begin).toISOString()
  const problem = `a part that begins at ${beginTime} follows one that ended later: it is played after it`
  return { ...createOffset(session, end + UNKNOWN_GAP - begin), problem }
}

const createOffset = (session: RecordingHeader, offset: number): SessionOffset => ({
  offset,
  session: toRecordingTime(session, offset),
  isNew: true,
})

function computeBootOffset(session: RecordingHeader, before: RecordingHeader): number | undefined {
  if (session.bootId !== before.bootId || session.bootId === 'unknown') return undefined
  if (session.monotonic === undefined || before.monotonic === undefined) return undefined
  return session.monotonic - before.monotonic
}

// Computes the clocks at time 0 of the recording.
const toRecordingTime = (session: RecordingHeader, offset: number): RecordingHeader => ({
  ...session,
  wallClock: session.wallClock - offset,
  ...(session.monotonic === undefined ? {} : { monotonic: session.monotonic - offset }),
})

const TIME_FIELDS = ['since', 'at', 'raisedAt', 'criticalAt', 'seenAt', 'overAt', 'resolvedAt', 'acknowledgedAt']

/** Converts a summary to the time of the recording. */
export function shiftSummary(summary: FrameSummary, offset: number): FrameSummary {
  if (offset === 0) return summary
  const shiftRow = ([time, ...rest]: readonly (number | null)[]): (number | null)[] => [(time ?? 0) + offset, ...rest]
  const shiftAlert = (note: AlertRecord): AlertRecord =>
    Object.fromEntries(
      Object.entries(note).map(([key, value]) => [
        key,
        TIME_FIELDS.includes(key) && typeof value === 'number' ? value + offset : value,
      ]),
    )
  return {
    ...summary,
    begin: summary.begin + offset,
    end: summary.end + offset,
    marks: summary.marks.map(([time, text]) => [time + offset, text] as const),
    minutes: summary.minutes.map(shiftRow),
    alerts: summary.alerts.map(shiftAlert),
  }
}

/** Converts a part to the time of the recording. */
export function shiftPart(part: RecordingPart, { offset, session }: SessionOffset): RecordingPart {
  if (offset === 0) return { ...part, session }
  const shiftReading = <T extends { readonly time: number }>(reading: T): T => ({
    ...reading,
    time: reading.time + offset,
  })
  return {
    ...part,
    session,
    begin: part.begin + offset,
    keyframe: part.keyframe.map(shiftReading),
    readings: part.readings.map(shiftReading),
  }
}
