// OOM kills: an event for each place where processes were killed, marked for 15 minutes or until acknowledged.

import { formatBytes, formatShortBytes } from '../../base/format.ts'
import { MINUTE } from '../../base/units.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import type { OomKill, Victim } from '../../collectors/kmsg/oom-kill.ts'
import type { History } from '../../history.ts'
import type { Detector, Finding, Remedy } from '../detector.ts'
import { formatEarlierVictims, groupKills } from './kill-groups.ts'
import { type CorrelatedKill, getCorrelatedKills } from './oom-correlation.ts'

const defaults = {
  /** minutes that a kill stays marked */
  markedMinutes: 15,
}

export const oomKill: Detector<typeof defaults> = {
  title: 'a process was killed because memory ran out',
  collectors: ['kmsg', 'vmstat', 'cgroups'],
  defaults,
  detect: (history, { markedMinutes }) => {
    const from = history.time - markedMinutes * MINUTE
    const recent = getCorrelatedKills(history).filter(({ time }) => time >= from)
    return [...groupKills(recent)].map(([subject, kills]) => buildFinding(subject, kills, history))
  },
}

function buildFinding(subject: string, group: readonly CorrelatedKill[], history: History): Finding {
  const last = group.at(-1)!
  const before = formatEarlierVictims(group)
  const description = last.kill ? describeLoggedKill(last, last.kill, history) : describeCounterKill(last, history)
  return {
    subject,
    kind: 'event',
    severity: 'critical',
    title: last.kill?.global ? 'GLOBAL OOM KILL' : 'OOM KILL',
    summary: before === '' ? description : `${description}; before it ${before}`,
    ...(last.kill ? { short: formatShort(last, last.kill, history) } : {}),
    since: group[0]!.time,
    at: last.time,
    count: group.reduce((sum, { count }) => sum + count, 0),
    confidence:
      last.witnesses.length > 1
        ? `high: told by ${last.witnesses.join(' and ')}`
        : `medium: only ${last.witnesses[0]} tells it`,
    confirm: { text: 'the report in the kernel log', command: 'dmesg -T | grep -i -A1 "oom-kill\\|killed process"' },
    cost: 'a process is gone; the container restarts, and dies again if nothing changes',
    courses: [
      ...(last.kill?.oomMemcg ? [`cgroup ${last.kill.oomMemcg}`] : []),
      'vmstat oom_kill',
      'meminfo MemAvailable',
    ],
    evidence: { ...collectEvidence(last, history), ...(before === '' ? {} : { 'died before it': before }) },
    remedy: listOomRemedies(last),
  }
}

/** Bytes the process held when it died: anonymous, file and shared. */
export function computeRss(victim: Victim): number | undefined {
  if (victim.anonRss === null) return undefined
  return victim.anonRss + (victim.fileRss ?? 0) + (victim.shmemRss ?? 0)
}

// java[2360] 1.98 GiB · pod 3f0c9a51 used 2.00 of 2.00 GiB · died in 3f0c9a51/9d1c6a0be7f2
function describeLoggedKill(correlated: CorrelatedKill, kill: OomKill, history: History): string {
  const who = `${kill.victim.comm}[${kill.victim.pid}]${kill.alsoKilled.length ? ` +${kill.alsoKilled.length} of its group` : ''}`
  const had = `had ${formatBytes(computeRss(kill.victim))}`
  if (kill.global) return `${who} ${had}${correlated.cgroup ? `; died in ${shortenCgroupPath(correlated.cgroup)}` : ''}`
  const { usage, limit } = getLimitUsage(correlated, history)
  const owner = kill.oomMemcg
  const same = owner === null || owner === correlated.cgroup
  const use =
    usage === null
      ? limit === null
        ? 'limit not told'
        : `limit ${formatBytes(limit)}`
      : `used ${formatBytes(usage)} of ${formatBytes(limit ?? undefined)}`
  if (correlated.cgroup === null) return `${who} ${had}; ${describeUnknown(kill)} (report rate-limited or lost)`
  return same
    ? `${who} ${had}; ${shortenCgroupPath(correlated.cgroup)} ${use}`
    : `${who} ${had}; ${shortenCgroupPath(owner)} ${use}; died in ${shortenCgroupPath(correlated.cgroup)}`
}

/** What is not told of a kill without a cgroup: which one, or whether it was one at all. */
export const describeUnknown = ({ global }: OomKill): string => (global === null ? 'limit not told' : 'cgroup not told')

// java[2360] 2.00G/2.00G pod 3f0c9a51 › 9d1c6a0be7f2
function formatShort(correlated: CorrelatedKill, kill: OomKill, history: History): string {
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

function describeCounterKill({ count, cgroup, witnesses }: CorrelatedKill, history: History): string {
  const where = cgroup === null ? 'somewhere on this node' : `in ${shortenCgroupPath(cgroup)}`
  const why =
    history.sources.kmsg?.error === undefined && history.sources.kmsg
      ? 'the log does not tell who'
      : 'the kernel log is not read'
  return `${count} process${count === 1 ? '' : 'es'} killed ${where}: seen only in ${witnesses.join(' and ')}, ${why}`
}

/** Use and limit of the cgroup that hit it: from the report, else from its files as long as it is there. */
export function getLimitUsage(
  { kill, cgroup }: CorrelatedKill,
  history: History,
): { usage: number | null; limit: number | null } {
  if (kill?.memory) return { usage: kill.memory.usage, limit: kill.memory.limit }
  const limit = history.cgroups.cgroups.get(kill?.oomMemcg ?? cgroup ?? '')?.limit ?? null
  return { usage: null, limit: limit === Number.POSITIVE_INFINITY ? null : limit }
}

function collectEvidence(correlated: CorrelatedKill, history: History): Finding['evidence'] {
  const { kill } = correlated
  const { usage, limit } = getLimitUsage(correlated, history)
  return {
    process: kill ? `${kill.victim.comm}[${kill.victim.pid}]` : null,
    rss: kill ? (computeRss(kill.victim) ?? null) : null,
    'limit of (oom_memcg)': kill?.oomMemcg ?? null,
    'died in (task_memcg)': correlated.cgroup,
    usage,
    limit,
    failcnt: kill?.memory?.failcnt ?? null,
    'kernel memory': kill?.kmem?.usage ?? null,
    invoker: kill?.invoker?.comm ?? null,
    witnesses: correlated.witnesses.join(', '),
    report:
      kill === null
        ? 'none'
        : kill.complete
          ? 'complete'
          : 'partial: rate-limited, overwritten or begun before the log',
  }
}

/** What is known besides the kill. */
export interface RemedyOptions {
  /** false: there is nothing in the other views, as for a saved log */
  readonly views?: boolean
  /** is it told what the memory was? */
  readonly filledBy?: 'known' | 'unknown'
}

/** What to do about a kill, least risky first. */
export function listOomRemedies(
  { kill, cgroup }: CorrelatedKill,
  { views = true, filledBy = 'unknown' }: RemedyOptions = {},
): readonly Remedy[] {
  const owner = kill?.oomMemcg ?? cgroup
  const inspectRemedy: Remedy = owner
    ? { text: `look what fills it: ${shortenCgroupPath(owner)} in view 2`, risk: 'none' }
    : { text: 'look who holds memory: view 2, sorted by memory', risk: 'none' }
  const first = views ? [inspectRemedy] : []
  if (kill?.global) {
    return [
      ...first,
      { text: 'give every pod a limit, or keep more of the node in reserve (kubelet system-reserved)', risk: 'low' },
    ]
  }
  const tmpfs: Remedy = {
    text: 'if its memory is mostly file or shmem: delete tmpfs files (emptyDir medium Memory), they count against the limit',
    risk: 'low',
  }
  return [
    ...first,
    {
      text: 'if the load is right, raise the limit; if not, fix what allocates (an error loop allocates too)',
      risk: 'low',
    },
    ...(filledBy === 'unknown' ? [tmpfs] : []),
  ]
}
