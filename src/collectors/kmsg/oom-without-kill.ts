// OOM reports that end without a kill: one event each, with what is known.
import { type EventState, withEvent } from './events.ts'
import type { OomWithoutKill } from './memory-event.ts'
import type { OomReport } from './oom-kill.ts'
import { parseSummary } from './oom-summary.ts'
import type { KernelRecord } from './record.ts'

/** The state after a report was given up. One that had its kill, or of which nothing is known, leaves no event. */
export function giveUp<S extends EventState>(state: S, report: OomReport, reason: OomWithoutKill['reason']): S {
  const { victim, section, logLines, startedAt } = report
  const text = textOf(report)
  if (victim !== null || section === 'group' || text === undefined) return state
  const record: KernelRecord = {
    time: startedAt,
    level: 4,
    facility: 0,
    text,
    ...(logLines ? { sequence: logLines.first } : {}),
  }
  return withEvent(state, { kind: 'oom-without-kill', reason, ...known(report) }, record)
}

// What stands for the report; undefined when it says nothing.
function textOf({ invoker, summary, chosen, oomMemcg, memory, rows }: OomReport): string | undefined {
  if (invoker !== null) return `${invoker.comm} invoked oom-killer`
  if (summary !== null) return summary
  if (chosen !== null) return `Kill process ${chosen.pid} (${chosen.comm})`
  return oomMemcg === null && memory === null && rows === null ? undefined : ''
}

function known(report: OomReport): Omit<OomWithoutKill, 'kind' | 'reason'> {
  const { invoker, summary, mixed, memory } = report
  const chosen = summary === null ? (mixed ? null : report.chosen) : chosenIn(summary)
  const isMemcg = summary === null ? null : /^oom-kill:constraint=CONSTRAINT_MEMCG,/.test(summary)
  const told =
    summary === null || chosen?.comm == null ? report : parseSummary(summary, { comm: chosen.comm }, report.oomMemcg)
  const oomMemcg = mixed ? null : (told.oomMemcg ?? report.oomMemcg)
  const global = isMemcg === null ? report.global : !isMemcg
  return {
    global: mixed && isMemcg === null ? null : (global ?? (report.oomMemcg === null ? null : false)),
    oomMemcg,
    taskMemcg: mixed ? null : (told.taskMemcg ?? report.taskMemcg),
    invoker,
    memory: mixed || global === true ? null : memory,
    chosen,
  }
}

// oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=c,pid=1,uid=0
function chosenIn(summary: string): OomWithoutKill['chosen'] {
  const end = /,task=(.*),pid=(\d+),uid=\d+$/s.exec(summary)
  return end && { pid: Number(end[2]), comm: end[1]!.includes(',task=') ? null : end[1]! }
}
