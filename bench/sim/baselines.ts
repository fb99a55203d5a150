// What others do with the same numbers: a judge is asked after each look and answers whether it would alert now.
import { computeTrend } from '../../src/base/trend.ts'
import { HOUR, MINUTE } from './courses.ts'

/** One look, in bytes. */
export interface Numbers {
  readonly time: number
  readonly total: number
  readonly available: number
  readonly unreclaimable: number
}

export type Judge = (look: Numbers) => boolean

/** A level that is simply too much: 10 % of RAM. */
export const plainThreshold = (): Judge => look => look.unreclaimable > 0.1 * look.total

/** Deckhouse's NodeSUnreclaimBytesUsageHigh: least squares over 6 h say that a day later it is all gone, and it holds over 10 % of RAM. */
export function predictLinear(): Judge {
  const kept = window(6 * HOUR)
  return look => {
    const points = kept(look)
    if (points.length < 30) return false
    const { slope } = leastSquares(points)
    const level = look.unreclaimable > 0.1 * look.total
    return level && look.available - slope * 24 * HOUR < 0
  }
}

/** Mann-Kendall as it stands in the book: z above 3 on the last two hours. */
export function plainMannKendall(): Judge {
  const kept = window(2 * HOUR)
  return look => {
    const points = kept(look)
    if (points.length < 60) return false
    const values = Array.from(
      { length: 60 },
      (_, i) => points[Math.floor((i * (points.length - 1)) / 59)]!.unreclaimable,
    )
    const trend = computeTrend(values)
    return trend !== undefined && trend.rawZ > 3
  }
}

export const BASELINES: Readonly<Record<string, () => Judge>> = {
  'predict_linear + level': predictLinear,
  'plain threshold': plainThreshold,
  'plain Mann-Kendall': plainMannKendall,
}

// The last looks, one a minute.
function window(span: number): (look: Numbers) => readonly Numbers[] {
  let points: Numbers[] = []
  return look => {
    if (points.length === 0 || look.time - points.at(-1)!.time >= MINUTE) points.push(look)
    if (points[0]!.time < look.time - 1.2 * span) points = points.filter(({ time }) => time >= look.time - span)
    return points
  }
}

function leastSquares(points: readonly Numbers[]): { readonly slope: number } {
  const n = points.length
  const meanTime = points.reduce((sum, { time }) => sum + time, 0) / n
  const mean = points.reduce((sum, { unreclaimable }) => sum + unreclaimable, 0) / n
  let [above, below] = [0, 0]
  for (const { time, unreclaimable } of points) {
    above += (time - meanTime) * (unreclaimable - mean)
    below += (time - meanTime) ** 2
  }
  return { slope: below === 0 ? 0 : above / below }
}
