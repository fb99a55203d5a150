// Time axis: ticks at round local times, with the day where more than one is shown.
import { formatTimeOfDay, NO_DATE } from '../../base/format.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../base/units.ts'

/** A labelled time of the axis. */
export interface TimeTick {
  /** wall clock in ms */
  readonly time: number
  readonly label: string
}

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map(hours => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map(days => days * DAY),
]
const LABEL_WIDTH = 10 // cells from one tick to the next, at least

/** Returns ticks between two wall clock times for an axis of `width` cells. */
export function listTimeTicks(begin: number, end: number, width: number): readonly TimeTick[] {
  const span = Math.max(1, end - begin)
  const most = Math.max(1, Math.floor(width / LABEL_WIDTH))
  const step = STEPS.find(candidate => span / candidate <= most) ?? STEPS.at(-1)!
  const ticks: TimeTick[] = []
  let day = ''
  for (let time = findFirstTick(begin, step); time <= end; time = addStep(time, step)) {
    const label = formatTickLabel(time, step, day)
    const isWholeDay = step >= DAY
    day = formatDay(time)
    ticks.push({ time, label: isWholeDay ? day : label })
    if (ticks.length > width) break
  }
  return hasSeveralDays(begin, end) ? ticks : ticks.map(tick => ({ ...tick, label: stripDay(tick.label) }))
}

/** Formats a time within a span: `05:00`; with the weekday where the span has more than one day: `Thu 05:00`. */
export function formatShortTime(time: number, begin: number, end: number): string {
  const clock = formatTimeOfDay(time).slice(0, end - begin < 10 * MINUTE ? 8 : 5)
  return hasSeveralDays(begin, end) ? `${formatDay(time).split(' ')[0]} ${clock}` : clock
}

/** Shortens a label to its weekday: `Wed 4 Mar 00:00` to `Wed 00:00`. */
export const dropDate = (label: string): string => label.replace(/^([A-Z][a-z]+) \d+ [A-Z][a-z]+/, '$1')

const stripDay = (label: string): string => label.slice(label.lastIndexOf(' ') + 1)

const hasSeveralDays = (begin: number, end: number): boolean => formatDay(begin) !== formatDay(end)

// The day is repeated where it changes, and at the first tick.
function formatTickLabel(time: number, step: number, previousDay: string): string {
  const date = new Date(time)
  const clock = [date.getHours(), date.getMinutes(), ...(step < MINUTE ? [date.getSeconds()] : [])]
    .map(part => String(part).padStart(2, '0'))
    .join(':')
  const day = formatDay(time)
  return day === previousDay ? clock : `${day} ${clock}`
}

const YEAR = 365 * DAY
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Formats the local day: `Wed 4 Mar`; without a date the days since boot: `+2d`. */
export function formatDay(wallClock: number): string {
  if (wallClock < NO_DATE + YEAR) return `+${Math.floor((wallClock - NO_DATE) / DAY)}d`
  const date = new Date(wallClock)
  return `${WEEKDAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}`
}

// Round in local time, so that a step of six hours falls on 00:00, 06:00, 12:00 in every zone.
function findFirstTick(begin: number, step: number): number {
  const midnight = new Date(begin)
  midnight.setHours(0, 0, 0, 0)
  const base = midnight.getTime()
  if (step >= DAY) return base === begin ? base : addStep(base, DAY)
  return base + Math.ceil((begin - base) / step) * step
}

function addStep(time: number, step: number): number {
  if (step < DAY) return time + step
  const date = new Date(time)
  date.setDate(date.getDate() + Math.round(step / DAY))
  return date.getTime()
}
