// Placing: recordings that were put one after the other, on one axis of time. Each part keeps its own clocks.
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Part } from './part.ts'
import type { Header } from './scan.ts'
import type { AlertNote, Summary } from './trailer.ts'

/** A part whose place is to be told. */
export interface ToPlace {
  readonly header: Header
  /** session time, its own, of the last look, where it is known */
  readonly end: number | undefined
}

/** Where a part stands: `by` is added to its times; the session is that of its header, told in tape time. */
export interface Place {
  readonly by: number
  readonly session: RecordingHeader
  /** it is not of the same session as the one before it */
  readonly isNew: boolean
  readonly problem?: string
}

const OVERLAP = 1000 // ms: clocks are no better
const APART = 1000 // ms between two of which nobody knows how far they are apart

/** Whether two headers are of one session. */
export const isSameSession = (a: RecordingHeader, b: RecordingHeader): boolean =>
  a.host === b.host && a.bootId === b.bootId && a.wallClock === b.wallClock && a.monotonic === b.monotonic

/**
 * Places parts by the wall clock. Of one that would begin before the one before it ended the kernel's own clock tells, if both
 * are of one boot; else nothing does: it is put behind.
 */
export function placesOf(parts: readonly ToPlace[]): readonly Place[] {
  const places: Place[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const [i, part] of parts.entries()) {
    const before = i > 0 ? { part: parts[i - 1]!, place: places[i - 1]! } : undefined
    const place = placeOf(part.header, before, parts[0]!.header.session, end)
    places.push(place)
    end = Math.max(end, (part.end ?? part.header.begin) + place.by)
  }
  return places
}

interface Before {
  readonly part: ToPlace
  readonly place: Place
}

function placeOf({ session, begin }: Header, before: Before | undefined, first: RecordingHeader, end: number): Place {
  if (!before) return { by: 0, session, isNew: false }
  const fits = (by: number): boolean => begin + by >= end - OVERLAP
  const same = isSameSession(session, before.part.header.session)
  if (same && fits(before.place.by)) return { by: before.place.by, session: before.place.session, isNew: false }
  const byWall = session.wallClock - first.wallClock
  if (!same && fits(byWall)) return placed(session, byWall)
  const byBoot = byMonotonic(session, before.place.session)
  if (!same && byBoot !== undefined && fits(byBoot)) return placed(session, byBoot)
  const at = new Date(session.wallClock + begin).toISOString()
  const problem = `a part that says it begins at ${at} stands behind one that ended later: it is played after it`
  return { ...placed(session, end + APART - begin), problem }
}

const placed = (session: RecordingHeader, by: number): Place => ({ by, session: inTape(session, by), isNew: true })

function byMonotonic(session: RecordingHeader, before: RecordingHeader): number | undefined {
  if (session.bootId !== before.bootId || session.bootId === 'unknown') return undefined
  if (session.monotonic === undefined || before.monotonic === undefined) return undefined
  return session.monotonic - before.monotonic
}

// What the clocks said at tape time 0.
const inTape = (session: RecordingHeader, by: number): RecordingHeader => ({
  ...session,
  wallClock: session.wallClock - by,
  ...(session.monotonic === undefined ? {} : { monotonic: session.monotonic - by }),
})

const TIMES = ['since', 'at', 'raisedAt', 'seenAt', 'overAt', 'resolvedAt', 'acknowledgedAt']

/** A summary told in tape time. */
export function summaryLater(summary: Summary, by: number): Summary {
  if (by === 0) return summary
  const later = ([time, ...rest]: readonly (number | null)[]): (number | null)[] => [(time ?? 0) + by, ...rest]
  const alert = (note: AlertNote): AlertNote =>
    Object.fromEntries(
      Object.entries(note).map(([key, value]) => [
        key,
        TIMES.includes(key) && typeof value === 'number' ? value + by : value,
      ]),
    )
  return {
    ...summary,
    begin: summary.begin + by,
    end: summary.end + by,
    marks: summary.marks.map(([time, text]) => [time + by, text] as const),
    minutes: summary.minutes.map(later),
    alerts: summary.alerts.map(alert),
  }
}

/** A part told in tape time. */
export function partLater(part: Part, { by, session }: Place): Part {
  if (by === 0) return { ...part, session }
  const later = <T extends { readonly time: number }>(reading: T): T => ({ ...reading, time: reading.time + by })
  return {
    ...part,
    session,
    begin: part.begin + by,
    keyframe: part.keyframe.map(later),
    readings: part.readings.map(later),
  }
}
