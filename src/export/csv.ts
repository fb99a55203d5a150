// CSV: a header line and one row per sample. Quoted as in RFC 4180; unknown is empty. Lines end in a newline.
import { UserError } from '../base/errors.ts'
import { escapeControls } from '../base/text.ts'
import type { DumpFormat } from './dump-format.ts'
import { readFieldValues } from './field-values.ts'
import { parseFields } from './fields.ts'

/** The columns when no fields are named; a column that the kernel does not have stays empty. */
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

/** The output format `csv`. */
export const formatCsv: DumpFormat = function* (states, { fields = parseFields(CSV_FIELDS) }) {
  let header = formatCsvLine(['time', ...fields.map(({ text }) => text)])
  for (const state of states) {
    const { time, values } = readFieldValues(state, fields)
    const list = values.findIndex(value => typeof value === 'object' && value !== null)
    if (list >= 0)
      throw new UserError(`--fields ${fields[list]!.text}: a CSV cell holds a single value; name one inside it`)
    yield header + formatCsvLine([time, ...values])
    header = ''
  }
}

/** Formats one line of cells. */
export const formatCsvLine = (cells: readonly unknown[]): string => `${cells.map(formatCell).join(',')}\n`

// A text that begins with one of these is a formula to a spreadsheet: an apostrophe before it makes it a text (OWASP, CSV injection).
const FORMULA_START = /^[=+\-@\t\r]/

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const plain = escapeControls(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const text = typeof value === 'string' && FORMULA_START.test(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
