// Converts OOM reports that end without a kill to events.
import { appendEvent, type EventState } from '../event-assembler.ts'
import type { KernelRecord } from '../kernel-record.ts'
import type { OomWithoutKill } from '../memory-event.ts'
import type { MemInfoBlock } from './mem-info-block.ts'
import type { OomReport } from './oom-kill.ts'
import { isMemInfoAlone } from './oom-report.ts'
import { parseOomSummary } from './oom-summary.ts'

/** Returns the state after a report was abandoned. One with a kill, or that says nothing, leaves no event. */
export function abandonReport<S extends EventState>(state: S, report: OomReport, reason: OomWithoutKill['reason']): S {
  const { victim, section, memInfo } = report
  if (victim === null && isMemInfoAlone(report) && hasCounters(memInfo!))
    return appendEvent(state, { kind: 'memory-printed', memInfo: memInfo! }, toFirstRecord(report, 'Mem-Info:'))
  const text = formatReportText(report)
  if (victim !== null || section === 'group' || text === undefined) return state
  return appendEvent(
    state,
    { kind: 'oom-without-kill', reason, ...buildOomWithoutKill(report) },
    toFirstRecord(report, text),
  )
}

const hasCounters = ({ pages }: MemInfoBlock): boolean => pages.slab_unreclaimable !== undefined

const toFirstRecord = ({ logLines, startedAt }: OomReport, text: string): KernelRecord => ({
  time: startedAt,
  level: 4,
  facility: 0,
  text,
  ...(logLines ? { sequence: logLines.first } : {}),
})

// The text of the event; undefined if the report says nothing.
function formatReportText(report: OomReport): string | undefined {
  const { invoker, intact, summary, chosen, oomMemcg, memory, rows, unreclaimableSlab } = report
  if (invoker !== null) return `${invoker.comm} invoked oom-killer`
  if (summary !== null) return summary
  if (chosen !== null) return `Kill process ${chosen.pid} (${chosen.comm})`
  if (intact) return 'oom-killer' // of a process that its first line does not name
  // a Mem-Info alone may be that of a failed page allocation
  const isSilent = oomMemcg === null && memory === null && rows === null && unreclaimableSlab.length === 0
  return isSilent ? undefined : ''
}

function buildOomWithoutKill(report: OomReport): Omit<OomWithoutKill, 'kind' | 'reason'> {
  const { invoker, summary, mixed, memory } = report
  const chosen = summary === null ? getChosenProcess(report) : parseChosenProcess(summary)
  const isMemcg = summary === null ? null : /^oom-kill:constraint=CONSTRAINT_MEMCG,/.test(summary)
  const parsed =
    summary === null || chosen?.comm == null ? report : parseOomSummary(summary, { comm: chosen.comm }, report.oomMemcg)
  const oomMemcg = mixed ? null : (parsed.oomMemcg ?? report.oomMemcg)
  const scope = isMemcg === null ? report.global : !isMemcg
  const global = scope ?? (isOfNode(report) ? true : null)
  return {
    global: mixed && isMemcg === null ? null : (global ?? (report.oomMemcg === null ? null : false)),
    oomMemcg,
    taskMemcg: mixed ? null : (parsed.taskMemcg ?? report.taskMemcg),
    invoker,
    memory: mixed || global === true ? null : memory,
    chosen,
    memInfo: mixed || global === false ? null : report.memInfo,
    unreclaimableSlab: mixed || global === false ? [] : report.unreclaimableSlab,
  }
}

// The kernel prints Mem-Info, and its list of slab, only in a report about the whole node.
const isOfNode = ({ memInfo, unreclaimableSlab }: OomReport): boolean =>
  memInfo !== null || unreclaimableSlab.length > 0

const getChosenProcess = ({ mixed, chosen }: OomReport): OomWithoutKill['chosen'] => (mixed ? null : chosen)

// oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=c,pid=1,uid=0
function parseChosenProcess(summary: string): OomWithoutKill['chosen'] {
  const end = /,task=((?:(?!,task=).)*),pid=(\d+),uid=\d+$/s.exec(summary)
  return end && { pid: Number(end[2]), comm: summary.split(',task=').length > 2 ? null : end[1]! }
}
