// The help page: keys by what they are for, the state of the recorder, and the sources.

import type { AppState } from '../app/state.ts'
import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { type CollectorId, collectors, sampledIds } from '../collectors/index.ts'
import { formatLine, type StyledText } from '../widgets/cells.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen, Tone } from '../widgets/pen.ts'
import { commands, getKeyLabel } from './commands.ts'
import { type CommandGroup, GROUPS, isLive } from './key-command.ts'
import { describeLink } from './link-text.ts'
import { drawPage } from './page.ts'

const MIN_COLUMN_WIDTH = 38 // cells of a key with its description

/** Draws the keys, and below them each source with state, cost and hint; failing sources come first. */
export function drawHelpPage(state: AppState, pen: Pen, size: Size): readonly string[] {
  const inner = size.width - 2
  const body = [
    ...drawInColumns(listHelpLines(state), pen, inner),
    ' '.repeat(inner),
    ...drawRecordingStatus(state, pen, inner),
    ...drawLink(state, pen, inner),
    ...drawSources(state, pen, inner),
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

function listHelpLines(state: AppState): readonly (readonly StyledText[])[] {
  const groups = Object.keys(GROUPS) as CommandGroup[]
  return groups.flatMap((group, i) => [
    ...(i === 0 ? [] : [[]]),
    [{ text: ` ${GROUPS[group]}`, tone: 'title' as const }],
    ...listGroupLines(group, isLive(state) ? 'live' : 'replay').map(({ keys, help }): readonly StyledText[] => [
      { text: ` ${keys.padEnd(9)} `, tone: 'key' },
      { text: help },
    ]),
  ])
}

// As many columns as fit, filled top to bottom.
function drawInColumns(cells: readonly (readonly StyledText[])[], pen: Pen, width: number): readonly string[] {
  const columns = Math.max(1, Math.floor(width / MIN_COLUMN_WIDTH))
  const each = Math.floor(width / columns)
  const height = Math.ceil(cells.length / columns)
  const getColumnWidth = (column: number): number => (column === columns - 1 ? width - column * each : each)
  const drawRow = (i: number): string =>
    Array.from({ length: columns }, (_, column) =>
      formatLine(pen, cells[i + column * height] ?? [], getColumnWidth(column)),
    ).join('')
  return Array.from({ length: height }, (_, i) => drawRow(i))
}

function drawSources(state: AppState, pen: Pen, width: number): readonly string[] {
  const head = formatLine(pen, [{ text: ' SOURCE       EVERY      COST  STATE', tone: 'muted' }], width)
  const rankFailing = (id: CollectorId): number => Number(state.history.sources[id]?.error === undefined)
  const ids = [...sampledIds].sort((a, b) => rankFailing(a) - rankFailing(b))
  const lines = ids.flatMap(id => {
    const source = state.history.sources[id]
    if (!source) return formatLine(pen, [{ text: ` ${id.padEnd(11)} not read`, tone: 'muted' }], width)
    const cost = source.cost === null ? '' : `${source.cost.toFixed(2)} ms`
    const help =
      source.error && source.hint
        ? [formatLine(pen, [{ text: `${' '.repeat(32)}→ ${source.hint}`, tone: 'muted' }], width)]
        : []
    const statusText = source.error ?? source.note ?? collectors[id].title
    const line = formatLine(
      pen,
      [
        { text: ` ${id.padEnd(11)} ${formatDuration(source.interval).padStart(6)} ${cost.padStart(10)}  ` },
        { text: statusText, tone: source.error || source.note ? 'warning' : 'muted' },
      ],
      width,
    )
    return [line, ...help]
  })
  const { read, lost } = state.history.kmsg
  return [
    head,
    ...lines,
    formatLine(
      pen,
      [
        {
          text: ` kernel log: ${formatCount(read)} records read, ${formatCount(lost)} lost (overwritten before they were read)`,
          tone: lost > 0 ? 'warning' : 'muted',
        },
      ],
      width,
    ),
  ]
}

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
