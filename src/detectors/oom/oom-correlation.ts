// OOM kills of the kernel log correlated with the kill counters. Neither source is complete: the log is rate limited and
// overwritten, and a counter disappears with its cgroup.

import { isBelow, isWithin } from '../../base/paths.ts'
import type { KillCounterRise } from '../../collectors/cgroups/cgroup.ts'
import { MAX_KILL_RISES } from '../../collectors/cgroups/index.ts'
import { MAX_OOM_KILLS } from '../../collectors/kmsg/kernel-log.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { History } from '../../history.ts'
import { findKillPath } from './kill-path.ts'
import {
  CLOCK_TOLERANCE,
  type CounterIncrease,
  listUnloggedByCgroup,
  sumCounts,
  takeUnlogged,
} from './unlogged-kills.ts'

/** Where a kill was seen: the kernel log, or a counter of the cgroup or the node. */
export type KillSource = 'kmsg' | 'memory.events' | 'memory.oom_control' | 'vmstat'

/** One kill, or several that only a counter saw (`kill` is null then). */
export interface CorrelatedKill {
  readonly time: number
  readonly count: number
  readonly kill: OomKill | null
  /** the cgroup of the victim: from the log, else from the counter that rose */
  readonly cgroup: string | null
  readonly confirmedBy: readonly KillSource[]
}

const LOG_WAIT = 1500 // ms to wait for the log line of a counted kill

/** Returns all kills in the history, the oldest first. Caches its last result, which detectors, panels and exports share. */
export function getCorrelatedKills(history: History): readonly CorrelatedKill[] {
  const { oomKills } = history.kmsg
  const [own, node] = [history.cgroups.kills, history.vmstat.kills]
  const newest = Math.max(own.at(-1)?.time ?? Number.NEGATIVE_INFINITY, node.at(-1)?.time ?? Number.NEGATIVE_INFINITY)
  const settled = history.time - newest > LOG_WAIT
  const key = [oomKills, own, node, history.sources.kmsg?.error, settled ? 'settled' : history.time]
  if (!memo || memo.key.some((part, i) => part !== key[i])) memo = { key, kills: correlateKills(history) }
  return memo.kills
}

let memo: { readonly key: readonly unknown[]; readonly kills: readonly CorrelatedKill[] } | undefined

/** Whether kills since `from` may no longer be kept: then their number is a minimum. */
export const areKillsMissing = (history: History, from: number): boolean => findRetainedSince(history) > from

// Both lists are bounded. A full one begins with its oldest kill; what was before is unknown.
const findRetainedSince = ({ kmsg: { oomKills }, cgroups: { kills } }: History): number =>
  Math.max(
    oomKills.length < MAX_OOM_KILLS ? Number.NEGATIVE_INFINITY : oomKills[0]!.time,
    kills.length < MAX_KILL_RISES ? Number.NEGATIVE_INFINITY : kills[0]!.time,
  )

function correlateKills(history: History): readonly CorrelatedKill[] {
  const { oomKills } = history.kmsg
  const retainedSince = findRetainedSince(history)
  const isRetained = (rise: CounterIncrease): boolean => rise.after > retainedSince
  const ownCounts = computeOwnCounts(history).filter(isRetained)
  const own = ownCounts.map(rise => ({ ...rise }))
  const counts = history.vmstat.kills.map(rise => ({ ...rise, path: '/' })).filter(isRetained)
  const node = counts.map(rise => ({ ...rise }))
  // newest first: a kill from before the session must not consume, by CLOCK_TOLERANCE, the count of one within it
  const logged = oomKills.toReversed().map(kill => correlateLoggedKill(kill, own, node, history))
  const isLogRead = history.sources.kmsg !== undefined && history.sources.kmsg.error === undefined
  const waitUntil = isLogRead ? history.time - LOG_WAIT : history.time
  const uncorrelated = listUnloggedByCgroup(own, ownCounts, history, waitUntil).map(rise =>
    correlateCounterKill(rise, node, history),
  )
  const sinceFirst = (node[0]?.after ?? 0) - CLOCK_TOLERANCE
  const explained = [
    ...oomKills.filter(({ time }) => time > sinceFirst).map(({ killedLines }) => killedLines),
    ...uncorrelated.map(({ count }) => count),
  ].reduce((sum, count) => sum + count, 0)
  const nodeOnly = takeUnlogged(node, sumCounts(counts, waitUntil) - explained, waitUntil).map(buildVmstatKill)
  return [...logged, ...uncorrelated, ...nodeOnly].sort((a, b) => a.time - b.time)
}

/**
 * Finds the counter increase of a kill at `time`: the first sample after it, or one within CLOCK_TOLERANCE. In a storm this compares 500
 * kills with 500 rises at each sample: times first, then paths.
 */
function findIncrease(
  rises: readonly CounterIncrease[],
  time: number,
  matches: (rise: CounterIncrease) => boolean = () => true,
): CounterIncrease | undefined {
  let near: CounterIncrease | undefined
  for (const rise of rises) {
    const isNear = time > rise.after - CLOCK_TOLERANCE && time <= rise.time + CLOCK_TOLERANCE && rise.count > 0
    if (!isNear || !matches(rise)) continue
    if (time > rise.after && time <= rise.time) return rise
    near ??= rise
  }
  return near
}

// v2 counts a kill in every ancestor too: kills that a descendant counted at the same time are subtracted.
function computeOwnCounts(history: History): CounterIncrease[] {
  const rises: CounterIncrease[] = history.cgroups.kills.map(kill => ({ ...kill }))
  if (history.cgroups.mounts.memory?.version !== 2) return rises
  const deepest = [...rises].sort((a, b) => b.path.length - a.path.length)
  for (const rise of deepest) {
    for (const other of rises) {
      if (other.time < rise.after || other.after > rise.time || !isBelow(rise.path, other.path)) continue
      other.count = Math.max(0, other.count - rise.count)
    }
  }
  return rises
}

function correlateLoggedKill(
  kill: OomKill,
  own: CounterIncrease[],
  rises: CounterIncrease[],
  history: History,
): CorrelatedKill {
  const confirmedBy: KillSource[] = ['kmsg']
  const lines = kill.killedLines
  const loggedPath = kill.taskMemcg ?? kill.oomGroup
  const cgroupPath = findKillPath(kill, history)
  const rise =
    findIncrease(own, kill.time, ({ path }) => cgroupPath === null || path === cgroupPath) ??
    findIncrease(own, kill.time, ({ path }) => cgroupPath !== null && isWithin(cgroupPath, path))
  const counters = [
    [rise, getEventsFile(history)],
    [findIncrease(rises, kill.time), 'vmstat'],
  ] as const
  for (const [counter, source] of counters) {
    if (!counter) continue
    counter.count = Math.max(0, counter.count - lines)
    confirmedBy.push(source)
  }
  return { time: kill.time, count: 1, kill, cgroup: loggedPath ?? rise?.path ?? null, confirmedBy }
}

function correlateCounterKill(rise: KillCounterRise, rises: CounterIncrease[], history: History): CorrelatedKill {
  const confirmedBy: KillSource[] = [getEventsFile(history)]
  const node = rises.find(
    other =>
      other.count > 0 && other.time >= rise.after - CLOCK_TOLERANCE && other.after <= rise.time + CLOCK_TOLERANCE,
  )
  if (node) {
    node.count = Math.max(0, node.count - rise.count)
    confirmedBy.push('vmstat')
  }
  return { time: rise.time, count: rise.count, kill: null, cgroup: rise.path, confirmedBy }
}

const buildVmstatKill = ({ time, count }: CounterIncrease): CorrelatedKill => ({
  time,
  count,
  kill: null,
  cgroup: null,
  confirmedBy: ['vmstat'],
})

const getEventsFile = (history: History): KillSource =>
  history.cgroups.mounts.memory?.version === 2 ? 'memory.events' : 'memory.oom_control'
