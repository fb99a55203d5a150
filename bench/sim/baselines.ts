// What others do with the same numbers: a judge is asked after each sample and answers whether it would alert now.
import { computeTrend } from '../../src/base/trend.ts'
import { HOUR, MINUTE } from './signals.ts'

/** One sample, in bytes. */
export interface NodeSample {
  readonly time: number
  readonly total: number
  readonly available: number
  readonly unreclaimable: number
}

export type Baseline = (sample: NodeSample) => boolean

/** A level that is simply too much: 10 % of RAM. */
export const createThreshold = (): Baseline => sample => sample.unreclaimable > 0.1 * sample.total

/** Deckhouse's NodeSUnreclaimBytesUsageHigh: least squares over 6 h say that a day later it is all gone, and it holds over 10 % of RAM. */
export function createPredictLinear(): Baseline {
  const kept = createWindow(6 * HOUR)
  return sample => {
    const points = kept(sample)
    if (points.length < 30) return false
    const { slope } = fitLine(points)
    const level = sample.unreclaimable > 0.1 * sample.total
    return level && sample.available - slope * 24 * HOUR < 0
  }
}

/** Mann-Kendall as in the textbook: z above 3 on the last two hours. */
export function createMannKendall(): Baseline {
  const kept = createWindow(2 * HOUR)
  return sample => {
    const points = kept(sample)
    if (points.length < 60) return false
    const values = Array.from(
      { length: 60 },
      (_, i) => points[Math.floor((i * (points.length - 1)) / 59)]!.unreclaimable,
    )
    const trend = computeTrend(values)
    return trend !== undefined && trend.rawZ > 3
  }
}

export const BASELINES: Readonly<Record<string, () => Baseline>> = {
  'predict_linear + level': createPredictLinear,
  'plain threshold': createThreshold,
  'plain Mann-Kendall': createMannKendall,
}

// The last samples, one per minute.
function createWindow(span: number): (sample: NodeSample) => readonly NodeSample[] {
  let points: NodeSample[] = []
  return sample => {
    if (points.length === 0 || sample.time - points.at(-1)!.time >= MINUTE) points.push(sample)
    if (points[0]!.time < sample.time - 1.2 * span) points = points.filter(({ time }) => time >= sample.time - span)
    return points
  }
}

function fitLine(points: readonly NodeSample[]): { readonly slope: number } {
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
