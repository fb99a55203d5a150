// The task table of an OOM report: columns differ between kernels and come from its header. mm/oom_kill.c dump_task.
import { formatBytes } from '../../base/format.ts'
import type { TaskRow, TaskRowList } from './oom-kill.ts'

const MAX_ROWS_READ = 20_000
const MAX_ROWS_KEPT = 200

/** Adds a row: `[   2923]     0  2923     9825 … ctr-a`. The same rows when it is none, or there are too many. */
export function addRow(rows: TaskRowList | null, columns: readonly string[], text: string): TaskRowList | null {
  if (rows !== null && rows.count >= MAX_ROWS_READ) return rows
  const row = parseRow(columns, text)
  return row ? { row, before: rows, count: (rows?.count ?? 0) + 1 } : rows
}

const PID = /\[ *(\d+)\]/y
const NUMBER = / *(-?\d+)(?= |$)/y

// The name is the rest of the line after one blank: it may hold blanks and brackets, and be empty.
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

/** Is the row that of this process? When its first thread is gone the row has another thread's pid, but the same tgid. */
export const isRowOf = (row: TaskRow, pid: number): boolean => row.pid === pid || row.columns.tgid === pid

/** False only when the whole table is there and the process is not in it. */
export function canListProcess(rows: TaskRowList | null, pid: number): boolean {
  if (rows === null || rows.count >= MAX_ROWS_READ) return true
  for (let at: TaskRowList | null = rows; at !== null; at = at.before) if (isRowOf(at.row, pid)) return true
  return false
}

/** The rows worth keeping, in the kernel's order: the largest by rss, and the victim. */
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

/** Processes of one name: how many, and their resident pages together (what they share is counted for each). */
interface ProcessNameTotal {
  readonly comm: string
  readonly tasks: number
  readonly pages: number
}

/** The names of a task table by the pages that all of a name hold, the most first: many small processes outweigh a large one. */
function sumByProcessName(tasks: readonly TaskRow[]): readonly ProcessNameTotal[] {
  const all = new Map<string, ProcessNameTotal>()
  for (const { comm, columns } of tasks) {
    const { tasks: before, pages } = all.get(comm) ?? { tasks: 0, pages: 0 }
    all.set(comm, { comm, tasks: before + 1, pages: pages + (columns.rss ?? 0) })
  }
  return [...all.values()].sort((a, b) => b.pages - a.pages)
}

/** `java ×12 3.4 GiB, nginx 20.0 MiB`; of a table that was cut to its largest rows it says so. */
export function formatLargestProcesses(tasks: readonly TaskRow[], pageSize: number, limit: number): string {
  const names = sumByProcessName(tasks).slice(0, limit)
  const texts = names.map(
    ({ comm, tasks: taskCount, pages }) =>
      `${comm}${taskCount > 1 ? ` ×${taskCount}` : ''} ${formatBytes(pages * pageSize)}`,
  )
  return `${texts.join(', ')}${tasks.length >= MAX_ROWS_KEPT ? ` (of the ${MAX_ROWS_KEPT} largest processes)` : ''}`
}
