// Lines of an OOM report with other names. Each is written anew from what was understood of it: nothing else passes.

import type { OomReport, Victim } from '../../collectors/kmsg/oom-kill.ts'
import type { OomLine } from '../../collectors/kmsg/oom-lines.ts'
import { isCompleteSummary, parseOomSummary } from '../../collectors/kmsg/oom-summary.ts'
import type { Names } from './names.ts'

/** What is known where a line stands. */
export interface Place {
  /** the report that took the line, as it was before */
  readonly report: OomReport | undefined
  /** the processes that later lines say were killed, by pid */
  readonly victims: ReadonlyMap<number, Victim>
}

type Line<K extends OomLine['kind']> = Extract<OomLine, { readonly kind: K }>
type Write<K extends OomLine['kind']> = (line: Line<K>, text: string, names: Names, place: Place) => string

// v1 tells all in one line: cache:0KB rss:98304KB …
const figuresOnly = (text: string): string => (/^:(?: ?[\w+]+:\d+KB)* ?$/.test(text) ? text : ':')

const asItIs = (_: unknown, text: string): string => (/^[ -~\n]*$/.test(text) ? text : '')

const WRITE: { readonly [K in OomLine['kind']]: Write<K> } = {
  row: (_, text, names, { report }) => {
    const numbers = report?.taskColumns.length ?? 0
    const [, start, comm] = new RegExp(`^(\\[ *\\d+\\](?: *-?\\d+(?= |$)){${numbers}} ?)(.*)$`, 's').exec(text) ?? []
    return start === undefined ? '' : start + names.comm(comm!)
  },
  invoked: ({ invoker }, text, names) => {
    const comm = names.comm(text.slice(0, text.lastIndexOf(' invoked oom-killer: ')))
    if (!invoker) return `${comm} invoked oom-killer: `
    const mask = invoker.gfpMask.replace(/[^\w|()]/g, '')
    return `${comm} invoked oom-killer: gfp_mask=${mask}, order=${invoker.order}, oom_score_adj=${invoker.oomScoreAdj}`
  },
  cpu: (_, text, names, { report }) => {
    const [start] = /^CPU: \d+ (?:UID: \d+ )?PID: \d+ Comm: /.exec(text) ?? []
    return start && report?.invoker ? `${start}${names.comm(report.invoker.comm)} Not tainted` : ''
  },
  limit: ({ taskMemcg, oomMemcg }, _, { path }) =>
    taskMemcg === null
      ? `Memory limit reached of cgroup ${path(oomMemcg)}`
      : `Task in ${path(taskMemcg)} killed as a result of limit of ${path(oomMemcg)}`,
  charge: asItIs,
  stats: ({ memcg }, text, { path }) =>
    `Memory cgroup stats for ${path(memcg)}${figuresOnly(text.slice('Memory cgroup stats for '.length + memcg.length))}`,
  stat: asItIs,
  mem: asItIs,
  slab: ({ row }, text, { cache }) => (row ? cache(row.name) + text.slice(row.name.length) : text),
  columns: asItIs,
  summary: (_, text, names, place) => summaryText(text, names, place),
  more: () => '',
  verdict: (_, text, { comm }) => {
    const [, whose, pid, name, end] = /^(.*?): Kill process (\d+) \((.*)\)( score \d+ or sacrifice child)$/s.exec(text)!
    return `${whose!.startsWith('M') ? 'Memory cgroup out of memory' : 'Out of memory'}: Kill process ${pid} (${comm(name!)})${end}`
  },
  killed: ({ global, victim }, text, { comm }) => {
    const whose = global === null ? '' : global ? 'Out of memory: ' : 'Memory cgroup out of memory: '
    const [, uid = '', sizes] = /(, UID \d+,)? (total-vm:\d+kB[\w:,. -]*)$/.exec(text) ?? []
    return `${whose}Killed process ${victim.pid} (${comm(victim.comm)})${uid} ${sizes ?? ''}`
  },
  skipped: ({ pid }, text, { comm }) => {
    const name = /OOM victim \d+ \((.*)\) is already exiting/s.exec(text)![1]!
    return `OOM victim ${pid} (${comm(name)}) is already exiting. Skip killing the task`
  },
  nobody: asItIs,
  group: ({ memcg }, _, { path }) => `Tasks in ${path(memcg)} are going to be killed due to memory.oom.group set`,
  reaped: ({ pid, comm: name }, text, { comm }) => {
    const [sizes = ''] = /, now anon-rss:[\w:, -]*$/.exec(text) ?? []
    return `oom_reaper: reaped process ${pid} (${comm(name)})${sizes}`
  },
  suppressed: asItIs,
}

/** The line with other names. */
export const oomText = (line: OomLine, text: string, names: Names, place: Place): string =>
  (WRITE[line.kind] as Write<OomLine['kind']>)(line as never, text, names, place)

// oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=c,pid=1,uid=0
function summaryText(text: string, { path, component, comm }: Names, { report, victims }: Place): string {
  const [, pid, uid] = /,pid=(\d+),uid=(\d+)$/.exec(text) ?? []
  const victim = victims.get(Number(pid)) ?? { ...NOBODY, comm: lastTask(text) }
  const { constraint, global, oomMemcg, taskMemcg } = parseOomSummary(text, victim, report?.oomMemcg ?? null)
  const cpuset = /,cpuset=(.*?),mems_allowed=/s.exec(text)?.[1]
  const nodes = /,mems_allowed=([\d,-]*\d)/.exec(text)?.[1]
  const fields = [
    `oom-kill:constraint=${constraint ?? ''}`,
    'nodemask=(null)',
    ...(cpuset === undefined ? [] : [`cpuset=${component(cpuset)}`]),
    ...(nodes === undefined ? [] : [`mems_allowed=${nodes}`]),
    ...(global ? ['global_oom'] : oomMemcg === null ? [] : [`oom_memcg=${path(oomMemcg)}`]),
    ...(taskMemcg === null ? [] : [`task_memcg=${path(taskMemcg)}`]),
    ...(isCompleteSummary(text) ? [`task=${comm(victim.comm)}`, `pid=${pid}`, `uid=${uid}`] : []),
  ]
  return fields.join(',')
}

const lastTask = (text: string): string => /.*,task=(.*),pid=\d+,uid=\d+$/s.exec(text)?.[1] ?? ''

const NOBODY: Victim = {
  pid: 0,
  comm: '',
  uid: null,
  totalVm: null,
  anonRss: null,
  fileRss: null,
  shmemRss: null,
  pgtables: null,
  oomScoreAdj: null,
}
