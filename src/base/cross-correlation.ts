// How well two curves agree, and which follows which.
import { sampleCorrelation } from 'simple-statistics'

/** The best agreement of two curves. A positive lag: the second follows the first by that many steps. */
export interface Agreement {
  /** correlation coefficient, -1 to 1 */
  readonly r: number
  readonly lag: number
}

const MIN_OVERLAP = 8

/** Compares two curves of equal steps at every lag up to `maxLag`; undefined where neither moves or they are too short. */
export function findAgreement(
  first: readonly number[],
  second: readonly number[],
  maxLag: number,
): Agreement | undefined {
  let best: Agreement | undefined
  for (let lag = -maxLag; lag <= maxLag; lag++) {
    const a = lag >= 0 ? first.slice(0, first.length - lag) : first.slice(-lag)
    const b = lag >= 0 ? second.slice(lag) : second.slice(0, second.length + lag)
    if (a.length < MIN_OVERLAP) continue
    const r = sampleCorrelation([...a], [...b])
    if (Number.isFinite(r) && (!best || r > best.r + 1e-9)) best = { r, lag }
  }
  return best
}
