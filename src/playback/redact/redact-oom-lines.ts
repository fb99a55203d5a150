// Redacts the lines of an OOM report. Each is written again from its parsed fields, so nothing else passes.

import type { OomReport, Victim } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { OomLine } from '../../collectors/kmsg/oom/oom-lines.ts'
import { isCompleteSummary, parseOomSummary } from '../../collectors/kmsg/oom/oom-summary.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** The context of a line. */
export interface LineContext {
  /** the report that the line belongs to, before the line */
  readonly report: OomReport | undefined
  /** processes that are killed by later lines, by pid */
  readonly victims: ReadonlyMap<number, Victim>
}

type LineOfKind<K extends OomLine['kind']> = Extract<OomLine, { readonly kind: K }>
type LineRedactor<K extends OomLine['kind']> = (
  line: LineOfKind<K>,
  text: string,
  pseudonyms: Pseudonyms,
  context: LineContext,
) => string

// v1 prints all in one line: cache:0KB rss:98304KB …
const keepFigures = (text: string): string => (/^:(?: ?[\w+]+:\d+KB)* ?$/.test(text) ? text : ':')

const keepAsIs = (_: unknown, text: string): string => (/^[ -~\n]*$/.test(text) ? text : '')

const LINE_REDACTORS: { readonly [K in OomLine['kind']]: LineRedactor<K> } = {
  row: (_, text, pseudonyms, { report }) => {
    const numbers = report?.taskColumns.length ?? 0
    const [, start, comm] = new RegExp(`^(\\[ *\\d+\\](?: *-?\\d+(?= |$)){${numbers}} ?)(.*)$`, 's').exec(text) ?? []
    return start === undefined ? '' : start + pseudonyms.redactComm(comm!)
  },
  invoked: ({ invoker }, text, pseudonyms) => {
    const end = text.lastIndexOf(' invoked oom-killer: ')
    if (end < 0) return text // oom-killer: gfp_mask=0xd0
    const start = `${pseudonyms.redactComm(text.slice(0, end))} invoked oom-killer: `
    if (!invoker) return start
    const adjustment = invoker.oomScoreAdj === null ? '' : `, oom_score_adj=${invoker.oomScoreAdj}`
    return `${start}gfp_mask=${invoker.gfpMask.replace(/[^\w|()]/g, '')}, order=${invoker.order}${adjustment}`
  },
  cpu: (_, text, pseudonyms, { report }) => {
    const [start] = /^CPU: \d+ (?:UID: \d+ )?PID: \d+ Comm: /.exec(text) ?? []
    return start && report?.invoker ? `${start}${pseudonyms.redactComm(report.invoker.comm)} Not tainted` : ''
  },
  limit: ({ taskMemcg, oomMemcg }, _, { redactPath: path }) =>
    taskMemcg === null
      ? `Memory limit reached of cgroup ${path(oomMemcg)}`
      : `Task in ${path(taskMemcg)} killed as a result of limit of ${path(oomMemcg)}`,
  charge: keepAsIs,
  stats: ({ memcg }, text, { redactPath: path }) =>
    `Memory cgroup stats for ${path(memcg)}${keepFigures(text.slice('Memory cgroup stats for '.length + memcg.length))}`,
  stat: keepAsIs,
  mem: keepAsIs,
  slab: ({ row }, text, { redactCache: cache }) => (row ? cache(row.name) + text.slice(row.name.length) : text),
  columns: keepAsIs,
  summary: (_, text, pseudonyms, context) => redactSummary(text, pseudonyms, context),
  more: () => '',
  verdict: (_, text, { redactComm: comm }) => {
    const [, whose, pid, name, end] =
      /^([^:]*): [Kk]ill process (\d+) \((.*)\)( score \d+ or (?:sacrifice|a) child)$/s.exec(text)!
    return `${whose!.startsWith('M') ? 'Memory cgroup out of memory' : 'Out of memory'}: Kill process ${pid} (${comm(name!)})${end}`
  },
  killed: ({ global, victim }, text, { redactComm: comm }) => {
    const message = global ? 'Out of memory: ' : 'Memory cgroup out of memory: '
    const whose = global === null ? '' : message
    const [, sizes] = /^ (total-vm:\d+kB[\w:,. -]*)$/.exec(sliceFromLast(text, ' total-vm:')) ?? []
    const [uid = ''] = /, UID \d{1,10},$/.exec(text.slice(0, text.lastIndexOf(' total-vm:'))) ?? []
    return `${whose}Killed process ${victim.pid} (${comm(victim.comm)})${uid} ${sizes ?? ''}`
  },
  skipped: ({ pid }, text, { redactComm: comm }) => {
    const name = /OOM victim \d+ \(((?:(?!OOM victim).)*)\) is already exiting/s.exec(text)![1]!
    return `OOM victim ${pid} (${comm(name)}) is already exiting. Skip killing the task`
  },
  nobody: keepAsIs,
  panic: () => 'Kernel panic - not syncing: Out of memory: panic_on_oom is enabled',
  group: ({ memcg }, _, { redactPath: path }) =>
    `Tasks in ${path(memcg)} are going to be killed due to memory.oom.group set`,
  reaped: ({ pid, comm: name }, text, { redactComm: comm }) => {
    const [sizes = ''] = /^, now anon-rss:[\w:, -]*$/.exec(sliceFromLast(text, ', now anon-rss:')) ?? []
    return `oom_reaper: reaped process ${pid} (${comm(name)})${sizes}`
  },
  suppressed: keepAsIs,
}

/** Returns the redacted line. */
export const redactOomLine = (line: OomLine, text: string, pseudonyms: Pseudonyms, context: LineContext): string =>
  (LINE_REDACTORS[line.kind] as LineRedactor<OomLine['kind']>)(line as never, text, pseudonyms, context)

// oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=c,pid=1,uid=0
function redactSummary(
  text: string,
  { redactPath: path, redactComponent: component, redactComm: comm }: Pseudonyms,
  { report, victims }: LineContext,
): string {
  const [, pid, uid] = /,pid=(\d+),uid=(\d+)$/.exec(text) ?? []
  const victim = victims.get(Number(pid)) ?? { ...NOBODY, comm: findLastTask(text) }
  const { constraint, global, oomMemcg, taskMemcg } = parseOomSummary(text, victim, report?.oomMemcg ?? null)
  const cpuset = sliceBetween(text, ',cpuset=', ',mems_allowed=')
  const nodes = /,mems_allowed=([\d,-]*\d)/.exec(text)?.[1]
  const owner = oomMemcg === null ? [] : [`oom_memcg=${path(oomMemcg)}`]
  const fields = [
    `oom-kill:constraint=${constraint ?? ''}`,
    'nodemask=(null)',
    ...(cpuset === undefined ? [] : [`cpuset=${component(cpuset)}`]),
    ...(nodes === undefined ? [] : [`mems_allowed=${nodes}`]),
    ...(global ? ['global_oom'] : owner),
    ...(taskMemcg === null ? [] : [`task_memcg=${path(taskMemcg)}`]),
    ...(isCompleteSummary(text) ? [`task=${comm(victim.comm)}`, `pid=${pid}`, `uid=${uid}`] : []),
  ]
  return fields.join(',')
}

const findLastTask = (text: string): string =>
  /^,task=(.*),pid=\d+,uid=\d+$/s.exec(sliceFromLast(text, ',task='))?.[1] ?? ''

/** Returns a text from the last occurrence of a word on; nothing if it has none. */
function sliceFromLast(text: string, word: string): string {
  const at = text.lastIndexOf(word)
  return at < 0 ? '' : text.slice(at)
}

/** Returns what is between two words; undefined if there are none. */
function sliceBetween(text: string, before: string, after: string): string | undefined {
  const from = text.indexOf(before) + before.length
  const until = text.indexOf(after, from)
  return from < before.length || until < 0 ? undefined : text.slice(from, until)
}

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
