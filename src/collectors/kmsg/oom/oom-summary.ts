// Parses the `oom-kill:` line (5.0 and later). Commas separate its fields, and names may contain commas. mm/oom_kill.c dump_oom_summary.
import { isWithin } from '../../../base/paths.ts'
import type { Constraint, Victim } from './oom-kill.ts'

/** The contents of an `oom-kill:` line. `uid` is the victim's. */
export interface OomSummary {
  readonly constraint: Constraint | null
  /** see OomKill */
  readonly nodes: string | null
  readonly global: boolean
  readonly oomMemcg: string | null
  readonly taskMemcg: string | null
  readonly uid: number | null
}

const SUMMARY_END = /,pid=(\d+),uid=(\d+)$/

/** Returns whether the line is complete up to its end, which names the victim. */
export function isCompleteSummary(text: string): boolean {
  return SUMMARY_END.test(text)
}

/** Returns whether the line can be about this process; true if it was cut before the pid. */
export function canNameProcess(text: string, pid: number): boolean {
  const end = SUMMARY_END.exec(text)
  return end === null || Number(end[1]) === pid
}

/**
 * Parses the line with the help of what other lines prove.
 * @param victim the process of the `Killed process` line, or the chosen one; its name shows where the cgroup's name ends
 * @param knownMemcg the cgroup of the `Memory cgroup stats for` line, if there is one
 */
export function parseOomSummary(text: string, victim: Pick<Victim, 'comm'>, knownMemcg: string | null): OomSummary {
  const constraint = (/^oom-kill:constraint=(CONSTRAINT_\w+)/.exec(text)?.[1] ?? null) as Constraint | null
  const end = SUMMARY_END.exec(text)
  const fields = end ? text.slice(0, findTaskStart(text, end, victim)) : text
  const uid = end ? Number(end[2]) : null
  if (constraint !== 'CONSTRAINT_MEMCG') {
    // …,mems_allowed=0,global_oom,task_memcg=/system.slice/sshd.service          a kernel without cgroups prints neither
    return {
      constraint,
      nodes: parseNodes(text, constraint),
      global: true,
      oomMemcg: null,
      taskMemcg: end ? getTextAfter(fields, ',global_oom,task_memcg=') : null,
      uid,
    }
  }
  const [oomMemcg, taskMemcg] = parseMemcgs(fields, knownMemcg)
  return { constraint, nodes: null, global: false, oomMemcg, taskMemcg: end ? taskMemcg : null, uid }
}

// nodemask=(null),cpuset=shop,mems_allowed=0-1,3,global_oom        nodemask: nodes of a policy; mems_allowed: nodes of a cpuset
function parseNodes(text: string, constraint: Constraint | null): string | null {
  if (constraint === 'CONSTRAINT_MEMORY_POLICY') return /,nodemask=([\d,-]*\d),cpuset=/.exec(text)?.[1] ?? null
  if (constraint !== 'CONSTRAINT_CPUSET') return null
  return /,mems_allowed=([\d,-]*\d)(?=,global_oom|,task=|$)/.exec(text)?.[1] ?? null
}

function findTaskStart(text: string, end: RegExpExecArray, { comm }: Pick<Victim, 'comm'>): number {
  const task = `,task=${comm}`
  return text.endsWith(task + end[0]) ? end.index - task.length : text.lastIndexOf(',task=', end.index)
}

function getTextAfter(text: string, marker: string): string | null {
  const at = text.indexOf(marker)
  return at < 0 ? null : text.slice(at + marker.length)
}

// …,oom_memcg=/pod,task_memcg=/pod/ctr: of all ways to split it, the one in which the second is the first or below it
function parseMemcgs(fields: string, knownMemcg: string | null): readonly [string | null, string | null] {
  const cuts = listSplits(fields, ',oom_memcg=').flatMap(([, rest]) => listSplits(rest, ',task_memcg='))
  const cut =
    cuts.find(([oomMemcg]) => oomMemcg === knownMemcg) ??
    cuts.find(([oomMemcg, taskMemcg]) => isWithin(taskMemcg, oomMemcg)) ??
    cuts.at(-1)
  return cut ?? [knownMemcg, null]
}

function listSplits(text: string, separator: string): readonly (readonly [string, string])[] {
  const parts = text.split(separator)
  return parts.slice(1).map((_, i) => [parts.slice(0, i + 1).join(separator), parts.slice(i + 1).join(separator)])
}
