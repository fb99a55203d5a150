// Applies each kind of line to a report, and rejects lines that cannot belong to it. Follows mm/oom_kill.c oom_kill_process.

import { isWithin } from '../../../base/paths.ts'
import type { KernelRecord } from '../kernel-record.ts'
import { addMemInfoLine } from './mem-info-block.ts'
import type { OomReport } from './oom-kill.ts'
import { canEndWith, computeGroupKillChanges, computeKillChanges } from './oom-killed-lines.ts'
import type { OomLine, OomLineOfKind } from './oom-lines.ts'
import { applyChanges, openReport } from './oom-report.ts'
import { isCompleteSummary } from './oom-summary.ts'
import { addRow, canListProcess } from './oom-tasks.ts'

type OomLineKind = OomLine['kind']
type LineHandler<K extends OomLineKind> = (
  report: OomReport,
  line: OomLineOfKind<K>,
  record: KernelRecord,
) => Partial<OomReport> | undefined

const MAX_VALUES = 1000

// Changes of each kind of line to a report without a victim; undefined if the line belongs elsewhere or repeats another.
const HANDLERS_BEFORE_KILL: { readonly [K in OomLineKind]?: LineHandler<K> } = {
  cpu: ({ invoker }, { pid, comm }) =>
    invoker?.pid === null && comm.startsWith(`${invoker.comm} `) ? { invoker: { ...invoker, pid } } : undefined,
  limit: (report, { taskMemcg, oomMemcg }) =>
    report.global === null && report.memory === null ? { global: false, taskMemcg, oomMemcg } : undefined,
  charge: (report, { counter, charge }) =>
    report.global === true || report[counter] !== null ? undefined : { [counter]: charge },
  stats: (report, { memcg, values }, { unnumbered }) =>
    report.global === true ||
    report.section === 'tasks' ||
    (report.oomMemcg !== null && !isWithin(memcg, report.oomMemcg))
      ? undefined
      : {
          section: 'stat',
          oomMemcg: resolveOomMemcg(report, memcg, values, unnumbered),
          stat: addStats(report.stat, values),
        },
  stat: ({ section, stat }, { values }) => (section === 'stat' ? { stat: addStats(stat, values) } : undefined),
  mem: ({ section, memInfo, memory, global, node }, { line }) => {
    if (memory !== null || global === false || (section !== 'mem' && line.what !== 'begin')) return undefined
    const info = addMemInfoLine(memInfo, line, node)
    return info && { section: 'mem', memInfo: info, node: line.what === 'node' ? line.node : null }
  },
  slab: ({ section, unreclaimableSlab }, { row }) => {
    if (row === null) return section === 'tasks' ? undefined : { section: 'slab' }
    if (section !== 'slab' || unreclaimableSlab.length >= MAX_VALUES) return undefined
    return { unreclaimableSlab: [...unreclaimableSlab, row] }
  },
  columns: ({ taskColumns, summary }, { columns }) =>
    taskColumns.length > 0 || summary !== null ? undefined : { section: 'tasks', taskColumns: columns },
  row: ({ section, taskColumns, rows }, { text }) =>
    section === 'tasks' && taskColumns.length > 0 ? { rows: addRow(rows, taskColumns, text) } : undefined,
  summary: ({ summary, global, oomMemcg }, { text }) => {
    const isOtherSummary = oomMemcg !== null && isCompleteSummary(text) && !text.includes(`,oom_memcg=${oomMemcg},`)
    if (summary !== null || isOtherSummary || global === text.includes('=CONSTRAINT_MEMCG,')) return undefined
    return { summary: text }
  },
  more: ({ summary }, { text }) =>
    summary === null || isCompleteSummary(summary) ? undefined : { summary: (summary + text).slice(0, 16_384) },
  verdict: ({ global }, { global: lineGlobal, chosen }) =>
    global === !lineGlobal ? undefined : { global: lineGlobal, chosen },
  killed: (report, line, record) =>
    canEndWith(report, line, record) ? computeKillChanges(report, line, record) : undefined,
}

// Changes to a report that has its victim: only memory.oom.group adds to it.
const HANDLERS_AFTER_KILL: { readonly [K in OomLineKind]?: LineHandler<K> } = {
  group: ({ section, taskMemcg, mixed, rows, foreignRecords, lastKilledLine }, { memcg }, { unnumbered }) => {
    // because of the rate limit the kernel printed the `Killed process` line alone
    const isBare = !mixed && rows === null && foreignRecords === 0 && lastKilledLine?.global === false
    const isOwnGroup = taskMemcg === null ? unnumbered === undefined || isBare : isWithin(taskMemcg, memcg)
    return section === 'done' && isOwnGroup ? { section: 'group', oomGroup: memcg } : undefined
  },
  killed: (report, line, record) => {
    if (report.section !== 'group' || report.global === !line.global) return undefined
    // in a saved text without the group's first line or table, this line may belong to another kill
    if (record.unnumbered && (report.victim === null || (report.rows === null && line.global === null)))
      return undefined
    return canListProcess(report.rows, line.victim.pid) ? computeGroupKillChanges(report, line, record) : undefined
  },
}

/** Returns the report with this line added, or undefined if the line cannot belong to it. */
export function applyLine(report: OomReport, line: OomLine, record: KernelRecord): OomReport | undefined {
  const handlers = report.victim === null && report.section !== 'group' ? HANDLERS_BEFORE_KILL : HANDLERS_AFTER_KILL
  const handler = handlers[line.kind] as LineHandler<OomLineKind> | undefined
  const changes = handler?.(report, line, record)
  return changes && applyChanges(report, changes, record)
}

/** Opens a report whose first lines are lost or were never printed; undefined if no report can begin with this line. */
export function openHeadlessReport(line: OomLine, record: KernelRecord): OomReport | undefined {
  const report = openReport(record)
  // if the rate limit suppresses the report, the `Killed process` line comes alone
  if (line.kind === 'killed') return applyChanges(report, computeKillChanges(report, line, record), record)
  if (line.kind === 'group') return { ...report, section: 'group', oomGroup: line.memcg }
  const isMemInfo = line.kind === 'mem' && line.line.what === 'begin' && record.unnumbered === true
  return isMemInfo || HEADLESS_FIRST_KINDS.has(line.kind) ? applyLine(report, line, record) : undefined
}

const HEADLESS_FIRST_KINDS: ReadonlySet<OomLineKind> = new Set([
  'limit',
  'charge',
  'stats',
  'slab',
  'columns',
  'summary',
  'verdict',
])

// The first stats line names the cgroup at its limit. Up to 4.20 its descendants follow, and in a saved text the first may be lost.
function resolveOomMemcg(
  { oomMemcg }: OomReport,
  memcg: string,
  values: OomReport['stat'],
  unnumbered = false,
): string | null {
  return oomMemcg ?? (unnumbered && Object.keys(values).length > 0 ? null : memcg)
}

// Up to 4.20 there is one line per cgroup, without its descendants. Their sum is what later kernels print.
function addStats(stat: OomReport['stat'], values: OomReport['stat']): OomReport['stat'] {
  const names = Object.keys(values)
  if (names.length === 0 || Object.keys(stat).length >= MAX_VALUES) return stat
  const total: Record<string, number> = { ...stat }
  for (const name of names) total[name] = (total[name] ?? 0) + values[name]!
  return total
}
