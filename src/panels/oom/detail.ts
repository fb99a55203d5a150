// An OOM kill behind Enter: who asked, whose limit, who died, what the memory was, and the task table.
import { ago, bytes, count, dayAndTime } from '../../base/format.ts'
import type { Charge, OomKill, TaskRow } from '../../collectors/kmsg/oom-kill.ts'
import { rssOf } from '../../detectors/oom-kill.ts'
import { seenKills } from '../../detectors/witnesses.ts'
import type { History } from '../../history.ts'
import type { Detail } from '../panel.ts'

/** The kill whose `Killed process` line has this record number. */
export function killDetail(history: History, sequence: number): Detail | undefined {
  const seen = seenKills(history).find(({ kill }) => kill?.sequence === sequence)
  const kill = seen?.kill
  if (!seen || !kill) return undefined
  return {
    title: `OOM kill of ${kill.victim.comm}[${kill.victim.pid}]`,
    tone: 'critical',
    lead: [story(kill)],
    graphs: [],
    facts: [
      ['when', `${dayAndTime(history.session.wallClock + kill.time)}, ${ago(history.time - kill.time)}`],
      ['limit of', kill.oomMemcg === null ? (kill.global ? 'the whole node' : 'not told') : kill.oomMemcg],
      ['died in', seen.cgroup === null ? 'not told' : seen.cgroup],
      ['memory', charge(kill.memory)],
      [kill.kmem ? 'memory + swap' : 'swap', charge(kill.swap)], // v1, which alone tells kmem, counts both together
      ['kernel memory', charge(kill.kmem)],
      ['victim held', victimText(kill)],
      ['asked for', kill.invoker ? `order ${kill.invoker.order}, ${kill.invoker.gfpMask}` : 'not told'],
      ['seen by', seen.witnesses.join(', ')],
      ...statFacts(kill),
      ...taskFacts(kill, history.session.pageSize),
    ],
    remedy: [],
  }
}

function story({ victim, invoker, global, oomMemcg, taskMemcg, complete, alsoKilled }: OomKill): string {
  const asked = invoker ? `${invoker.comm} asked for memory when ` : ''
  const limit = global
    ? 'the whole node had none left'
    : oomMemcg === null
      ? 'a cgroup was at its limit'
      : `${oomMemcg} was at its limit`
  const other = taskMemcg !== null && oomMemcg !== null && taskMemcg !== oomMemcg ? ` of ${taskMemcg}` : ''
  const group = alsoKilled.length > 0 ? `, and ${alsoKilled.length} more with it (memory.oom.group)` : ''
  const part = complete
    ? ''
    : ' Only a part of the report is in the log: rate-limited, overwritten, or begun before it.'
  return `${asked}${limit}; the kernel killed ${victim.comm}[${victim.pid}]${other}${group}.${part}`
}

const charge = (of: Charge | null): string =>
  of === null
    ? 'not told'
    : `${bytes(of.usage)} of ${Number.isFinite(of.limit) ? bytes(of.limit) : 'no limit'}, limit hit ${count(of.failcnt)} times`

function victimText({ victim }: OomKill): string {
  const part = (name: string, value: number | null): string => (value === null ? '' : `, ${name} ${bytes(value)}`)
  const { anonRss, fileRss, shmemRss, pgtables, oomScoreAdj } = victim
  const adj = oomScoreAdj === null ? '' : `, oom_score_adj ${oomScoreAdj}`
  return `${bytes(rssOf(victim))}${part('anon', anonRss)}${part('file', fileRss)}${part('shmem', shmemRss)}${part('page tables', pgtables)}${adj}`
}

const TELLING = ['anon', 'rss', 'file', 'cache', 'shmem', 'slab', 'kernel_stack', 'pagetables', 'sock', 'percpu']

function statFacts({ stat }: OomKill): readonly (readonly [string, string])[] {
  const parts = TELLING.filter(name => (stat[name] ?? 0) > 0).map(name => `${name} ${bytes(stat[name])}`)
  return parts.length > 0 ? [['it was', parts.join(', ')]] : []
}

function taskFacts({ tasks, victim }: OomKill, pageSize: number): readonly (readonly [string, string])[] {
  const rss = (task: TaskRow): number => (task.columns.rss ?? 0) * pageSize
  const top = [...tasks].sort((a, b) => rss(b) - rss(a)).slice(0, 10)
  return top.map((task, i) => [
    i === 0 ? `tasks (${tasks.length})` : '',
    `${bytes(rss(task)).padStart(9)}  ${task.comm}[${task.pid}]${task.pid === victim.pid ? '  killed' : ''}`,
  ])
}
