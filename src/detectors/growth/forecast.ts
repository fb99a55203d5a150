// Exhaustion: when a growth will have used up the memory, and how loud that is.
import { HOUR, MINUTE } from '../../base/units.ts'
import type { History } from '../../history.ts'
import type { Rise } from './trend.ts'

/** Share of RAM that is as good as gone: with less left a node reclaims instead of working. */
const RESERVE = 0.03

/** Bytes that can still be taken; undefined when not known. */
export function computeHeadroom(history: History): number | undefined {
  const { values } = history.meminfo
  const available = values.get('MemAvailable')
  return available === undefined ? undefined : Math.max(0, available - RESERVE * (values.get('MemTotal') ?? 0))
}

/** Milliseconds until no memory is left at the pace of a rise; undefined when it does not grow, or the room is not known. */
export function estimateTimeLeft(history: History, rise: Pick<Rise, 'perHour' | 'quickens'>): number | undefined {
  const headroom = computeHeadroom(history)
  return rise.perHour <= 0 || headroom === undefined ? undefined : HOUR * estimateHours(headroom, rise)
}

// What quickens goes on to do so for as long as it was seen to; then it keeps its pace.
function estimateHours(headroom: number, { perHour, quickens }: Pick<Rise, 'perHour' | 'quickens'>): number {
  if (!quickens) return headroom / perHour
  const { perHourSquared, observedFor } = quickens
  const hours = (Math.sqrt(perHour ** 2 + 2 * perHourSquared * headroom) - perHour) / perHourSquared
  const acceleratingHours = observedFor / HOUR
  if (hours <= acceleratingHours) return hours
  return (
    acceleratingHours +
    (headroom - perHour * acceleratingHours - (perHourSquared * acceleratingHours ** 2) / 2) /
      (perHour + perHourSquared * acceleratingHours)
  )
}

/**
 * Whether a rise is critical: at its pace the memory ends within `hours`, and what it took already bears that out. One that took
 * little of what there was may yet level off, unless the end is so near that waiting is worse: then two minutes of it are enough.
 */
export function isCritical(
  history: History,
  rise: Pick<Rise, 'since' | 'growth' | 'perHour' | 'quickens'>,
  hours: number,
): boolean {
  const left = estimateTimeLeft(history, rise)
  if (left === undefined || left > hours * HOUR) return false
  const takenShare = rise.growth / Math.max(1, rise.growth + computeHeadroom(history)!)
  const minShare = history.time - rise.since < 2 * MINUTE ? 0.05 : 0.015
  return takenShare >= minShare + (0.15 - minShare) * Math.min(1, Math.max(0, left / HOUR - 1))
}
