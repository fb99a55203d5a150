// The help page: keys by what they are for, the state of the recorder, and the sources.

import type { AppState } from '../../app/state.ts'
import { formatBytes, formatCount, formatDuration } from '../../base/format.ts'
import { type CollectorId, collectors, sampledIds } from '../../collectors/index.ts'
import { isFailing } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Size } from '../../widgets/chart/chart-options.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { wrapText } from '../../widgets/wrap.ts'
import { commands, getKeyLabel } from '../commands.ts'
import { type CommandGroup, GROUPS, isLive } from '../keys/key-command.ts'
import { describeLink } from './link-text.ts'
import { drawPage } from './page.ts'

const MIN_COLUMN_WIDTH = 38 // cells of a key with its description

/** Draws failing sources with what would help, then the keys, and below them each other source with its state and cost. */
export function drawHelpPage(state: AppState, pen: Pen, size: Size): readonly string[] {
  const inner = size.width - 2
  const failing = sampledIds.filter(id => isFailing(state.history.sources[id]))
  const others = sampledIds.filter(id => !failing.includes(id))
  const body = [
    ...(failing.length === 0 ? [] : [...drawSources(failing, state, pen, inner), ' '.repeat(inner)]),
    ...drawKeys(state, pen, inner),
    ' '.repeat(inner),
    ...drawRecordingStatus(state, pen, inner),
    ...drawLink(state, pen, inner),
    ...drawSources(others, state, pen, inner),
    drawLogCounts(state, pen, inner),
  ]
  const note = [{ text: state.identity, tone: 'muted' as const }]
  return drawPage(pen, { title: 'Help', note }, body, { state, ...size })
}

/** A key, and what it does. */
interface HelpLine {
  readonly keys: string
  readonly help: string
}

/** Lists the keys of a group that mean something in this kind of session. */
export function listGroupLines(group: CommandGroup, mode: 'live' | 'replay'): readonly HelpLine[] {
  return commands.flatMap(({ keys, label, help, group: own, only = mode }) =>
    help !== undefined && own === group && only === mode
      ? [{ keys: label ?? keys.map(getKeyLabel).join(' '), help }]
      : [],
  )
}

const KEY_WIDTH = 11

/** Lines that stay in one column: a key with all of its text, and before the first of a group its heading. */
type HelpBlock = readonly (readonly StyledText[])[]

function listHelpBlocks(state: AppState, width: number): readonly HelpBlock[] {
  const drawLine = ({ keys, help }: HelpLine): HelpBlock =>
    wrapText(help, width - KEY_WIDTH - 1).map((text, i) => [
      { text: ` ${(i === 0 ? keys : '').padEnd(KEY_WIDTH - 2)} `, tone: 'key' },
      { text },
    ])
  const groups = Object.keys(GROUPS) as CommandGroup[]
  return groups.flatMap(group => {
    const heading = [{ text: ` ${GROUPS[group]}`, tone: 'title' as const }]
    const lines = listGroupLines(group, isLive(state) ? 'live' : 'replay').map(drawLine)
    return lines.map((block, i) => (i === 0 ? [[], heading, ...block] : block))
  })
}

// As many columns as fit, filled top to bottom, as low as their blocks allow.
function drawKeys(state: AppState, pen: Pen, width: number): readonly string[] {
  const count = Math.max(1, Math.floor(width / MIN_COLUMN_WIDTH))
  const each = Math.floor(width / count)
  const blocks = listHelpBlocks(state, each)
  let height = Math.ceil(blocks.flat().length / count)
  while (fillColumns(blocks, height).length > count) height++
  const columns = fillColumns(blocks, height)
  const getColumnWidth = (column: number): number => (column === count - 1 ? width - column * each : each)
  const drawRow = (i: number): string =>
    Array.from({ length: count }, (_, column) =>
      formatLine(pen, columns[column]?.[i] ?? [], getColumnWidth(column)),
    ).join('')
  return Array.from({ length: Math.max(...columns.map(({ length }) => length)) }, (_, i) => drawRow(i))
}

// A column does not begin with a blank line.
function fillColumns(blocks: readonly HelpBlock[], height: number): readonly HelpBlock[] {
  const columns: HelpBlock[] = []
  for (const block of blocks) {
    const last = columns.at(-1)
    if (last && last.length + block.length <= height) columns[columns.length - 1] = [...last, ...block]
    else columns.push(block[0]?.length === 0 ? block.slice(1) : block)
  }
  return columns
}

function drawSources(ids: readonly CollectorId[], { history }: AppState, pen: Pen, width: number): readonly string[] {
  const head = formatLine(pen, [{ text: ' SOURCE       EVERY      COST  STATE', tone: 'muted' }], width)
  const lines = ids.flatMap(id => {
    const source = history.sources[id]
    if (!source) return formatLine(pen, [{ text: ` ${id.padEnd(11)} not read`, tone: 'muted' }], width)
    const cost = source.cost === null ? '' : `${source.cost.toFixed(2)} ms`
    const help = source.error && source.hint ? drawHint(source.hint, pen, width) : []
    const statusText = source.error ?? source.note ?? collectors[id].title
    const line = formatLine(
      pen,
      [
        { text: ` ${id.padEnd(11)} ${formatDuration(source.interval).padStart(6)} ${cost.padStart(10)}  ` },
        { text: statusText, tone: isFailing(source) || source.note ? 'warning' : 'muted' },
      ],
      width,
    )
    return [line, ...help]
  })
  return [head, ...lines]
}

function drawLogCounts({ history }: AppState, pen: Pen, width: number): string {
  const { read, lost } = history.kmsg
  const text = ` kernel log: ${formatCount(read)} records read, ${formatCount(lost)} lost (overwritten before they were read)`
  return formatLine(pen, [{ text, tone: lost > 0 ? 'warning' : 'muted' }], width)
}

const HINT_INDENT = 32

const drawHint = (hint: string, pen: Pen, width: number): readonly string[] =>
  wrapText(hint, Math.max(20, width - HINT_INDENT - 3)).map((text, i) =>
    formatLine(pen, [{ text: `${' '.repeat(HINT_INDENT)}${i === 0 ? '→' : ' '} ${text}`, tone: 'muted' }], width),
  )

// Of another node: how it is reached, and what it lacks.
function drawLink({ link }: AppState, pen: Pen, width: number): readonly string[] {
  return describeLink(link).map((text, i) =>
    formatLine(pen, [{ text: ` ${text}`, tone: i === 0 ? 'muted' : 'warning' }], width),
  )
}

// The state of the recorder, and problems of a recording.
function drawRecordingStatus({ recorder, player, history }: AppState, pen: Pen, width: number): readonly string[] {
  const { file, flight, problem, finished } = recorder
  const messages: readonly (readonly [text: string, tone: Tone])[] = [
    ...(file ? [[`recording to ${file.path}, ${formatBytes(file.bytes)}; w stops it`, 'critical'] as const] : []),
    ...(problem === undefined ? [] : [[problem, 'warning'] as const]),
    ...(finished === undefined || file ? [] : [[`last recording: ${finished}`, 'muted'] as const]),
    ...(flight
      ? [
          [
            `the last ${formatDuration(history.time - flight.begin)} are kept in memory, ${formatBytes(flight.bytes)}; w saves them`,
            'muted',
          ] as const,
        ]
      : []),
    ...(player?.problems ?? []).map(text => [`recording: ${text}`, 'warning'] as const),
  ]
  return messages.map(([text, tone]) => formatLine(pen, [{ text: ` ${text}`, tone }], width))
}
