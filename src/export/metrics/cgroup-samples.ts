// Series of single cgroups: of those that an alert is about, and of the largest where they are asked for. Bounded.
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { findOwner } from '../../collectors/container-names.ts'
import { isOngoing } from '../../detectors/alerts.ts'
import { listSample, type MetricsInput } from './collect.ts'
import type { Sample } from './sample.ts'

/** Cgroups with a finding that have series: in a storm of kills there may be many. */
const MAX_NAMED = 50
const KINDS = ['current', 'limit', 'kernel', 'swap'] as const

/** Four samples of each selected cgroup at most. */
export function collectCgroups(input: MetricsInput): readonly Sample[] {
  const { names } = input.history
  return selectCgroups(input).flatMap(cgroup => {
    const owner = findOwner(names, cgroup.path)
    const labels = { cgroup: cgroup.path, namespace: owner?.namespace ?? '', pod: owner?.pod ?? '' }
    return KINDS.flatMap(kind => listSample(cgroup[kind], { ...labels, kind }))
  })
}

function selectCgroups({ history, alerts, cgroupSeries = 0 }: MetricsInput): readonly Cgroup[] {
  const { cgroups } = history.cgroups
  const named = new Set(alerts.filter(isOngoing).map(({ subject }) => subject))
  const withFinding = [...named].flatMap(path => cgroups.get(path) ?? []).slice(0, MAX_NAMED)
  return [...new Set([...withFinding, ...selectLargest(cgroups.values(), cgroupSeries)])]
}

// The root is all memory of the node.
function selectLargest(cgroups: Iterable<Cgroup>, count: number): readonly Cgroup[] {
  if (count === 0) return []
  const known = [...cgroups].filter(({ path, current }) => path !== '/' && current !== null)
  return known.sort((a, b) => b.current! - a.current!).slice(0, count)
}
