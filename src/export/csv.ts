// CSV: a header line and a row per sample. Quoting as in RFC 4180; what is unknown is empty. Lines end in a newline.
import { escapeControls } from '../base/text.ts'

/** What is told when no fields are named; what a kernel does not have stays empty. */
export const CSV_FIELDS = [
  'memory.MemTotal',
  'memory.MemFree',
  'memory.MemAvailable',
  'memory.AnonPages',
  'memory.Cached',
  'memory.Shmem',
  'memory.SReclaimable',
  'memory.SUnreclaim',
  'memory.KernelStack',
  'memory.PageTables',
  'memory.Percpu',
  'memory.VmallocUsed',
  'memory.unaccounted',
  'memory.SwapUsed',
  'pressure.some.avg10',
  'pressure.full.avg10',
  'vmstat.oom_kill',
  'vmstat.allocstall',
  'cgroup.directories',
  'cgroup.numCgroups',
  'cgroup.dying',
].join(',')

/** A line of cells. */
export const formatCsvLine = (cells: readonly unknown[]): string => `${cells.map(formatCell).join(',')}\n`

// A text that begins with one of these is a formula to a spreadsheet: an apostrophe before it makes it a text (OWASP, CSV injection).
const FORMULA_START = /^[=+\-@\t\r]/

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const plain = escapeControls(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const text = typeof value === 'string' && FORMULA_START.test(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
