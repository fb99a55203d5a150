// Out of memory and nobody to kill: the worst kind, because nothing gets free. Reports without a victim, a reaper that fails, panics.
import { MINUTE } from '../../base/units.ts'
import type { EventKind, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Detector } from '../detector.ts'

const defaults = {
  /** minutes that it stays marked */
  markedMinutes: 15,
}

const EVENT_TEXTS: Partial<Record<EventKind, string>> = {
  'oom-without-kill': 'out of memory, and no process was killed',
  'no-killable-process': 'out of memory, and no process may be killed',
  'oom-panic': 'out of memory, and the kernel panics instead of killing',
  'oom-reaper-failed': 'a killed process does not give its memory back',
  'fault-without-memory': 'a page fault finds no memory and nobody to kill: it loops',
}

export const oomWithoutKill: Detector<typeof defaults> = {
  title: 'out of memory, and nobody was killed',
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
        confidence: 'high: the kernel’s own words',
        cost: 'nothing gets free by itself: what runs there hangs or loops',
        confirm: {
          text: 'the report, and what may not be killed (oom_score_adj -1000)',
          command: 'dmesg | grep -i -B2 -A3 "no killable"',
        },
        courses: ['meminfo MemAvailable'],
        evidence: { times: events.length, reason: last.kind === 'oom-without-kill' ? last.reason : last.kind },
        remedy: [
          { text: 'free memory by hand: delete tmpfs files, raise the limit of that cgroup', risk: 'low' },
          {
            text: 'let processes be killed: none but the node’s own agents should have oom_score_adj -1000',
            risk: 'low',
          },
        ],
      }
    })
  },
}

// The victim was on its way out: the memory comes.
const isVictimExiting = (event: MemoryEvent): boolean =>
  event.kind === 'oom-without-kill' && event.reason !== 'no killable process'

const getScope = (event: MemoryEvent): string =>
  event.kind === 'oom-without-kill' ? (event.oomMemcg ?? 'node') : 'node'
