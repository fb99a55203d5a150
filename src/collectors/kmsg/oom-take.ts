// What each kind of line adds to a report, and which lines cannot be its own. Follows mm/oom_kill.c oom_kill_process.
import { addMemLine } from './mem-info.ts'
import type { OomReport } from './oom-kill.ts'
import { alsoKilled, end, mayEndWith } from './oom-killed.ts'
import type { OomLine } from './oom-lines.ts'
import { extended, openReport } from './oom-report.ts'
import { isWhole } from './oom-summary.ts'
import { addRow, mayList } from './oom-tasks.ts'
import type { KernelRecord } from './record.ts'

type Kind = OomLine['kind']
type Line<K extends Kind> = Extract<OomLine, { readonly kind: K }>
type Take<K extends Kind> = (report: OomReport, line: Line<K>, record: KernelRecord) => Partial<OomReport> | undefined

const MOST_VALUES = 1000

// What a line changes in a report that has no victim yet; undefined: not its own, or said already.
const READING: { readonly [K in Kind]?: Take<K> } = {
  cpu: ({ invoker }, { pid, comm }) =>
    invoker?.pid === null && comm.startsWith(`${invoker.comm} `) ? { invoker: { ...invoker, pid } } : undefined,
  limit: (report, { taskMemcg, oomMemcg }) =>
    report.global === null && report.memory === null ? { global: false, taskMemcg, oomMemcg } : undefined,
  charge: (report, { counter, charge }) =>
    report.global === true || report[counter] !== null ? undefined : { [counter]: charge },
  stats: (report, { memcg, values }, { unnumbered }) =>
    report.global === true || report.section === 'tasks' || !isBelow(memcg, report.oomMemcg)
      ? undefined
      : { section: 'stat', oomMemcg: ownerOf(report, memcg, values, unnumbered), stat: sum(report.stat, values) },
  stat: ({ section, stat }, { values }) => (section === 'stat' ? { stat: sum(stat, values) } : undefined),
  mem: ({ section, memInfo, memory, global, node }, { line }) => {
    if (memory !== null || global === false || (section !== 'mem' && line.what !== 'begin')) return undefined
    const info = addMemLine(memInfo, line, node)
    return info && { section: 'mem', memInfo: info, node: line.what === 'node' ? line.node : null }
  },
  slab: ({ section, unreclaimableSlab }, { row }) => {
    if (row === null) return section === 'tasks' ? undefined : { section: 'slab' }
    if (section !== 'slab' || unreclaimableSlab.length >= MOST_VALUES) return undefined
    return { unreclaimableSlab: [...unreclaimableSlab, row] }
  },
  columns: ({ taskColumns, summary }, { columns }) =>
    taskColumns.length > 0 || summary !== null ? undefined : { section: 'tasks', taskColumns: columns },
  row: ({ section, taskColumns, rows }, { text }) =>
    section === 'tasks' && taskColumns.length > 0 ? { rows: addRow(rows, taskColumns, text) } : undefined,
  summary: ({ summary, global, oomMemcg }, { text }) => {
    const isOther = oomMemcg !== null && isWhole(text) && !text.includes(`,oom_memcg=${oomMemcg},`)
    if (summary !== null || isOther || global === text.includes('=CONSTRAINT_MEMCG,')) return undefined
    return { summary: text }
  },
  more: ({ summary }, { text }) =>
    summary === null || isWhole(summary) ? undefined : { summary: (summary + text).slice(0, 16_384) },
  verdict: ({ global }, { global: said, chosen }) => (global === !said ? undefined : { global: said, chosen }),
  killed: (report, line, record) => (mayEndWith(report, line) ? end(report, line, record) : undefined),
}

// … and in one that has its victim: only memory.oom.group adds to it.
const ENDED: { readonly [K in Kind]?: Take<K> } = {
  group: ({ section, taskMemcg, mixed, rows, foreign, latest }, { memcg }, { unnumbered }) => {
    const isBare = !mixed && rows === null && foreign === 0 && latest?.global === false // the rate limit left it alone
    const isIts = taskMemcg === null ? unnumbered === undefined || isBare : isBelow(taskMemcg, memcg)
    return section === 'done' && isIts ? { section: 'group', oomGroup: memcg } : undefined
  },
  killed: (report, line, record) => {
    if (report.section !== 'group' || report.global === !line.global) return undefined
    // in a saved text, when the group's own first line or table is lost, this one may be another's
    if (record.unnumbered && (report.victim === null || (report.rows === null && line.global === null)))
      return undefined
    return mayList(report.rows, line.victim.pid) ? alsoKilled(report, line, record) : undefined
  },
}

/** The report with this line in it; undefined when it cannot be its own. */
export function takeLine(report: OomReport, line: OomLine, record: KernelRecord): OomReport | undefined {
  const table = report.victim === null && report.section !== 'group' ? READING : ENDED
  const take = table[line.kind] as Take<Kind> | undefined
  const changes = take?.(report, line, record)
  return changes && extended(report, changes, record)
}

/** A report whose first lines are lost, or were never printed. */
export function openHeadless(line: OomLine, record: KernelRecord): OomReport | undefined {
  const report = openReport(record)
  // without a report (rate limit) the `Killed process` line comes alone
  if (line.kind === 'killed') return extended(report, end(report, line, record), record)
  if (line.kind === 'group') return { ...report, section: 'group', oomGroup: line.memcg }
  return BEGINS_HEADLESS.has(line.kind) ? takeLine(report, line, record) : undefined
}

const BEGINS_HEADLESS: ReadonlySet<Kind> = new Set([
  'limit',
  'charge',
  'stats',
  'slab',
  'columns',
  'summary',
  'verdict',
])

// The first line names the cgroup at its limit. Up to 4.20 those below it follow, and the first may be the one that is lost.
function ownerOf({ oomMemcg }: OomReport, memcg: string, values: OomReport['stat'], unnumbered = false): string | null {
  return oomMemcg ?? (unnumbered && Object.keys(values).length > 0 ? null : memcg)
}

function isBelow(memcg: string, top: string | null): boolean {
  return top === null || memcg === top || memcg.startsWith(`${top}/`)
}

// Up to 4.20 there is a line for each cgroup, without what is below it: together they are what later kernels print.
function sum(stat: OomReport['stat'], values: OomReport['stat']): OomReport['stat'] {
  const names = Object.keys(values)
  if (names.length === 0 || Object.keys(stat).length >= MOST_VALUES) return stat
  const total: Record<string, number> = { ...stat }
  for (const name of names) total[name] = (total[name] ?? 0) + values[name]!
  return total
}
