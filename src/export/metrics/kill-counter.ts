// Counters of OOM kills by namespace and pod. The kernel's counters go with their cgroup; these do not. Bounded.
import { shortenCgroupPath, toPodCgroupPath } from '../../collectors/cgroups/short-name.ts'
import { findOwner } from '../../collectors/container-names.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { CorrelatedKill } from '../../detectors/oom/oom-correlation.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'
import type { Exemplar } from './sample.ts'

/** The kills of one pod so far. */
export interface KillTotal {
  readonly namespace: string
  readonly pod: string
  readonly count: number
  /** the kernel record of the last one */
  readonly last: Exemplar
}

const MAX_PODS = 500
const OTHERS = '(others)'

/** Counts kills by namespace and pod, from its first call on. A count never falls. */
export class KillCounter {
  private readonly totals = new Map<string, KillTotal>()
  private countedUntil = Number.NEGATIVE_INFINITY

  /** Counts the kills that came since the last call. Kills from before the first call are not counted. */
  update(history: History): void {
    const kills = getCorrelatedKills(history)
    if (this.countedUntil !== Number.NEGATIVE_INFINITY)
      for (const kill of kills) if (kill.time > this.countedUntil) this.add(history, kill)
    this.countedUntil = Math.max(this.countedUntil, kills.at(-1)?.time ?? 0, 0)
  }

  listTotals(): readonly KillTotal[] {
    return [...this.totals.values()]
  }

  private add(history: History, correlated: CorrelatedKill): void {
    const { names } = history
    const { count, cgroup, kill } = correlated
    const path = cgroup ?? kill?.taskMemcg ?? null
    const owner = path === null ? undefined : findOwner(names, path)
    const namespace = owner?.namespace ?? ''
    const pod = owner?.pod ?? (path === null ? '' : shortenCgroupPath(toPodCgroupPath(path)))
    const key = `${namespace}/${pod}`
    const isFull = !this.totals.has(key) && this.totals.size >= MAX_PODS
    const [actualKey, actualPod] = isFull ? [OTHERS, OTHERS] : [key, pod]
    const before = this.totals.get(actualKey)?.count ?? 0
    const last = toExemplar(history, correlated)
    this.totals.set(actualKey, { namespace: isFull ? '' : namespace, pod: actualPod, count: before + count, last })
  }
}

const MAX_NAME = 60 // characters; all labels of an exemplar together have at most 128

function toExemplar({ session }: History, { time, count, kill }: CorrelatedKill): Exemplar {
  const record = kill?.sequence == null ? {} : { kmsg_sequence: String(kill.sequence) }
  const victim = kill ? { victim: kill.victim.comm.slice(0, MAX_NAME), pid: String(kill.victim.pid) } : {}
  return { labels: { ...record, ...victim }, value: count, time: toWallTime(session, time) / 1000 }
}
