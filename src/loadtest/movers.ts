// Movers: the cgroups whose memory of processes moved most from trough to trough, to name who disturbs a run.
import { isBelow } from '../base/paths.ts'
import type { Observations } from './observations.ts'

/** `span`: bytes between the least and the most that it had at a trough. */
export interface Mover {
  readonly path: string
  readonly span: number
}

const MAX_MOVERS = 3
const OWN_SHARE = 0.8 // of what a cgroup moved, from which the cgroup below it is named in its place
const LEAST_SHARE = 0.1 // of what the largest moved

/** The largest first; a cgroup is left out where one below it explains what it moved. */
export function findMovers({ iterations, warmup }: Observations): readonly Mover[] {
  const spans = measureSpans(iterations.slice(warmup).map(({ trough }) => trough))
  const isExplained = ({ path, span }: Mover): boolean =>
    spans.some(other => isBelow(other.path, path) && other.span >= OWN_SHARE * span)
  const [largest, ...others] = spans.filter(mover => !isExplained(mover)).sort((a, b) => b.span - a.span)
  if (!largest) return []
  return [largest, ...others.filter(({ span }) => span >= LEAST_SHARE * largest.span)].slice(0, MAX_MOVERS)
}

function measureSpans(troughs: readonly Observations['iterations'][number]['trough'][]): readonly Mover[] {
  const values = new Map<string, number[]>()
  for (const trough of troughs)
    for (const { group, name, value } of trough.values()) {
      const path = group === 'cgroup' ? / anon$/.exec(name) && name.slice(0, -' anon'.length) : undefined
      if (path) values.set(path, [...(values.get(path) ?? []), value])
    }
  return [...values].flatMap(([path, all]) => {
    const span = Math.max(...all) - Math.min(...all)
    return span > 0 ? [{ path, span }] : []
  })
}
