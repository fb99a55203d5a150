// A diff as text, with one aligned table for each kind of change, and as JSON.
import { formatBytes, formatCount, formatDuration, formatRate, formatSignedBytes } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { CgroupChange, Change, Diff, DiffWindow } from './diff.ts'
import { formatSessionDate, toIso } from './session-time.ts'
import { alignColumns } from './table.ts'

/** Rows of a table: what grew most, and what shrank most. */
const MAX_ROWS = { grew: 20, shrank: 8 }

/** Describes how two sessions differ. */
export function describeDifferences(a: DiffWindow, b: DiffWindow): readonly string[] {
  const [before, after] = [a.history.session, b.history.session]
  const differing = (['host', 'kernel'] as const).filter(name => before[name] !== after[name])
  const notes = differing.map(name => `different ${name}: ${before[name]} before, ${after[name]} after`)
  const reboot = before.host === after.host && before.bootId !== after.bootId
  return reboot ? [...notes, 'the node rebooted between the two: cgroups are compared by name only'] : notes
}

/** Formats lines without color, safe for a terminal. */
export function formatDiff(a: DiffWindow, b: DiffWindow, diff: Diff): string {
  const head = alignColumns([
    ['before', describeWindow(a)],
    ['after', describeWindow(b)],
    ...describeDifferences(a, b).map(text => ['note', text]),
  ])
  const blocks = [
    head,
    formatTable('memory', diff.memory, one =>
      /^HugePages_/.test(one.name) ? formatCountRow(one) : formatSizeRow(one),
    ),
    formatTable('slab cache', diff.caches, one => [
      ...formatSizeRow(one),
      `${formatSignedCount(one.objects.change)} objects`,
    ]),
    formatTable('cgroup', diff.cgroups, one => [...formatSizeRow(one), formatStatus(one)]),
    formatTable('cgroups', diff.counts, formatCountRow),
    formatTable('counter', diff.rates, ({ before, after, change }) => [
      formatRateChange(before),
      formatRateChange(after),
      before === null || after === null ? '' : `${change > 0 ? '+' : '−'}${formatRate(Math.abs(change))}`,
    ]),
  ]
  const nonEmpty = blocks.filter(lines => lines.length > 0)
  const rest = nonEmpty.length === 1 ? [['nothing changed']] : []
  return `${[...nonEmpty, ...rest].map(lines => lines.map(escapeControls).join('\n')).join('\n\n')}\n`
}

function describeWindow({ name, begin, history: { session, time } }: DiffWindow): string {
  const end = formatSessionDate(session, time)
  const span = time > begin ? ` (window of ${formatDuration(time - begin)})` : ''
  return `${end}${span}  ${name}  ${session.host}, Linux ${session.kernel}`
}

function formatTable<T extends Change>(
  title: string,
  all: readonly T[],
  cells: (one: T) => readonly string[],
): readonly string[] {
  if (all.length === 0) return []
  const shrank = all.filter(({ change }) => change < 0)
  const grew = all.filter(({ change }) => change >= 0)
  const shown = [...grew.slice(0, MAX_ROWS.grew), ...shrank.slice(0, MAX_ROWS.shrank)]
  const rows = shown.map(one => [one.name, ...cells(one)])
  const left = all.length - shown.length
  const lines = alignColumns([[title, 'before', 'after', 'change'], ...rows], 'lrrr')
  return left > 0 ? [...lines, `… and ${left} more that changed less (--json lists all)`] : lines
}

const formatSizeRow = ({ before, after, change }: Change): readonly string[] => [
  before === null ? '?' : formatBytes(before),
  after === null ? '?' : formatBytes(after),
  before === null || after === null ? '' : formatSignedBytes(change),
]

const formatCountRow = ({ before, after, change }: Change): readonly string[] => [
  formatNumber(before),
  formatNumber(after),
  before === null || after === null ? '' : formatSignedCount(change),
]

const formatStatus = ({ status }: CgroupChange): string => (status === 'kept' ? '' : status)
const formatNumber = (value: number | null): string => (value === null ? '?' : formatCount(value))
const formatRateChange = (value: number | null): string => (value === null ? '' : formatRate(value))
const formatSignedCount = (value: number): string => (value > 0 ? `+${formatCount(value)}` : formatCount(value))

/** Returns JSON: sizes in bytes (`HugePages_*` are counts), rates per second, times ISO 8601. */
export function toDiffJson(a: DiffWindow, b: DiffWindow, diff: Diff): Readonly<Record<string, unknown>> {
  const toWindowJson = ({ name, begin, history: { session, time } }: DiffWindow) => {
    return {
      file: name,
      host: session.host,
      kernel: session.kernel,
      begin: toIso(session, begin),
      end: toIso(session, time),
    }
  }
  return { before: toWindowJson(a), after: toWindowJson(b), unlike: describeDifferences(a, b), ...diff }
}
