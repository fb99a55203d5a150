// OOM kills in words: who was killed, at whose limit, and what filled it.
import { formatBytes, formatCount, formatList, formatPercent, formatShortBytes } from '../../base/format.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import { describeNodes, type OomKill, type Victim } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { History } from '../../history.ts'
import { computeMemoryParts, type MemoryPart } from './memory-parts.ts'
import type { CorrelatedKill } from './oom-correlation.ts'

/** Returns the resident memory of the victim at the kill: anonymous, file and shared, bytes. */
export function computeRss(victim: Victim): number | undefined {
  if (victim.anonRss === null) return undefined
  return victim.anonRss + (victim.fileRss ?? 0) + (victim.shmemRss ?? 0)
}

/** `java[2360] (1.98 GiB RSS) killed: pod 3f0c9a51 hit its limit of 2.00 GiB` */
export function describeLoggedKill(correlated: CorrelatedKill, kill: OomKill, history: History): string {
  const { cgroup } = correlated
  const rss = computeRss(kill.victim)
  const size = rss === undefined ? '' : ` (${formatBytes(rss)} RSS)`
  const others = kill.alsoKilled.length === 0 ? '' : ` and ${kill.alsoKilled.length} more of its group`
  const who = `${kill.victim.comm}[${kill.victim.pid}]${size}${others} killed`
  const owner = kill.oomMemcg ?? cgroup
  const where = cgroup === null || cgroup === owner ? '' : ` in ${shortenCgroupPath(cgroup)}`
  if (kill.global)
    return `${who}${cgroup === null ? '' : ` in ${shortenCgroupPath(cgroup)}`}: ${describeNodes(kill)} ran out of memory`
  if (owner === null) return `${who}: ${describeUnknownScope(kill)}; report incomplete (rate-limited or lost)`
  const { limit } = getLimitUsage(correlated, history)
  const limitText = limit === null ? '' : ` of ${formatBytes(limit)}`
  return `${who}${where}: ${shortenCgroupPath(owner)} hit its limit${limitText}${describeFilling(kill, history)}`
}

const describeUnknownScope = ({ global }: OomKill): string =>
  global === null ? 'a cgroup or the whole node ran out of memory' : 'a cgroup hit its limit'

/** The missing part of a kill without a cgroup: which cgroup it was, or whether it was one at all. */
export const describeUnknown = ({ global }: OomKill): string => (global === null ? 'limit unknown' : 'cgroup unknown')

const FILLINGS: Partial<Record<MemoryPart['name'], string>> = {
  'shared (tmpfs)': 'tmpfs files, which stay after the kill',
  kernel: 'kernel memory',
  slab: 'slab',
}

// Only memory that killing a process does not free is worth a word: it is why the next process dies too.
function describeFilling(kill: OomKill, history: History): string {
  const parts = computeMemoryParts(kill, history.session.pageSize)
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const [top] = parts
  const filling = top && FILLINGS[top.name]
  return filling === undefined || top!.bytes < total / 2
    ? ''
    : `, ${formatPercent(top!.bytes / total)} of it ${filling}`
}

/** For a narrow banner: `java[2360] 2.00G/2.00G pod 3f0c9a51 › 9d1c6a0be7f2`. */
export function formatShortKill(correlated: CorrelatedKill, kill: OomKill, history: History): string {
  const { usage, limit } = getLimitUsage(correlated, history)
  const who = `${kill.victim.comm}[${kill.victim.pid}]`
  const use =
    kill.global || (usage === null && limit === null)
      ? formatShortBytes(computeRss(kill.victim))
      : `${formatShortBytes(usage ?? undefined)}/${formatShortBytes(limit ?? undefined)}`
  const owner = kill.oomMemcg ?? correlated.cgroup
  const leaf =
    correlated.cgroup !== null && owner !== correlated.cgroup
      ? ` › ${shortenCgroupPath(correlated.cgroup).split('/').at(-1)}`
      : ''
  return `${who} ${use} ${owner === null ? describeUnknown(kill) : shortenCgroupPath(owner)}${leaf}`
}

/** Kills that only a counter saw. */
export function describeCounterKill({ count, cgroup, confirmedBy }: CorrelatedKill, history: History): string {
  const where = cgroup === null ? 'on this node' : `in ${shortenCgroupPath(cgroup)}`
  const why = isLogRead(history) ? 'not in the kernel log' : 'the kernel log is not read'
  const processes = count === 1 ? '1 process' : `${formatCount(count)} processes`
  return `${processes} killed ${where}, victim unknown: counted by ${formatList(confirmedBy)}, ${why}`
}

/** Whether kills of this session are in the kernel log. */
export const isLogRead = ({ sources: { kmsg } }: History): boolean => kmsg !== undefined && kmsg.error === undefined

/** Returns usage and limit of the cgroup that hit it: from the report, else from its files while it exists. Bytes. */
export function getLimitUsage(
  { kill, cgroup }: CorrelatedKill,
  history: History,
): { usage: number | null; limit: number | null } {
  if (kill?.memory) return { usage: kill.memory.usage, limit: kill.memory.limit }
  const limit = history.cgroups.cgroups.get(kill?.oomMemcg ?? cgroup ?? '')?.limit ?? null
  return { usage: null, limit: limit === Number.POSITIVE_INFINITY ? null : limit }
}
