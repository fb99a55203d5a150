// The list of nodes that are watched together: worst first, one line per node.
import type { AppState } from '../../app/state.ts'
import { formatBytes, formatDuration, formatPlural } from '../../base/format.ts'
import { type Alert, listActiveBySeverity } from '../../detectors/alerts.ts'
import { fitText, formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { formatLinkProblem } from '../pages/link-text.ts'

/** A node of the list. `state` is absent until it is reached; `problem` says why it is not. */
export interface ListedNode {
  readonly command: string
  readonly state?: AppState | undefined
  readonly problem?: string | undefined
  /** milliseconds until it is tried again */
  readonly retryIn?: number | undefined
}

const COLUMNS = { name: 24, available: 10, slab: 12 }

const getProblem = ({ state, problem }: ListedNode): string | undefined => problem ?? formatLinkProblem(state?.link)

const formatRetry = ({ retryIn = 0 }: ListedNode): string =>
  retryIn < 1000 ? 'connecting again' : `next attempt in ${formatDuration(retryIn)}`

/** Says why a node cannot be opened yet, and when it is tried again. */
export function describeUnreached(node: ListedNode): string {
  const { command, problem } = node
  return problem === undefined
    ? `${command} has not answered yet: connecting`
    : `${command} cannot be opened: ${problem}; ${formatRetry(node)}`
}

const getWorst = ({ state }: ListedNode): Alert | undefined => listActiveBySeverity(state?.alerts ?? [])[0]

// Critical alerts, then nodes of which nothing is known, then warnings.
function computeRank(node: ListedNode): number {
  const severity = getWorst(node)?.severity
  if (severity === 'critical') return 0
  if (getProblem(node) !== undefined) return 1
  return severity === undefined ? 3 : 2
}

function computeAvailableShare({ state }: ListedNode): number {
  const values = state?.history.meminfo.values
  return (values?.get('MemAvailable') ?? 0) / (values?.get('MemTotal') ?? 1)
}

/** Orders nodes: the worst first, among equals the one with the smallest share of available memory. */
export const rankNodes = <Node extends ListedNode>(nodes: readonly Node[]): readonly Node[] =>
  nodes.toSorted((a, b) => computeRank(a) - computeRank(b) || computeAvailableShare(a) - computeAvailableShare(b))

/** Where the list is drawn, and what its last line says in place of the keys. */
interface ListArea {
  readonly width: number
  readonly height: number
  readonly notice?: string | undefined
}

/** Draws the header, the ranked nodes around the selected one, and the keys or a notice; `height` lines of `width` cells. */
export function drawNodeList(
  nodes: readonly ListedNode[],
  selected: number,
  pen: Pen,
  { width, height, notice }: ListArea,
): readonly string[] {
  const critical = nodes.filter(node => computeRank(node) === 0).length
  const unknown = nodes.filter(node => !node.state || getProblem(node) !== undefined).length
  const counts = `${formatPlural(nodes.length, 'node')}, ${critical} critical, ${unknown} without data`
  const rows = Math.max(1, height - 3)
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), nodes.length - rows))
  const lines = [
    formatLine(pen, [{ text: ` kmemtop  ${counts}`, tone: 'title' }], width),
    formatLine(pen, [{ text: formatColumns('NODE', 'AVAILABLE', 'SUNRECLAIM', 'WORST'), tone: 'muted' }], width),
    ...nodes
      .slice(first, first + rows)
      .map((node, i) => formatLine(pen, buildRow(node, formatName(node, nodes), first + i === selected), width)),
  ]
  const padding = Array.from({ length: Math.max(0, height - 1 - lines.length) }, () => ' '.repeat(width))
  const last: StyledText =
    notice === undefined
      ? { text: ' up down select  enter open  q quit; in a node q comes back here', tone: 'muted' }
      : { text: ` ${notice}`, tone: 'warning' }
  return [...lines, ...padding, formatLine(pen, [last], width)]
}

const formatColumns = (name: string, available: string, slab: string, worst: string): string =>
  `  ${fitText(name, COLUMNS.name)} ${fitText(available, COLUMNS.available, 'right')} ${fitText(slab, COLUMNS.slab, 'right')}  ${worst}`

const getHost = ({ state }: ListedNode): string | undefined => state?.history.session.host

function countShared(a: string, b: string): number {
  let count = 0
  while (count < a.length && a[count] === b[count]) count++
  return count
}

// Nodes of one name, as cloned machines have it, are distinguished by their commands, from the first word that differs.
function formatName(node: ListedNode, nodes: readonly ListedNode[]): string {
  const { command } = node
  const host = getHost(node)
  const others = nodes.filter(other => other !== node && getHost(other) === host)
  if (host === undefined || others.length === 0) return host ?? command
  const shared = Math.min(...others.map(other => countShared(other.command, command)))
  return `${command.slice(command.lastIndexOf(' ', shared) + 1)} (${host})`
}

function buildRow(node: ListedNode, name: string, isSelected: boolean): readonly StyledText[] {
  const { history } = node.state ?? {}
  const get = (key: string): string => {
    const bytes = history?.meminfo.values.get(key)
    return bytes === undefined ? '' : formatBytes(bytes)
  }
  const worst = getWorst(node)
  const problem = getProblem(node)
  const quietText = node.state ? 'no alerts' : 'connecting'
  const alertText = worst ? `${worst.title}  ${worst.summary}` : quietText
  const retry = node.problem === undefined ? '' : `; ${formatRetry(node)}`
  const text = formatColumns(
    name,
    get('MemAvailable'),
    get('SUnreclaim'),
    problem === undefined ? alertText : `${problem}${retry}${worst ? `; ${alertText}` : ''}`,
  )
  return [{ text: isSelected ? `>${text.slice(1)}` : text, tone: pickTone(worst, problem) }]
}

function pickTone(worst: Alert | undefined, problem: string | undefined): Tone {
  if (worst?.severity === 'critical') return 'critical'
  return problem !== undefined || worst?.severity === 'warning' ? 'warning' : 'good'
}
