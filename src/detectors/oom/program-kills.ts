// Kills by programs: systemd-oomd, earlyoom, the kubelet and others kill or evict before the kernel does, and write so into the log.
import { MINUTE } from '../../base/units.ts'
import type { MemoryEvent, ProgramKill } from '../../collectors/kmsg/memory-event.ts'
import type { Detector, Finding } from '../detector.ts'
import { listEvidence } from '../evidence.ts'
import type { ThresholdTable } from '../thresholds.ts'

const THRESHOLDS = {
  markedMinutes: [15, 'minutes', 'how long an event stays marked'],
} as const satisfies ThresholdTable

type ProgramKillEvent = MemoryEvent & ProgramKill

const isProgramKill = (event: MemoryEvent): event is ProgramKillEvent => event.kind === 'program-kill'

export const programKills: Detector<typeof THRESHOLDS> = {
  title: 'a program killed or evicted for lack of memory',
  topic: 'oom',
  alerts: [
    {
      titles: ['PROGRAM KILL'],
      meaning:
        'A program (systemd-oomd, earlyoom, the kubelet) killed or evicted for lack of memory, according to its own line in the kernel log. Low confidence.',
      lasts: 'ends 15 minutes after the last line',
      response: 'find what used the memory; check the thresholds of that program',
    },
  ],
  collectors: ['kmsg'],
  thresholds: THRESHOLDS,
  detect: (history, { markedMinutes }) => {
    const from = history.time - markedMinutes * MINUTE
    const recent = history.kmsg.events.filter(isProgramKill).filter(({ time }) => time >= from)
    return [...Map.groupBy(recent, ({ program }) => program ?? 'unknown')].map(([program, events]) =>
      buildFinding(program, events),
    )
  },
}

const ACTIONS: Readonly<Record<ProgramKill['action'], string>> = {
  killed: 'killed',
  evicting: 'evicts pods for lack of memory',
  evicted: 'evicted',
  reported: 'reports an OOM kill of',
  pressure: 'reports memory pressure',
}

function buildFinding(program: string, events: readonly ProgramKillEvent[]): Finding {
  const last = events.at(-1)!
  const hasKilled = events.some(({ action }) => action !== 'reported' && action !== 'pressure')
  return {
    subject: program,
    kind: 'event',
    severity: hasKilled ? 'warning' : 'info',
    title: 'PROGRAM KILL',
    summary: describeKill(program, last),
    since: events[0]!.time,
    at: last.time,
    count: events.length,
    confidence: 'low: written by a program, not by the kernel',
    confirm: { text: 'the lines of that program', command: 'journalctl --since "30 min ago" | grep -iE "oom|evict"' },
    cost: 'a process or pod is gone although the kernel killed nothing',
    causedBy: ['oom-kill'],
    evidenceSeries: ['meminfo MemAvailable', 'psi full'],
    evidence: listEvidence(
      ['program', program, 'text'],
      ['action', last.action, 'text'],
      ['victim', formatVictim(last), 'text'],
      ['line', last.text.slice(0, 200), 'text'],
      ['times', events.length, 'count'],
    ),
    remedy: [
      { text: 'find what used the memory at that time: the Cgroups view of kmemtop, sorted by memory', risk: 'none' },
      { text: 'give the load more memory or a lower limit, or change the threshold of that program', risk: 'low' },
    ],
  }
}

function formatVictim({ victim, pid, subject }: ProgramKill): string | null {
  const process = victim === null && pid === null ? null : `${victim ?? 'process'}${pid === null ? '' : `[${pid}]`}`
  return process !== null && subject !== null ? `${process} of ${subject}` : (process ?? subject)
}

function describeKill(program: string, event: ProgramKillEvent): string {
  const who = program === 'unknown' ? 'a program' : program
  const victim = formatVictim(event)
  const action = ACTIONS[event.action]
  return victim === null ? `${who}: ${event.text.slice(0, 160)}` : `${who} ${action} ${victim}`
}
