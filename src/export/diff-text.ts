// A diff as text: an aligned table for each kind of thing, and as JSON.
import { formatBytes, formatCount, formatDateTime, formatDuration, formatRate, formatSignedBytes } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { CgroupChange, Change, Diff, Window } from './diff.ts'
import { columns } from './table.ts'

/** Rows that a table tells of what grew, and of what shrank. */
const MOST = { grew: 20, shrank: 8 }

/** In what two sessions are not alike. */
export function unlike(a: Window, b: Window): readonly string[] {
  const [before, after] = [a.history.session, b.history.session]
  const differing = (['host', 'kernel'] as const).filter(name => before[name] !== after[name])
  const words = differing.map(name => `another ${name}: ${before[name]} before, ${after[name]} after`)
  const reboot = before.host === after.host && before.bootId !== after.bootId
  return reboot ? [...words, 'the node was booted between the two: what came and went is told by name only'] : words
}

/** Lines without colour, safe for a terminal. */
export function diffText(a: Window, b: Window, diff: Diff): string {
  const head = columns([['before', words(a)], ['after', words(b)], ...unlike(a, b).map(text => ['note', text])])
  const blocks = [
    head,
    table('memory', diff.memory, one => (/^HugePages_/.test(one.name) ? countRow(one) : sizeRow(one))),
    table('slab cache', diff.caches, one => [...sizeRow(one), `${signedCount(one.objects.change)} objects`]),
    table('cgroup', diff.cgroups, one => [...sizeRow(one), whatOf(one)]),
    table('cgroups', diff.counts, countRow),
    table('counter', diff.rates, ({ before, after, change }) => [
      rate(before),
      rate(after),
      before === null || after === null ? '' : `${change > 0 ? '+' : '−'}${formatRate(Math.abs(change))}`,
    ]),
  ]
  const told = blocks.filter(lines => lines.length > 0)
  const rest = told.length === 1 ? [['nothing changed']] : []
  return `${[...told, ...rest].map(lines => lines.map(escapeControls).join('\n')).join('\n\n')}\n`
}

function words({ name, begin, history: { session, time } }: Window): string {
  const end = formatDateTime(session.wallClock + time)
  const span = time > begin ? ` (window of ${formatDuration(time - begin)})` : ''
  return `${end}${span}  ${name}  ${session.host}, Linux ${session.kernel}`
}

function table<T extends Change>(
  title: string,
  all: readonly T[],
  cells: (one: T) => readonly string[],
): readonly string[] {
  if (all.length === 0) return []
  const shrank = all.filter(({ change }) => change < 0)
  const grew = all.filter(({ change }) => change >= 0)
  const shown = [...grew.slice(0, MOST.grew), ...shrank.slice(0, MOST.shrank)]
  const rows = shown.map(one => [one.name, ...cells(one)])
  const left = all.length - shown.length
  const lines = columns([[title, 'before', 'after', 'change'], ...rows], 'lrrr')
  return left > 0 ? [...lines, `… and ${left} more that changed less (--json tells all)`] : lines
}

const sizeRow = ({ before, after, change }: Change): readonly string[] => [
  before === null ? '?' : formatBytes(before),
  after === null ? '?' : formatBytes(after),
  before === null || after === null ? '' : formatSignedBytes(change),
]

const countRow = ({ before, after, change }: Change): readonly string[] => [
  number(before),
  number(after),
  before === null || after === null ? '' : signedCount(change),
]

const whatOf = ({ what }: CgroupChange): string => (what === 'stayed' ? '' : what)
const number = (value: number | null): string => (value === null ? '?' : formatCount(value))
const rate = (value: number | null): string => (value === null ? '' : formatRate(value))
const signedCount = (value: number): string => (value > 0 ? `+${formatCount(value)}` : formatCount(value))

/** As JSON: sizes in bytes (`HugePages_*` are counts), paces per second, times ISO 8601. */
export function diffJson(a: Window, b: Window, diff: Diff): Readonly<Record<string, unknown>> {
  const side = ({ name, begin, history: { session, time } }: Window) => {
    const iso = (at: number): string => new Date(session.wallClock + at).toISOString()
    return { file: name, host: session.host, kernel: session.kernel, begin: iso(begin), end: iso(time) }
  }
  return { before: side(a), after: side(b), unlike: unlike(a, b), ...diff }
}
