// Evidence gaps: kernel log records that were overwritten, and OOM kills that are counted but not logged.

import { formatPlural } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { getCorrelatedKills } from './oom/oom-correlation.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  markedMinutes: [10, 'minutes', 'how long a gap stays marked'],
  lost: [1, 'records', 'lost records that raise an alert'],
} as const satisfies ThresholdTable

export const evidenceGaps: Detector<typeof THRESHOLDS> = {
  title: 'kernel log records were lost, or OOM kills are missing from the log',
  topic: 'log',
  alerts: [
    {
      titles: ['LOG LOST'],
      meaning: 'Kernel log records were overwritten before they could be read.',
      lasts: 'ten minutes',
      response: 'find the line that is repeated most often; a larger `log_buf_len` from the next boot on',
    },
    {
      titles: ['SILENT KILL'],
      meaning: 'A counter shows a kill that the kernel log does not contain.',
      lasts: 'ten minutes',
      response: 'find the container that ended with exit code 137; the log may have overflowed: increase `log_buf_len`',
    },
  ],
  collectors: ['kmsg', 'vmstat', 'cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, { markedMinutes, lost: least }) => {
    const from = history.time - markedMinutes * MINUTE
    const { lost, lostAt } = history.kmsg
    const isLost = lost >= least && lostAt !== null && lostAt >= from
    const unloggedKills = getCorrelatedKills(history).filter(({ kill, time }) => kill === null && time >= from)
    const isLogRead = history.sources.kmsg !== undefined && history.sources.kmsg.error === undefined
    return [
      ...(isLost ? [buildLostRecordsFinding(history, lost, lostAt)] : []),
      ...(unloggedKills.length > 0 && isLogRead && !isLost ? [buildSilentKillFinding(unloggedKills)] : []),
    ]
  },
}

const COMMON = {
  kind: 'event',
  confidence: 'high: from sequence numbers and counters',
  evidenceSeries: ['vmstat oom_kill'],
} as const

const buildLostRecordsFinding = (history: History, lost: number, at: number): Finding => ({
  ...COMMON,
  subject: 'records',
  severity: 'warning',
  title: 'LOG LOST',
  summary: `${formatPlural(lost, 'kernel message')} overwritten before they could be read: the kernel log is being flooded`,
  since: at,
  at,
  confirm: { text: 'the journal may have the records', command: 'journalctl -k --since "15 min ago" | wc -l' },
  cost: 'an OOM report may be among the lost records; the kill counters are still right',
  evidence: listEvidence(['records lost', lost, 'count', 'lost'], ['records read', history.kmsg.read, 'count', 'read']),
  remedy: [
    {
      text: 'find the line that is repeated most often',
      command: 'dmesg | cut -d] -f2 | sort | uniq -c | sort -rn | head',
      risk: 'none',
    },
    { text: 'use a larger log buffer from the next boot on: log_buf_len=4M', risk: 'high' },
  ],
})

function buildSilentKillFinding(unloggedKills: ReturnType<typeof getCorrelatedKills>): Finding {
  const kills = unloggedKills.reduce((sum, one) => sum + one.count, 0)
  const last = unloggedKills.at(-1)!
  return {
    ...COMMON,
    subject: 'kills',
    severity: 'info',
    title: 'SILENT KILL',
    summary: `${formatPlural(kills, 'OOM kill')} counted (${last.confirmedBy.join(', ')}) but not in the kernel log: victim unknown`,
    since: unloggedKills[0]!.time,
    at: last.time,
    count: kills,
    confirm: { text: 'the journal may have the report', command: 'journalctl -k | grep -i "killed process" | tail' },
    cost: 'a process was killed and the log does not name it',
    causedBy: ['oom-kill'],
    evidence: listEvidence(['kills', kills, 'count'], ['cgroup', last.cgroup, 'text']),
    remedy: [
      {
        text: 'find the container that ended with exit code 137',
        command: 'kubectl get pods -A | grep OOMKilled',
        risk: 'none',
      },
    ],
  }
}
