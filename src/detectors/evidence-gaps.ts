// Gaps in the evidence: kernel records that were overwritten, and kills that counters saw and the log does not tell.

import { formatCount } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import type { Detector, Finding } from './detector.ts'
import { getCorrelatedKills } from './oom/oom-correlation.ts'

const defaults = {
  /** minutes that a gap stays marked */
  markedMinutes: 10,
  /** lost records that are told */
  lost: 1,
}

export const evidenceGaps: Detector<typeof defaults> = {
  title: 'log and counters disagree, or records were lost',
  collectors: ['kmsg', 'vmstat', 'cgroups'],
  defaults,
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
  confidence: 'high: sequence numbers and counters',
  courses: ['vmstat oom_kill'],
} as const

const buildLostRecordsFinding = (history: History, lost: number, at: number): Finding => ({
  ...COMMON,
  subject: 'records',
  severity: 'warning',
  title: 'LOG LOST',
  summary: `${formatCount(lost)} kernel messages were overwritten before anybody read them: something floods the log, and what it hid is unknown`,
  since: at,
  at,
  confirm: { text: 'the journal may have them', command: 'journalctl -k --since "15 min ago" | wc -l' },
  cost: 'an OOM report may be among them; counters still tell how many',
  evidence: { lost, read: history.kmsg.read },
  remedy: [
    {
      text: 'find what floods: the same line again and again',
      command: 'dmesg | cut -d] -f2 | sort | uniq -c | sort -rn | head',
      risk: 'none',
    },
    { text: 'a larger ring from the next boot on: log_buf_len=4M', risk: 'high' },
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
    summary: `${formatCount(kills)} kills are in the counters (${last.witnesses.join(', ')}) and not in the log: who died is not known`,
    since: unloggedKills[0]!.time,
    at: last.time,
    count: kills,
    confirm: { text: 'the journal may have them', command: 'journalctl -k | grep -i "killed process" | tail' },
    cost: 'a process is gone and nothing says which',
    causedBy: ['oom-kill'],
    evidence: { kills, cgroup: last.cgroup },
    remedy: [
      {
        text: 'ask the runtime which container ended: exit code 137',
        command: 'kubectl get pods -A | grep OOMKilled',
        risk: 'none',
      },
    ],
  }
}
