// Witnesses: OOM kills as the log tells them, joined with the counters that saw them. Neither is trusted alone: the log
// is rate limited and overwritten, a counter goes with its cgroup.
import type { CounterKill } from '../collectors/cgroups/cgroup.ts'
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
  const { kills } = history.cgroups
  const counter = history.vmstat.series.oom_kill
  const newest = Math.max(
    kills.at(-1)?.time ?? Number.NEGATIVE_INFINITY,
    counter && counter.length > 1 ? counter.times[counter.length - 1]! : Number.NEGATIVE_INFINITY,
  )
  const settled = history.time - newest > GRACE
  const key = [oomKills, kills, counter, settled ? 'settled' : history.time]
  if (!memo || memo.key.some((part, i) => part !== key[i])) memo = { key, seen: join(history) }
  return memo.seen
}

let memo: { readonly key: readonly unknown[]; readonly seen: readonly SeenKill[] } | undefined

function join(history: History): readonly SeenKill[] {
  const own = ownCounts(history)
  const rises = vmstatRises(history)
  // newest first: a counter is read soon after its kill, so the nearest one before it is meant
  const told = history.kmsg.oomKills.toReversed().map(kill => fromLog(kill, own, rises, history))
  const waitUntil =
    history.sources.kmsg && history.sources.kmsg.error === undefined ? history.time - GRACE : history.time
  const silent = own
    .filter(({ count, time }) => count > 0 && time <= waitUntil)
    .map(rise => fromCounter(rise, rises, history))
  const unplaced = rises.filter(({ count, time }) => count > 0 && time <= waitUntil).map(fromVmstat)
  return [...told, ...silent, ...unplaced].sort((a, b) => a.time - b.time)
}

interface Rise {
  readonly path: string
  readonly after: number
  readonly time: number
  count: number
}

const covers = (rise: Rise, time: number): boolean => time >= rise.after - SLACK && time <= rise.time + SLACK

const within = (path: string, ancestor: string): boolean =>
  path === ancestor || ancestor === '/' || path.startsWith(`${ancestor}/`)

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

function vmstatRises(history: History): Rise[] {
  const counter = history.vmstat.series.oom_kill
  if (!counter) return []
  const back = 2 * history.session.interval + SLACK
  const rises: Rise[] = []
  for (let i = 1; i < counter.length; i++) {
    const time = counter.times[i]!
    rises.push({
      path: '/',
      after: Math.max(counter.times[0]! + SLACK, time - back),
      time,
      count: counter.values[i]! - counter.values[i - 1]!,
    })
  }
  return rises
}

function fromLog(kill: OomKill, own: Rise[], rises: Rise[], history: History): SeenKill {
  const witnesses: Witness[] = ['kmsg']
  const lines = kill.killedLines
  const told = kill.taskMemcg ?? kill.oomGroup
  const rise =
    own.find(other => other.count > 0 && covers(other, kill.time) && (told === null || other.path === told)) ??
    own.find(other => other.count > 0 && covers(other, kill.time) && told !== null && within(told, other.path))
  if (rise) {
    rise.count = Math.max(0, rise.count - lines)
    witnesses.push(eventsFile(history))
  }
  const node = rises.find(other => other.count > 0 && covers(other, kill.time))
  if (node) {
    node.count = Math.max(0, node.count - lines)
    witnesses.push('vmstat')
  }
  return { time: kill.time, count: 1, kill, cgroup: told ?? rise?.path ?? null, witnesses }
}

function fromCounter(rise: CounterKill, rises: Rise[], history: History): SeenKill {
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
