// Whether an OOM report goes on after a gap in time: its own lines decide, not the clock. Pure.
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import { consumeOomRecord, type OomState } from '../../collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill, OomReport, TaskRowList } from '../../collectors/kmsg/oom/oom-kill.ts'

/**
 * Returns whether the records after a gap belong to the report before it. They end with the line of a kill. Both parts must make a
 * whole report in the kernel's order. A line behind the gap must name what a line before it names, or be the very next one. Among
 * the counters of a cgroup the next line may be another's.
 * @param lastText the line before the gap
 */
export function isContinuation(state: OomState, lastText: string, records: readonly KernelRecord[]): boolean {
  const before = state.reports.findLast(({ victim }) => victim === null)
  if (!before) return false
  let joined: OomState = state
  for (const record of records) joined = consumeOomRecord(joined, { ...record, slow: true })
  const kill = joined.oomKills.at(-1)
  if (!kill || kill === state.oomKills.at(-1) || kill.logLines?.first !== before.logLines?.first) return false
  return kill.complete && kill.likely.length === 0 && isLinked(before, kill, records, lastText)
}

function isLinked(before: OomReport, kill: OomKill, records: readonly KernelRecord[], lastText: string): boolean {
  const { victim } = kill
  return (
    before.chosen?.pid === victim.pid ||
    before.summary?.includes(`,task=${victim.comm},pid=${victim.pid},`) === true ||
    hasRow(before.rows, victim) ||
    isInvokerNamed(before, kill) ||
    isFreeMemoryEqual(before, kill) ||
    isUsageEqual(before, kill) ||
    isNextLine(lastText, findFirstText(records)) ||
    (before.oomMemcg !== null && records.some(({ text }) => text.includes(`,oom_memcg=${before.oomMemcg},`)))
  )
}

/** True for what journald, the console and syslog write in place of lines that they lost. */
export const isLoss = ({ text }: KernelRecord): boolean => LOSS.test(text)

const LOSS = /^Missed \d+ kernel messages|^(?:\*\* |printk: )?\d+ (?:printk )?messages dropped|\blost \d+ messages/

// Lines of programs may be between two of the kernel's, unless one says that lines were lost.
const findFirstText = (records: readonly KernelRecord[]): string =>
  records.find(record => record.facility === 0 || isLoss(record))?.text ?? ''

function hasRow(rows: TaskRowList | null, { pid, comm }: OomKill['victim']): boolean {
  for (let at = rows; at !== null; at = at.before) if (at.row.pid === pid && at.row.comm === comm) return true
  return false
}

// The process that asked for memory: its CPU line, its row in the table, or its end.
function isInvokerNamed({ invoker }: OomReport, { victim, tasks, invoker: whole }: OomKill): boolean {
  if (invoker === null) return false
  if (invoker.pid === null) return whole?.pid != null
  const { pid, comm } = invoker
  return [victim, ...tasks].some(one => one.pid === pid && one.comm === comm)
}

const TOLERANCE = 0.01 // the counters are read one after the other
const USAGE_TOLERANCE = 256 * 1024 // per-CPU batches

// The free pages of the node are those of its zones: another moment has other numbers.
function isFreeMemoryEqual({ memInfo: before }: OomReport, { memInfo }: OomKill): boolean {
  const total = before?.pages.free
  if (!before || !memInfo || total === undefined || before.zones.length === memInfo.zones.length) return false
  const sum = memInfo.zones.reduce((bytes, { free }) => bytes + (free ?? 0), 0)
  const expected = total * (memInfo.pageSize ?? 4096)
  return Math.abs(sum - expected) <= TOLERANCE * expected
}

// The usage of the cgroup is the sum of its stats (cgroup v1).
function isUsageEqual({ memory, stat: before }: OomReport, { stat, kmem }: OomKill): boolean {
  const { cache, rss } = stat
  if (memory === null || cache === undefined || rss === undefined || before.rss === rss) return false
  return Math.abs(memory.usage - cache - rss - (kmem?.usage ?? 0)) <= USAGE_TOLERANCE
}

// Lines behind the stack in the kernel's order. Those of one kind follow each other. mm/oom_kill.c dump_header, mm/show_mem.c
const ORDER: readonly RegExp[] = [
  /^Mem-[Ii]nfo:$/,
  /^ {0,20}[a-z_]+:\d+(?: [a-z_()]+:\d+)*(?:\n|$)/,
  /^(?:Node \d+ )?active_anon:\d+kB/,
  /^(?:Node \d+ )?\w+ free:\d+kB|^lowmem_reserve\[\]/,
  /\*\d+kB.*= \d+kB$/,
  /hugepages_total=/,
  /total pagecache pages$/,
  /pages in swap cache$|^Swap cache stats|^(?:Free|Total) swap/,
  /pages (?:RAM|HighMem\/MovableOnly|reserved|cma reserved|hwpoisoned)$/,
  /^Unreclaimable slab info:$|^Name +Used +Total$/,
  /\d+KB +\d+KB$/,
  /^Tasks state|^\[ *pid *\]/,
  /^\[ *\d+\] +\d/,
  /^oom-kill:/,
]
const MAX_SKIPPED = 3 // huge pages and the list of slab are not in every report

function isNextLine(before: string, next: string): boolean {
  const [at, to] = [before, next].map(text => ORDER.findIndex(pattern => pattern.test(text)))
  return at !== undefined && to !== undefined && at >= 0 && to >= at && to - at <= MAX_SKIPPED
}
