// The fleet on one screen: counts, patterns across nodes, and the nodes, worst first.
import { formatBytes, formatCount, formatPercent, formatPlural, formatShortDuration } from '../../base/format.ts'
import { countKills, describeKilled, type Fleet, type FleetNode } from '../../fleet/fleet.ts'
import type { Pattern } from '../../fleet/patterns.ts'
import { fitText, formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { describeKernel, describeNodes, type FleetGroup, type FleetGrouping, groupNodes } from './fleet-groups.ts'

/** What is shown. */
export interface FleetView {
  readonly fleet: Fleet
  readonly patterns: readonly Pattern[]
  /** why the last refresh failed; the fleet is then that of before */
  readonly problem: string | undefined
  /** when it was refreshed, as text */
  readonly refreshedAt: string
  readonly filter: string
  /** the filter is being typed */
  readonly isTyping: boolean
  readonly sort: FleetSort
  readonly grouping: FleetGrouping
  /** the label of `--group-by` */
  readonly label: string | undefined
  readonly selected: string | undefined
  /** a note for the reader, such as that the recording rules are missing */
  readonly note: string
}

/** Orders of the list, in the order of the key `s`. */
export const FLEET_SORTS = ['worst', 'time left', 'growth', 'kills', 'kernel', 'name'] as const
/** How the list of nodes is sorted. */
export type FleetSort = (typeof FLEET_SORTS)[number]

const COMPARE: Readonly<Record<FleetSort, (a: FleetNode, b: FleetNode) => number>> = {
  worst: () => 0, // the order of the fleet
  'time left': (a, b) => (a.timeLeft ?? Number.MAX_VALUE) - (b.timeLeft ?? Number.MAX_VALUE),
  growth: (a, b) => (b.growth ?? 0) - (a.growth ?? 0),
  kills: (a, b) => countKills(b) - countKills(a),
  kernel: (a, b) => compareTexts(a.kernel ?? '', b.kernel ?? ''),
  name: (a, b) => compareTexts(a.name, b.name),
}

const compareTexts = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

type Selection = Pick<FleetView, 'fleet' | 'filter' | 'sort' | 'grouping'>

/** The nodes as they are listed, from top to bottom. */
export const listShownNodes = (view: Selection): readonly FleetNode[] => listGroups(view).flatMap(({ nodes }) => nodes)

/** The nodes that pass the filter, in order, by group. A filter is words: each must occur in a name, kernel, group, alert or killed pod. */
function listGroups({ fleet, filter, sort, grouping }: Selection): readonly FleetGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const isMatch = (node: FleetNode): boolean => {
    const text = describeForFilter(node)
    return words.every(word =>
      word.startsWith('!') && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word),
    )
  }
  return groupNodes(fleet.nodes.filter(isMatch).toSorted(COMPARE[sort]), grouping)
}

const describeForFilter = ({ name, group = '', alerts, kills, isReporting, ...node }: FleetNode): string =>
  [
    name,
    describeKernel(node),
    group,
    isReporting ? '' : 'no data',
    ...alerts.flatMap(({ detector, severity }) => [detector, severity]),
    ...kills.map(describeKilled),
  ]
    .join('\n')
    .toLowerCase()

const COLUMNS = { name: 28, left: 9, growth: 12, kills: 6, available: 6 }
const MAX_PATTERN_SHARE = 1 / 3

/** Draws exactly `height` lines of `width` cells. */
export function drawFleet(
  view: FleetView,
  pen: Pen,
  { width, height }: { readonly width: number; readonly height: number },
): readonly string[] {
  const listRows = listGroups(view).flatMap(toRows)
  const patternRows = Math.min(view.patterns.length, Math.max(0, Math.floor((height - 4) * MAX_PATTERN_SHARE)))
  const rows = Math.max(1, height - 4 - patternRows)
  const selected = findSelected(listRows, view.selected)
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), listRows.length - rows))
  const lines = [
    formatLine(pen, [{ text: ` kmemtop fleet  ${describeNodes(view.fleet.nodes)}`, tone: 'title' }], width, [
      { text: `${view.refreshedAt} `, tone: 'muted' },
    ]),
    formatLine(pen, [describeStatus(view, listRows.filter(isNode).length)], width),
    ...view.patterns.slice(0, patternRows).map(pattern => formatLine(pen, [drawPattern(pattern)], width)),
    formatLine(pen, [{ text: formatRow(HEADINGS), tone: 'muted' }], width),
    ...listRows
      .slice(first, first + rows)
      .map((row, i) => formatLine(pen, [drawRow(row, first + i === selected)], width)),
  ]
  const padding = Array.from({ length: Math.max(0, height - 1 - lines.length) }, () => ' '.repeat(width))
  return [...lines, ...padding, formatLine(pen, [{ text: KEYS, tone: 'muted' }], width)].slice(-height)
}

// A row of the list: a node, or the heading of a group.
type Row = FleetNode | Required<FleetGroup>
const isNode = (row: Row): row is FleetNode => 'name' in row

const toRows = ({ title, nodes }: FleetGroup): readonly Row[] =>
  title === undefined ? nodes : [{ title, nodes }, ...nodes]

function findSelected(rows: readonly Row[], name: string | undefined): number {
  const found = rows.findIndex(row => isNode(row) && row.name === name)
  return found >= 0 ? found : Math.max(0, rows.findIndex(isNode))
}

const drawRow = (row: Row, isSelected: boolean): StyledText =>
  isNode(row) ? drawNode(row, isSelected) : { text: ` ${row.title}  ${describeNodes(row.nodes)}`, tone: 'title' }

const KEYS = ' up down select  enter open  / filter  s sort  g group  r refresh  q quit'

function describeStatus(view: FleetView, shown: number): StyledText {
  const { problem, note, filter, isTyping, sort } = view
  if (isTyping) return { text: ` filter: ${filter}_`, tone: 'key' }
  if (problem !== undefined) return { text: ` ${problem}; what is shown is older`, tone: 'critical' }
  const filtered = filter === '' ? '' : `  filter ${filter}: ${formatPlural(shown, 'node')}`
  return {
    text: ` sorted by ${sort}${describeGrouping(view)}${filtered}${note === '' ? '' : `  ${note}`}`,
    tone: 'muted',
  }
}

const describeGrouping = ({ grouping, label = 'label' }: Pick<FleetView, 'grouping' | 'label'>): string =>
  grouping === 'none' ? '' : `, grouped by ${grouping === 'label' ? label : grouping}`

const toTone = (severity: string | undefined): Tone => {
  if (severity === 'critical') return 'critical'
  return severity === 'warning' ? 'warning' : 'normal'
}

const drawPattern = ({ text, severity }: Pattern): StyledText => ({ text: `  ${text}`, tone: toTone(severity) })

const HEADINGS = {
  name: 'NODE',
  left: 'LEFT',
  growth: 'SUNRECLAIM/h',
  kills: 'KILLS',
  available: 'AVAIL',
  rest: 'ALERTS',
}

const formatRow = ({ name, left, growth, kills, available, rest }: typeof HEADINGS): string =>
  `  ${fitText(name, COLUMNS.name)} ${fitText(left, COLUMNS.left, 'right')} ${fitText(growth, COLUMNS.growth, 'right')} ${fitText(kills, COLUMNS.kills, 'right')} ${fitText(available, COLUMNS.available, 'right')}  ${rest}`

function drawNode(node: FleetNode, isSelected: boolean): StyledText {
  const { name, timeLeft, growth, available, isReporting, alerts } = node
  const kills = countKills(node)
  const text = formatRow({
    name,
    left: timeLeft === undefined ? '' : formatShortDuration(timeLeft),
    growth: growth === undefined ? '' : `+${formatBytes(growth)}`,
    kills: kills === 0 ? '' : formatCount(kills),
    available: available === undefined ? '' : formatPercent(available),
    rest: [...(isReporting ? [] : ['no data']), ...alerts.map(({ detector }) => detector), describeKernel(node)].join(
      '  ',
    ),
  })
  const tone = isReporting || alerts.length > 0 ? toTone(alerts[0]?.severity) : 'warning'
  return { text: isSelected ? `>${text.slice(1)}` : text, tone }
}
