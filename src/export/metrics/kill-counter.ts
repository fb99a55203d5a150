// Counters of OOM kills by namespace and pod. The kernel's counters go with their cgroup; these do not. Bounded.
import { shortenCgroupPath, toPodCgroupPath } from '../../collectors/cgroups/short-name.ts'
import { findOwner } from '../../collectors/container-names.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'

export interface KillTotal {
  readonly namespace: string
  readonly pod: string
  readonly count: number
}

const MAX_PODS = 500
const OTHERS = '(others)'

export class KillCounter {
  private readonly totals = new Map<string, KillTotal>()
  private countedUntil = Number.NEGATIVE_INFINITY

  /** Counts the kills that came since the last call. Kills from before the first call are not counted. */
  update(history: History): void {
    const kills = getCorrelatedKills(history)
    if (this.countedUntil !== Number.NEGATIVE_INFINITY)
      for (const { time, count, cgroup, kill } of kills)
        if (time > this.countedUntil) this.add(history, cgroup ?? kill?.taskMemcg ?? null, count)
    this.countedUntil = Math.max(this.countedUntil, kills.at(-1)?.time ?? 0, 0)
  }

  listTotals(): readonly KillTotal[] {
    return [...this.totals.values()]
  }

  private add({ names }: History, path: string | null, count: number): void {
    const owner = path === null ? undefined : findOwner(names, path)
    const namespace = owner?.namespace ?? ''
    const pod = owner?.pod ?? (path === null ? '' : shortenCgroupPath(toPodCgroupPath(path)))
    const key = `${namespace}/${pod}`
    const isFull = !this.totals.has(key) && this.totals.size >= MAX_PODS
    const [actualKey, actualPod] = isFull ? [OTHERS, OTHERS] : [key, pod]
    const before = this.totals.get(actualKey)?.count ?? 0
    this.totals.set(actualKey, { namespace: isFull ? '' : namespace, pod: actualPod, count: before + count })
  }
}
