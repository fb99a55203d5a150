// Diagnosis of tasks that stood still: after memory trouble, or while they reclaimed memory.
import { formatPlural } from '../../base/format.ts'
import type { MemoryEvent, StuckTask } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'
import { FAILURE_KINDS } from '../../detectors/failure-kinds.ts'
import type { Rule } from './diagnosis.ts'

type StuckEvent = MemoryEvent & StuckTask

const isReclaimer = ({ comm, reclaimsIn }: StuckEvent): boolean =>
  reclaimsIn !== undefined || /^(?:kswapd|kcompactd)\d+$/.test(comm)

/** Tasks that were blocked, or kept a CPU busy, for longer than the kernel thinks sound. */
export const detectStuckTasks: Rule = ({ events }) => {
  const stuck = events.filter(
    (event): event is StuckEvent =>
      event.kind === 'hung-task' || event.kind === 'soft-lockup' || event.kind === 'rcu-stall',
  )
  if (stuck.length === 0) return undefined
  const inReclaim = stuck.filter(isReclaimer)
  const places = [...new Set(inReclaim.flatMap(({ reclaimsIn }) => reclaimsIn ?? []))]
  const lines = [...new Set(stuck.map(({ text }) => text.split('\n')[0]!))]
  return {
    name: 'stood-still',
    title:
      inReclaim.length > 0 ? 'tasks stood still while they reclaimed memory' : 'tasks stood still after memory trouble',
    severity: 'warning',
    certainty: 'certain',
    summary:
      inReclaim.length > 0
        ? 'Reclaim took longer than the kernel thinks sound: little could be reclaimed, or storage was slow to write it back.'
        : 'They waited for reclaim or for something that a killed process held.',
    evidence: [
      `${formatPlural(stuck.length, 'line')} in the log`,
      ...(places.length > 0 ? [`in ${places.slice(0, 3).join(', ')}`] : []),
      ...lines.slice(0, 3),
    ],
    remedy: listRemedies(stuck),
    wantedEvidence: inReclaim.length > 0 ? ['meminfo'] : [],
  }
}

const listRemedies = (stuck: readonly StuckEvent[]): readonly Remedy[] =>
  [...new Set(stuck.map(({ kind }) => kind))].map(kind => {
    const { advice, command } = FAILURE_KINDS[kind]!
    return { text: advice, ...(command === undefined ? {} : { command }), risk: 'none' }
  })
