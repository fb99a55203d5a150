// Out of memory without a kill: no memory is freed. Reports without a victim, a failed reaper, panics.
import { formatBytes } from '../../base/format.ts'
import { MINUTE } from '../../base/units.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import type { EventKind, MemoryEvent, OomWithoutKill } from '../../collectors/kmsg/memory-event.ts'
import type { Detector, Finding } from '../detector.ts'
import { listEvidence } from '../evidence.ts'
import { listOomRemedies } from '../remedies/oom-remedies.ts'
import type { ThresholdTable } from '../thresholds.ts'

const THRESHOLDS = {
  markedMinutes: [15, 'minutes', 'how long an event stays marked'],
} as const satisfies ThresholdTable

const EVENT_TEXTS: Partial<Record<EventKind, string>> = {
  'oom-without-kill': 'out of memory, and no process was killed',
  'no-killable-process': 'out of memory, and every process is exempt from being killed',
  'oom-panic': 'out of memory, and the kernel panics instead of killing',
  'oom-reaper-failed': 'a killed process does not release its memory',
  'fault-without-memory': 'a page fault loops: no memory, and no process to kill',
}

export const oomWithoutKill: Detector<typeof THRESHOLDS> = {
  title: 'out of memory, and no process was killed',
  topic: 'oom',
  alerts: [
    {
      titles: ['OOM, NO KILL'],
      meaning: 'Memory ran out, but no process could be killed.',
      lasts: 'ends 15 minutes after the last event',
      response: 'check `oom_score_adj` of the processes; see the kernel log',
    },
    {
      titles: ['OOM AT EXIT'],
      meaning: 'A limit was hit, but the victim was already exiting, so the kernel killed nothing.',
      lasts: 'ends 15 minutes after the last event',
      response: 'as for an OOM kill: the limit is too low, or something leaks',
    },
  ],
  collectors: ['kmsg'],
  thresholds: THRESHOLDS,
  detect: (history, { markedMinutes }) => {
    const from = history.time - markedMinutes * MINUTE
    const recent = history.kmsg.events.filter(event => event.time >= from && event.kind in EVENT_TEXTS && !isCut(event))
    const [exiting, stuck] = [recent.filter(isVictimExiting), recent.filter(event => !isVictimExiting(event))]
    return [
      ...[...Map.groupBy(stuck, getScope)].map(([subject, events]) => buildStuckFinding(subject, events)),
      ...[...Map.groupBy(exiting, getScope)].map(([subject, events]) => buildExitingFinding(subject, events)),
    ]
  },
}

function buildStuckFinding(subject: string, events: readonly MemoryEvent[]): Finding {
  const last = events.at(-1)!
  return {
    ...buildCommonFields(events),
    subject,
    severity: 'critical',
    title: 'OOM, NO KILL',
    summary: `${EVENT_TEXTS[last.kind]}${subject === 'node' ? '' : ` in ${subject}`}: ${last.text.slice(0, 120)}`,
    cost: 'no memory is freed: the processes there hang or loop',
    confirm: {
      text: 'the report; exempt processes have oom_score_adj -1000',
      command: 'dmesg | grep -i -B2 -A3 "no killable"',
    },
    remedy: [
      { text: 'free memory by hand: delete tmpfs files or raise the limit of that cgroup', risk: 'low' },
      {
        text: 'make processes killable: only the node’s own agents should have oom_score_adj -1000',
        risk: 'low',
      },
    ],
  }
}

// The victim frees its memory as it exits, so this is no emergency; but the limit was hit, and no kill appears in the log.
function buildExitingFinding(place: string, events: readonly MemoryEvent[]): Finding {
  const last = events.at(-1)! as MemoryEvent & OomWithoutKill
  const { chosen, oomMemcg, memory, global } = last
  const limit = memory && Number.isFinite(memory.limit) ? ` of ${formatBytes(memory.limit)}` : ''
  const owner = oomMemcg === null ? 'a cgroup' : shortenCgroupPath(oomMemcg)
  const scope = global === null ? 'a cgroup or the node ran out of memory' : `${owner} hit its limit${limit}`
  const what = global === true ? 'the node ran out of memory' : scope
  const victim = chosen ? `${chosen.comm ?? 'process'}[${chosen.pid}]` : 'the victim'
  return {
    ...buildCommonFields(events),
    subject: `${place} exiting`,
    severity: 'warning',
    title: 'OOM AT EXIT',
    summary: `${what}; ${victim} was already exiting, so no process was killed`,
    cost: 'the process ended while out of memory; its container restarts and may hit the limit again',
    confirm: { text: 'the report in the kernel log', command: 'dmesg -T | grep -i -B2 "already exiting"' },
    remedy: listOomRemedies({ owner: oomMemcg, isGlobal: global === true, largestPart: undefined, hasViews: true }),
  }
}

function buildCommonFields(events: readonly MemoryEvent[]) {
  const last = events.at(-1)!
  return {
    kind: 'event' as const,
    since: events[0]!.time,
    at: last.time,
    count: events.length,
    confidence: 'high: reported by the kernel log',
    evidenceSeries: ['meminfo MemAvailable'],
    evidence: listEvidence(
      ['times', events.length, 'count'],
      ['reason', last.kind === 'oom-without-kill' ? last.reason : last.kind, 'text'],
    ),
  }
}

// The kill may have come through: the kill counters show it.
const isCut = (event: MemoryEvent): boolean =>
  event.kind === 'oom-without-kill' && event.reason === 'the end is not in the log'

const isVictimExiting = (event: MemoryEvent): boolean =>
  event.kind === 'oom-without-kill' && event.reason === 'victim was exiting already'

const getScope = (event: MemoryEvent): string =>
  event.kind === 'oom-without-kill' ? (event.oomMemcg ?? 'node') : 'node'
