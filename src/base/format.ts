// Formats numbers and times: every number has a unit, and numbers of one kind have one width.
import { DAY, HOUR } from './units.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Formats bytes with a unit and three or four digits: `512 B`, `1.98 GiB`, `41.2 GiB`, `377 GiB`; no limit is `–`, unknown `?`. */
export function formatBytes(value: number | undefined): string {
  const { digits, unit } = scaleBytes(value)
  return unit === '' ? digits : `${digits} ${unit}`
}

/** Formats bytes in at most six characters for narrow columns: `1.98G`, `610M`, `–`. */
export function formatShortBytes(value: number | undefined): string {
  const { digits, unit } = scaleBytes(value)
  return unit === '' ? digits : `${digits}${unit[0]}`
}

function scaleBytes(value: number | undefined): { digits: string; unit: string } {
  if (value === undefined || Number.isNaN(value)) return { digits: '?', unit: '' }
  if (!Number.isFinite(value)) return { digits: '–', unit: '' }
  let size = Math.abs(value)
  let unit = 0
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  const text = unit === 0 ? size.toFixed(0) : formatThreeDigits(size)
  return { digits: value < 0 ? `−${text}` : text, unit: UNITS[unit]! }
}

function formatThreeDigits(size: number): string {
  if (size < 9.995) return size.toFixed(2)
  return size < 99.95 ? size.toFixed(1) : size.toFixed(0)
}

/** Formats a signed change in bytes: `+412 MiB`, `−1.90 GiB`, `0`. */
export function formatSignedBytes(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '?'
  if (Math.abs(value) < 0.5) return '0'
  return value > 0 ? `+${formatBytes(value)}` : formatBytes(value)
}

/** Formats a count with thousands separators up to 99,999, then `123 k`, `50.4 M`. */
export function formatCount(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '?'
  if (!Number.isFinite(value)) return '–'
  if (value < 0) return `−${formatCount(-value)}`
  if (Math.abs(value) < 99_999.5) return groupThousands(Math.round(value))
  const [scale, unit] = COUNT_UNITS.find(([scale]) => value < 999.5 * scale) ?? [1e9, 'G']
  const size = value / scale
  return `${size < 99.95 ? size.toFixed(1) : size.toFixed(0)} ${unit}`
}

const COUNT_UNITS: readonly (readonly [scale: number, unit: string])[] = [
  [1e3, 'k'],
  [1e6, 'M'],
]

// toLocaleString does the same at twenty times the cost, in every cell of every frame
const groupThousands = (value: number): string => String(value).replace(/\B(?=(?:\d{3}){1,8}$)/g, ',')

/** Formats a count with its noun: `1 kill`, `2,000 kills`. */
export const formatPlural = (value: number, noun: string): string =>
  `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`

/** Formats a number of times: `once`, `12 times`. */
export const formatTimes = (value: number): string => (value === 1 ? 'once' : `${formatCount(value)} times`)

/** Formats a list: `kmsg`, `kmsg and vmstat`, `kmsg, memory.events and vmstat`; empty for no words. */
export const formatList = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** Formats events per second: `0/s`, `0.4/s`, `1,240/s`. */
export function formatRate(value: number | undefined): string {
  if (value === undefined) return '?'
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : formatCount(value)}/s`
}

/** Formats a share of one in percent: `0.4 %`, `89 %`. */
export function formatPercent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return '?'
  const value = share * 100
  return `${value !== 0 && Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`
}

/** Formats a duration in milliseconds with at most two units: `12 s`, `38 min`, `9 h 10 min`, `2 d 3 h`. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return '?'
  if (!Number.isFinite(ms)) return '–'
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 && minutes < 5 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  const days = Math.floor(hours / 24)
  return hours % 24 && days < 30 ? `${days} d ${hours % 24} h` : `${days} d`
}

/** Formats how long something took, to a tenth of a second where it was short: `0.4 s`, `38 s`, `3 min 5 s`. */
export const formatTimeTaken = (ms: number): string => (ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms))

/** Formats a duration in at most six characters for narrow columns: `38 min`, `6.5 h`, `2.1 d`. */
export function formatShortDuration(ms: number): string {
  const hours = ms / HOUR
  if (hours < 1) return formatDuration(ms).replace(/ min \d+ s$/, ' min')
  return hours < 48
    ? `${hours < 9.95 ? hours.toFixed(1) : hours.toFixed(0)} h`
    : `${hours / 24 < 9.95 ? (hours / 24).toFixed(1) : (hours / 24).toFixed(0)} d`
}

/** Formats an age: `12 s ago`. */
export function formatAge(ms: number): string {
  return ms < 500 ? 'now' : `${formatDuration(ms)} ago`
}

const padTwo = (value: number): string => String(value).padStart(2, '0')

/** Formats the local time of day of a wall clock in milliseconds: `14:03:22`. */
export function formatTimeOfDay(wallClock: number): string {
  const date = new Date(wallClock)
  return `${padTwo(date.getHours())}:${padTwo(date.getMinutes())}:${padTwo(date.getSeconds())}`
}

/** Start of a clock without a date, for logs with only the time since boot. Its time of day is right in every time zone. */
export const NO_DATE = new Date(1970, 0, 1).getTime()

const YEAR = 365 * DAY

/** Formats local date and time of a wall clock in milliseconds: `2026-11-23 14:03:22`; without a date `boot +  2d 14:03:22`. */
export function formatDateTime(wallClock: number): string {
  if (wallClock < NO_DATE + YEAR)
    return `boot +${String(Math.floor((wallClock - NO_DATE) / DAY)).padStart(3)}d ${formatTimeOfDay(wallClock)}`
  const date = new Date(wallClock)
  return `${date.getFullYear()}-${padTwo(date.getMonth() + 1)}-${padTwo(date.getDate())} ${formatTimeOfDay(wallClock)}`
}

/** Formats the time of day of a wall clock; a clock without a date gets the days since boot in front. */
export const formatClockOrUptime = (wallClock: number): string =>
  wallClock < NO_DATE + YEAR ? formatDateTime(wallClock) : formatTimeOfDay(wallClock)
