// Session times as text: milliseconds since the start of a session to ISO 8601 or to local time.
import { formatDateTime, formatTimeOfDay } from '../base/format.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { toWallTime } from '../collectors/wall-clock.ts'

type SessionClock = Pick<RecordingHeader, 'wallClock' | 'clockSteps'>

/** Formats a session time as ISO 8601 in UTC. */
export const toIso = (session: SessionClock, time: number): string => new Date(toWallTime(session, time)).toISOString()

/** Formats a session time as ISO 8601, undefined as null. */
export const toIsoOrNull = (session: SessionClock, time: number | undefined): string | null =>
  time === undefined ? null : toIso(session, time)

/** Formats a session time as local date and time: `2026-11-23 14:03:22`. */
export const formatSessionDate = (session: SessionClock, time: number): string =>
  formatDateTime(toWallTime(session, time))

/** Formats a session time as local time of day: `14:03:22`. */
export const formatSessionTime = (session: SessionClock, time: number): string =>
  formatTimeOfDay(toWallTime(session, time))
