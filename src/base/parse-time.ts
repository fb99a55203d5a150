// Parses times as users write them: `14:05`, `2026-11-23T14:05:10`, `-10m`, `+90s`, `50%`.
import { UserError } from './errors.ts'
import { formatDateTime, formatDuration } from './format.ts'
import {
  type ClockSegment,
  computeWallTime,
  findSessionTime,
  listClockSegments,
  type SessionClock,
} from './wall-time.ts'

/** A time span in session milliseconds, with its wall clock. */
export interface TimeSpan extends SessionClock {
  readonly begin: number
  readonly end: number
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DAY = UNITS.d

/** Parses `2`, `500ms`, `1.5s`, `5m`, `12h`, `7d` to milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text)
  return match ? Number(match[1]) * UNITS[(match[2] ?? 's') as keyof typeof UNITS] : undefined
}

/**
 * Parses a session time: a local time of day (the first in the span), a date and time, a duration after the beginning (`+`) or
 * before the end (`-`), or a share of the span. A duration that leads out of the span becomes its beginning or end.
 * @param warn called with a message in that case
 * @throws UserError if the text is not a time, or the time is outside the span
 */
export function parseTime(text: string, span: TimeSpan, warn: (message: string) => void = () => {}): number {
  const time = parseSessionTime(text.trim(), span)
  if (time === undefined)
    throw new UserError(`${JSON.stringify(text)} is no time: expected 14:05, 2026-11-23T14:05, +10m, -10m or 50%`)
  const isLength = /^\s*[+-]/.test(text)
  if (isLength && (time < span.begin - 1000 || time > span.end + 1000))
    warn(`${text} leads out of the recording: ${describeOverrun(time, span)}`)
  if (isLength || (time >= span.begin - 1000 && time <= span.end + 1000))
    return Math.min(span.end, Math.max(span.begin, time))
  const [from, until] = [span.begin, span.end].map(at => formatDateTime(computeWallTime(span, at)))
  throw new UserError(`${JSON.stringify(text)} is not within: the recording goes from ${from} to ${until}`)
}

/**
 * Parses the session time of a sample. A time of day names a whole second, so it means the last sample in that second.
 * @throws UserError as parseTime
 */
export function parseSampleTime(text: string, span: TimeSpan, warn?: (message: string) => void): number {
  const time = parseTime(text, span, warn)
  return CLOCK.test(text.trim()) ? Math.min(span.end, time + 999) : time
}

const CLOCK = /^(\d{4}-\d{2}-\d{2}[T ])?\d{1,2}:\d{2}(:\d{2})?$/

const describeOverrun = (time: number, { begin, end }: TimeSpan): string =>
  `it is ${formatDuration(end - begin)} long; taken as its ${time > end ? 'end' : 'beginning'}`

function parseSessionTime(text: string, span: TimeSpan): number | undefined {
  const { begin, end } = span
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)
  if (share) return Number(share[1]) <= 100 ? begin + ((end - begin) * Number(share[1])) / 100 : undefined
  const length = /^[+-]/.test(text) ? parseDuration(text.slice(1)) : undefined
  if (length !== undefined) return text[0] === '+' ? begin + length : end - length
  return parseTimeOfDay(text, span) ?? parseDateTime(text, span)
}

// In each part between two steps of the clock; the first that is within its part, or else the moment of the step.
function parseTimeOfDay(text: string, span: TimeSpan): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text)
  const [hours, minutes, seconds] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3] ?? 0)]
  if (!match || hours > 23 || minutes > 59 || seconds >= 60) return undefined
  // a time without seconds or milliseconds may be the minute or second in which the recording begins
  const slack = match[3] === undefined ? 60_000 : 1000
  const times = listClockSegments(span, span.begin, span.end).map(segment => ({
    segment,
    time: findTimeOfDay({ hours, minutes, seconds }, slack, segment),
  }))
  const inside = times.find(({ segment, time }) => time < segment.end)
  if (inside) return inside.time
  const [first] = times
  return first && findSessionTime(span, first.time + first.segment.wallClock, span.begin, span.end)
}

function findTimeOfDay(
  { hours, minutes, seconds }: { readonly hours: number; readonly minutes: number; readonly seconds: number },
  slack: number,
  { begin, end, wallClock }: ClockSegment,
): number {
  const day = new Date(wallClock + begin)
  day.setHours(hours, minutes, 0, 0)
  const first = day.getTime() + seconds * 1000 - wallClock
  const next = first + slack <= begin ? first + DAY : first
  return next < begin && next + slack > begin ? Math.min(begin, end) : next
}

function parseDateTime(text: string, span: TimeSpan): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined
  const at = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(at) ? undefined : findSessionTime(span, at, span.begin, span.end)
}
