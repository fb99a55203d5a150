// Witnesses: OOM kills as the log tells them, joined with the counters that saw them. Neither is trusted alone: the log
// is rate limited and overwritten, a counter goes with its cgroup.

import { isBelow } from '../collectors/cgroups/census.ts'
import type { KillCounterRise } from '../collectors/cgroups/cgroup.ts'
import { MAX_KILL_RISES } from '../collectors/cgroups/index.ts'
import { MAX_OOM_KILLS } from '../collectors/kmsg/log.ts'
import type { OomKill } from '../collectors/kmsg/oom-kill.ts'
import type { History } from '../history.ts'

export type Witness = 'kmsg' | 'memory.events' | 'memory.oom_control' | 'vmstat'

/** A kill, or several that only a counter saw (`kill` is then null). */
export interface SeenKill {
  readonly time: number
  readonly count: number
  readonly kill: OomKill | null
  /** the cgroup whose process died: from the log, else from the counter that rose */
  readonly cgroup: string | null
  readonly witnesses: readonly Witness[]
}

const SLACK = 500 // ms between the kernel's clock, its counters and our look
const GRACE = 1500 // ms that a counter waits for its log line

/** All kills that are remembered, oldest first. Remembers its last answer: detectors, panels and exports all ask. */
export function seenKills(history: History): readonly SeenKill[] {
  const { oomKills } = history.kmsg
  const [own, node] = [history.cgroups.kills, history.vmstat.kills]
  const newest = Math.max(own.at(-1)?.time ?? Number.NEGATIVE_INFINITY, node.at(-1)?.time ?? Number.NEGATIVE_INFINITY)
  const settled = history.time - newest > GRACE
  const key = [oomKills, own, node, history.sources.kmsg?.error, settled ? 'settled' : history.time]
  if (!memo || memo.key.some((part, i) => part !== key[i])) memo = { key, seen: join(history) }
  return memo.seen
}

let memo: { readonly key: readonly unknown[]; readonly seen: readonly SeenKill[] } | undefined

function join(history: History): readonly SeenKill[] {
  const { oomKills } = history.kmsg
  const forgotten = Math.max(
    oomKills.length < MAX_OOM_KILLS ? Number.NEGATIVE_INFINITY : oomKills[0]!.time,
    history.cgroups.kills.length < MAX_KILL_RISES ? Number.NEGATIVE_INFINITY : history.cgroups.kills[0]!.time,
  )
  const remembered = (rise: Rise): boolean => rise.after > forgotten
  const own = ownCounts(history).filter(remembered)
  const node = history.vmstat.kills.map(rise => ({ ...rise, path: '/' })).filter(remembered)
  // newest first: a kill of before the session must not take, by SLACK, what one within it was counted by
  const told = oomKills.toReversed().map(kill => fromLog(kill, own, node, history))
  const reads = history.sources.kmsg !== undefined && history.sources.kmsg.error === undefined
  const waitUntil = reads ? history.time - GRACE : history.time
  const silent = own
    .filter(({ count, time }) => count > 0 && time <= waitUntil)
    .map(rise => fromCounter(rise, node, history))
  const unplaced = node.filter(({ count, time }) => count > 0 && time <= waitUntil).map(fromVmstat)
  return [...told, ...silent, ...unplaced].sort((a, b) => a.time - b.time)
}

interface Rise {
  readonly path: string
  readonly after: number
  readonly time: number
  count: number
}

/** The rise that counted a kill at `time`: the first look after it; within SLACK of it where the clocks disagree. */
function counted(rises: readonly Rise[], time: number, fits: (rise: Rise) => boolean = () => true): Rise | undefined {
  const open = rises.filter(rise => rise.count > 0 && fits(rise))
  return (
    open.find(rise => time > rise.after && time <= rise.time) ??
    open.find(rise => time > rise.after - SLACK && time <= rise.time + SLACK)
  )
}

const within = (path: string, ancestor: string): boolean => path === ancestor || isBelow(path, ancestor)

// v2 counts a kill in every ancestor too: what a descendant counted at the same time is taken off.
function ownCounts(history: History): Rise[] {
  const rises: Rise[] = history.cgroups.kills.map(kill => ({ ...kill }))
  if (history.cgroups.mounts.memory?.version !== 2) return rises
  const deepest = [...rises].sort((a, b) => b.path.length - a.path.length)
  for (const rise of deepest) {
    for (const other of rises) {
      if (other === rise || other.path === rise.path || !within(rise.path, other.path)) continue
      if (other.time >= rise.after && other.after <= rise.time) other.count = Math.max(0, other.count - rise.count)
    }
  }
  return rises
}

// The log has paths of the whole hierarchy: in a part of it, a container's view, the same cgroup is called by their end. It may be
// gone already, then what it was in is there.
function placeOf({ mounts, cgroups }: History['cgroups'], told: string): string {
  if (mounts.memory?.root === '/') return told
  const starts = [...told.matchAll(/\//g)].map(({ index }) => index)
  return (
    starts
      .map(start => told.slice(start))
      .find(end => cgroups.has(end) || cgroups.has(end.slice(0, end.lastIndexOf('/')))) ?? told
  )
}

function fromLog(kill: OomKill, own: Rise[], rises: Rise[], history: History): SeenKill {
  const witnesses: Witness[] = ['kmsg']
  const lines = kill.killedLines
  const told = kill.taskMemcg ?? kill.oomGroup
  const at = told === null ? null : placeOf(history.cgroups, told)
  const rise =
    counted(own, kill.time, ({ path }) => at === null || path === at) ??
    counted(own, kill.time, ({ path }) => at !== null && within(at, path))
  const counters = [
    [rise, eventsFile(history)],
    [counted(rises, kill.time), 'vmstat'],
  ] as const
  for (const [counter, witness] of counters) {
    if (!counter) continue
    counter.count = Math.max(0, counter.count - lines)
    witnesses.push(witness)
  }
  return { time: kill.time, count: 1, kill, cgroup: told ?? rise?.path ?? null, witnesses }
}

function fromCounter(rise: KillCounterRise, rises: Rise[], history: History): SeenKill {
  const witnesses: Witness[] = [eventsFile(history)]
  const node = rises.find(
    other => other.count > 0 && other.time >= rise.after - SLACK && other.after <= rise.time + SLACK,
  )
  if (node) {
    node.count = Math.max(0, node.count - rise.count)
    witnesses.push('vmstat')
  }
  return { time: rise.time, count: rise.count, kill: null, cgroup: rise.path, witnesses }
}

const fromVmstat = ({ time, count }: Rise): SeenKill => ({
  time,
  count,
  kill: null,
  cgroup: null,
  witnesses: ['vmstat'],
})

const eventsFile = (history: History): Witness =>
  history.cgroups.mounts.memory?.version === 2 ? 'memory.events' : 'memory.oom_control'
