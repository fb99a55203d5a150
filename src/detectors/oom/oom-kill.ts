// OOM kills: one event per cgroup (or node) at whose limit processes were killed, open for 15 minutes or until acknowledged.
import { formatList } from '../../base/format.ts'
import type { History } from '../../history.ts'
import type { Detector, Finding } from '../detector.ts'
import { type Evidence, listEvidence } from '../evidence.ts'
import { findOwnerState, listOomRemedies } from '../remedies/oom-remedies.ts'
import type { ThresholdTable } from '../thresholds.ts'
import { formatEarlierVictims, groupKills } from './kill-groups.ts'
import {
  computeRss,
  describeCounterKill,
  describeLoggedKill,
  formatShortKill,
  getLimitUsage,
  isLogRead,
} from './kill-text.ts'
import { computeMemoryParts } from './memory-parts.ts'
import { areKillsMissing, type CorrelatedKill, getCorrelatedKills } from './oom-correlation.ts'

const THRESHOLDS = {
  markedMinutes: [15, 'minutes', 'how long a kill stays marked'],
} as const satisfies ThresholdTable

export const oomKill: Detector<typeof THRESHOLDS> = {
  title: 'a process was killed because memory ran out',
  topic: 'oom',
  alerts: [
    {
      titles: ['OOM KILL'],
      meaning:
        'Processes were killed at the limit of their cgroup or of an ancestor. One alert per limit, however many kills.',
      lasts: 'ends 15 minutes after the last kill, or when acknowledged',
      response:
        'find what uses the memory of the cgroup (Cgroups view of kmemtop); raise the limit if the load needs it',
    },
    {
      titles: ['GLOBAL OOM KILL'],
      meaning: 'The whole node, or the NUMA nodes of a cpuset, ran out of memory.',
      lasts: 'ends 15 minutes after the last kill, or when acknowledged',
      response: 'find what grew before the kill (`Enter` shows the graphs); set limits',
    },
  ],
  collectors: ['kmsg', 'vmstat', 'cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, { markedMinutes }) => {
    const from = history.time - markedMinutes * 60_000
    const recent = getCorrelatedKills(history).filter(({ time }) => time >= from)
    const isMinimum = areKillsMissing(history, from)
    return [...groupKills(recent)].map(([subject, kills]) => findOrBuild({ subject, group: kills, isMinimum }, history))
  },
}

/** Kills of one cause. `isMinimum`: some before them may no longer be kept. */
interface KillGroup {
  readonly subject: string
  readonly group: readonly CorrelatedKill[]
  readonly isMinimum: boolean
}

/** The last finding of a group, by its last kill, and what it was made from. */
const findings = new WeakMap<CorrelatedKill, { readonly key: readonly unknown[]; readonly finding: Finding }>()

// Of a kill that happened nothing changes, except which kills before it still count and what is known of its cgroup.
function findOrBuild(kills: KillGroup, history: History): Finding {
  const { subject, group, isMinimum } = kills
  const last = group.at(-1)!
  const { usage, limit } = getLimitUsage(last, history)
  const ownerState = findOwnerState(history, getOwner(last))
  const key = [subject, isMinimum, usage, limit, ownerState, history.session, isLogRead(history), ...group]
  const known = findings.get(last)
  if (known?.key.length === key.length && key.every((part, i) => part === known.key[i])) return known.finding
  const finding = buildFinding(kills, history)
  findings.set(last, { key, finding })
  return finding
}

const getOwner = ({ kill, cgroup }: CorrelatedKill): string | null => kill?.oomMemcg ?? cgroup

function buildFinding({ subject, group, isMinimum }: KillGroup, history: History): Finding {
  const last = group.at(-1)!
  const { kill, confirmedBy } = last
  const before = formatEarlierVictims(group)
  const description = kill ? describeLoggedKill(last, kill, history) : describeCounterKill(last, history)
  return {
    subject,
    kind: 'event',
    severity: 'critical',
    title: kill?.global ? 'GLOBAL OOM KILL' : 'OOM KILL',
    summary: before === '' ? description : `${description}; killed before: ${before}`,
    ...(kill ? { short: formatShortKill(last, kill, history) } : {}),
    since: group[0]!.time,
    at: last.time,
    count: group.reduce((sum, { count }) => sum + count, 0),
    ...(isMinimum ? { isCountMinimum: true as const } : {}),
    confidence:
      confirmedBy.length > 1
        ? `high: confirmed by ${formatList(confirmedBy)}`
        : `medium: reported by ${confirmedBy[0] === 'kmsg' ? 'the kernel log' : confirmedBy[0]} only`,
    confirm: { text: 'the report in the kernel log', command: 'dmesg -T | grep -i -A1 "oom-kill\\|killed process"' },
    cost: 'a process was killed; its container restarts and is killed again if nothing changes',
    evidenceSeries: [...(kill?.oomMemcg ? [`cgroup ${kill.oomMemcg}`] : []), 'vmstat oom_kill', 'meminfo MemAvailable'],
    evidence: [
      ...collectEvidence(last, history),
      ...listEvidence(['killed before', before === '' ? null : before, 'text', 'died before it']),
    ],
    remedy: listOomRemedies({
      owner: getOwner(last),
      ownerState: findOwnerState(history, getOwner(last)),
      isGlobal: kill?.global ?? false,
      largestPart: kill ? computeMemoryParts(kill, history.session.pageSize)[0]?.name : undefined,
      hasViews: true,
    }),
  }
}

function collectEvidence(correlated: CorrelatedKill, history: History): readonly Evidence[] {
  const { kill } = correlated
  const { usage, limit } = getLimitUsage(correlated, history)
  const parts = (kill ? computeMemoryParts(kill, history.session.pageSize) : []).slice(0, 3)
  return listEvidence(
    ['process', kill ? `${kill.victim.comm}[${kill.victim.pid}]` : null, 'text'],
    ['victim RSS', kill ? computeRss(kill.victim) : null, 'bytes', 'rss'],
    ['limit set on', kill?.oomMemcg, 'text', 'limit of (oom_memcg)'],
    ['cgroup of the victim', correlated.cgroup, 'text', 'died in (task_memcg)'],
    ['usage', usage, 'bytes'],
    ['limit', limit, 'bytes'],
    ...parts.map(({ name, bytes }) => [`${name} at the kill`, bytes, 'bytes', name] as const),
    ['times at limit', kill?.memory?.failcnt, 'count', 'failcnt'],
    ['kernel memory', parts.some(({ name }) => name === 'kernel') ? null : kill?.kmem?.usage, 'bytes'],
    ['triggered by', kill?.invoker?.comm, 'text', 'invoker'],
    ['confirmed by', correlated.confirmedBy.join(', '), 'text', 'witnesses'],
    ['report', describeReport(correlated), 'text'],
  )
}

function describeReport({ kill }: CorrelatedKill): string {
  if (kill === null) return 'none'
  return kill.complete ? 'complete' : 'partial: rate-limited, overwritten or started before the log'
}
