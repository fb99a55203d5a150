// Forecast: when a growth will have used up the memory, and how severe that is.
import { HOUR, MINUTE } from '../../base/units.ts'
import type { History } from '../../history.ts'
import type { Rise } from './rise.ts'

/** Share of RAM that counts as used up: with less available a node mostly reclaims. */
export const RESERVE = 0.03

/** Returns the bytes that can still be taken, or undefined where MemAvailable is unknown. */
export function computeHeadroom(history: History): number | undefined {
  const { values } = history.meminfo
  const available = values.get('MemAvailable')
  return available === undefined ? undefined : Math.max(0, available - RESERVE * (values.get('MemTotal') ?? 0))
}

/** Returns milliseconds until no memory is left at the rate of a rise, or undefined if it does not grow or the headroom is unknown. */
export function estimateTimeLeft(history: History, rise: Pick<Rise, 'perHour' | 'acceleration'>): number | undefined {
  const headroom = computeHeadroom(history)
  return rise.perHour <= 0 || headroom === undefined ? undefined : HOUR * estimateHours(headroom, rise)
}

// An acceleration is assumed to last as long again as it was observed; then the rate stays constant.
function estimateHours(headroom: number, { perHour, acceleration }: Pick<Rise, 'perHour' | 'acceleration'>): number {
  if (!acceleration) return headroom / perHour
  const { perHourSquared, observedFor } = acceleration
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
 * Whether a rise is critical: memory runs out within `hours` at its rate, and it has already used a share of what was available. A rise
 * that used little may still level off, unless the end is so near that waiting is worse: then two minutes of it are enough.
 */
export function isCritical(
  history: History,
  rise: Pick<Rise, 'since' | 'growth' | 'perHour' | 'acceleration'>,
  hours: number,
): boolean {
  const left = estimateTimeLeft(history, rise)
  if (left === undefined || left > hours * HOUR) return false
  const takenShare = rise.growth / Math.max(1, rise.growth + computeHeadroom(history)!)
  const minShare = history.time - rise.since < 2 * MINUTE ? 0.05 : 0.015
  return takenShare >= minShare + (0.15 - minShare) * Math.min(1, Math.max(0, left / HOUR - 1))
}
