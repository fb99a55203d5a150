// Out of memory without a kill: no memory is freed. Reports without a victim, a failed reaper, panics.
import { MINUTE } from '../../base/units.ts'
import type { EventKind, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Detector } from '../detector.ts'
import { listEvidence } from '../evidence.ts'

const defaults = {
  /** minutes that an event stays marked */
  markedMinutes: 15,
}

const EVENT_TEXTS: Partial<Record<EventKind, string>> = {
  'oom-without-kill': 'out of memory, and no process was killed',
  'no-killable-process': 'out of memory, and every process is exempt from being killed',
  'oom-panic': 'out of memory, and the kernel panics instead of killing',
  'oom-reaper-failed': 'a killed process does not release its memory',
  'fault-without-memory': 'a page fault loops: no memory, and no process to kill',
}

export const oomWithoutKill: Detector<typeof defaults> = {
  title: 'out of memory, and no process was killed',
  collectors: ['kmsg'],
  defaults,
  detect: (history, { markedMinutes }) => {
    const from = history.time - markedMinutes * MINUTE
    const recent = history.kmsg.events.filter(
      event => event.time >= from && event.kind in EVENT_TEXTS && !isVictimExiting(event),
    )
    return [...Map.groupBy(recent, getScope)].map(([subject, events]) => {
      const last = events.at(-1)!
      return {
        subject,
        kind: 'event',
        severity: 'critical',
        title: 'OOM, NO KILL',
        summary: `${EVENT_TEXTS[last.kind]}${subject === 'node' ? '' : ` in ${subject}`}: ${last.text.slice(0, 120)}`,
        since: events[0]!.time,
        at: last.time,
        count: events.length,
        confidence: 'high: reported by the kernel log',
        cost: 'no memory is freed: the processes there hang or loop',
        confirm: {
          text: 'the report; exempt processes have oom_score_adj -1000',
          command: 'dmesg | grep -i -B2 -A3 "no killable"',
        },
        evidenceSeries: ['meminfo MemAvailable'],
        evidence: listEvidence(
          ['times', events.length, 'count'],
          ['reason', last.kind === 'oom-without-kill' ? last.reason : last.kind, 'text'],
        ),
        remedy: [
          { text: 'free memory by hand: delete tmpfs files or raise the limit of that cgroup', risk: 'low' },
          {
            text: 'make processes killable: only the node’s own agents should have oom_score_adj -1000',
            risk: 'low',
          },
        ],
      }
    })
  },
}

// The victim is exiting already, so its memory will be freed.
const isVictimExiting = (event: MemoryEvent): boolean =>
  event.kind === 'oom-without-kill' && event.reason !== 'no killable process'

const getScope = (event: MemoryEvent): string =>
  event.kind === 'oom-without-kill' ? (event.oomMemcg ?? 'node') : 'node'
