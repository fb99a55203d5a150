// Parses the task table of an OOM report. Its columns differ between kernels and come from its header. mm/oom_kill.c dump_task.
import { formatBytes } from '../../../base/format.ts'
import type { TaskRow, TaskRowList } from './oom-kill.ts'

const MAX_ROWS_READ = 20_000
const MAX_ROWS_KEPT = 200

/** Adds a row: `[   2923]     0  2923     9825 … ctr-a`. Returns the same rows if it is not a row or there are too many. */
export function addRow(rows: TaskRowList | null, columns: readonly string[], text: string): TaskRowList | null {
  if (rows !== null && rows.count >= MAX_ROWS_READ) return rows
  const row = parseRow(columns, text)
  return row ? { row, before: rows, count: (rows?.count ?? 0) + 1 } : rows
}

const PID = /\[ *(\d+)\]/y
const NUMBER = / *(-?\d+)(?= |$)/y

// The name is the rest of the line after one blank: it may contain blanks and brackets, and may be empty.
function parseRow(columns: readonly string[], text: string): TaskRow | undefined {
  PID.lastIndex = 0
  const pid = PID.exec(text)
  if (!pid) return undefined
  NUMBER.lastIndex = PID.lastIndex
  const values: Record<string, number> = {}
  let end = 0
  for (const name of columns) {
    const number = NUMBER.exec(text)
    if (!number) return undefined
    values[name] = Number(number[1])
    end = NUMBER.lastIndex
  }
  return { pid: Number(pid[1]), comm: text.slice(end + 1), columns: values }
}

/** Returns whether the row is this process. If its first thread has exited, the row has another thread's pid but the same tgid. */
export const isRowOf = (row: TaskRow, pid: number): boolean => row.pid === pid || row.columns.tgid === pid

/** Returns false only if the whole table is known and the process is not in it. */
export function canListProcess(rows: TaskRowList | null, pid: number): boolean {
  if (rows === null || rows.count >= MAX_ROWS_READ) return true
  for (let at: TaskRowList | null = rows; at !== null; at = at.before) if (isRowOf(at.row, pid)) return true
  return false
}

/** Selects the rows to keep, in the kernel's order: the largest by rss, and the victim. */
export function selectLargestRows(rows: TaskRowList | null, victim: number): readonly TaskRow[] {
  const all: TaskRow[] = []
  for (let at = rows; at !== null; at = at.before) all.push(at.row)
  all.reverse()
  if (all.length <= MAX_ROWS_KEPT) return all
  const kept = new Set(all.toSorted((a, b) => getRss(b) - getRss(a)).slice(0, MAX_ROWS_KEPT))
  return all.filter(row => kept.has(row) || isRowOf(row, victim))
}

function getRss({ columns }: TaskRow): number {
  return columns.rss ?? 0
}

/** Processes of one name: their number and the sum of their resident pages (shared pages count for each). */
interface ProcessNameTotal {
  readonly comm: string
  readonly tasks: number
  readonly pages: number
}

/** Sums the pages of a task table by process name, largest first: many small processes may outweigh a large one. */
function sumByProcessName(tasks: readonly TaskRow[]): readonly ProcessNameTotal[] {
  const all = new Map<string, ProcessNameTotal>()
  for (const { comm, columns } of tasks) {
    const { tasks: before, pages } = all.get(comm) ?? { tasks: 0, pages: 0 }
    all.set(comm, { comm, tasks: before + 1, pages: pages + (columns.rss ?? 0) })
  }
  return [...all.values()].sort((a, b) => b.pages - a.pages)
}

/** Formats the largest processes by name: `java ×12 3.4 GiB, nginx 20.0 MiB`, with a note if the table was cut. */
export function formatLargestProcesses(tasks: readonly TaskRow[], pageSize: number, limit: number): string {
  const names = sumByProcessName(tasks).slice(0, limit)
  const texts = names.map(
    ({ comm, tasks: taskCount, pages }) =>
      `${comm}${taskCount > 1 ? ` ×${taskCount}` : ''} ${formatBytes(pages * pageSize)}`,
  )
  return `${texts.join(', ')}${tasks.length >= MAX_ROWS_KEPT ? ` (of the ${MAX_ROWS_KEPT} largest processes)` : ''}`
}
