// Pages that replace the panels: the help, and the detail page of a row.

import type { AppState } from '../app/state.ts'
import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { type CollectorId, collectors, sampledIds } from '../collectors/index.ts'
import type { Detail } from '../panels/panel.ts'
import { getSparklineSpan } from '../panels/panel.ts'
import { type BorderOptions, drawBorder } from '../widgets/border.ts'
import { formatLine, measureWidth, type StyledText } from '../widgets/cells.ts'
import type { Pen, Tone } from '../widgets/pen.ts'
import { drawSeriesSparkline } from '../widgets/sparkline.ts'
import { commands } from './commands.ts'
import { getKeyLabel } from './footer.ts'

const MIN_COLUMN_WIDTH = 38 // cells of a key with its description

/** Draws the keys, and below them each source with state, cost and hint; failing sources come first. */
export function drawHelpPage(state: AppState, pen: Pen, width: number, height: number): readonly string[] {
  const inner = width - 2
  const keys = commands.flatMap(({ keys: names, label, help }): readonly (readonly StyledText[])[] =>
    help ? [[{ text: ` ${(label ?? names.map(getKeyLabel).join(' ')).padEnd(9)}`, tone: 'key' }, { text: help }]] : [],
  )
  const body = [
    ...drawInColumns(keys, pen, inner),
    ' '.repeat(inner),
    ...drawRecordingStatus(state, pen, inner),
    ...drawSources(state, pen, inner),
  ]
  const note = [{ text: state.identity, tone: 'muted' as const }]
  return drawPage(pen, { title: 'Help', note }, body, state, width, height)
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

/** Draws the page of a row: sentences, graphs, facts, remedies. */
export function drawDetailPage(
  detail: Detail,
  state: AppState,
  pen: Pen,
  width: number,
  height: number,
): readonly string[] {
  const inner = width - 2
  const span = detail.span ?? getSparklineSpan(state.history)
  const lead = detail.introduction
    .flatMap(text => wrapText(text, inner - 2))
    .map(text => formatLine(pen, [{ text: ` ${text}` }], inner))
  const graphs = detail.graphs.map(({ name, series, format }) => {
    const value = series.length > 0 ? format(series.values[series.length - 1]!) : '?'
    const room = Math.max(8, inner - 32)
    return formatLine(
      pen,
      [
        { text: ` ${name.padEnd(12)} `, tone: 'muted' },
        { text: `${value.padStart(10)}  ` },
        { text: drawSeriesSparkline(series, state.history.time, span, room, pen.glyphs), tone: 'accent' },
        { text: ` ${formatDuration(span)}`, tone: 'muted' },
      ],
      inner,
    )
  })
  const facts = detail.facts.flatMap(([name, value]) => drawFact(pen, name, value, inner))
  const remedies = detail.remedies.flatMap(({ text, command, risk }, i) =>
    drawFact(
      pen,
      i === 0 ? 'what to do' : '',
      `${i + 1}. ${text}${command ? `: $ ${command}` : ''}${risk === 'none' ? '' : ` (risk: ${risk})`}`,
      inner,
    ),
  )
  const blank = ' '.repeat(inner)
  const body = [lead, graphs, facts, remedies]
    .filter(part => part.length > 0)
    .flatMap((part, i) => (i === 0 ? part : [blank, ...part]))
  return drawPage(pen, { title: detail.title }, body, state, width, height)
}

// A page scrolls; its title shows how many lines are below.
function drawPage(
  pen: Pen,
  options: BorderOptions,
  body: readonly string[],
  { ui }: AppState,
  width: number,
  height: number,
): readonly string[] {
  const room = height - 2
  const from = Math.min(ui.scroll, Math.max(0, body.length - room))
  const linesBelow = body.length - from - room
  const note =
    linesBelow > 0 ? [{ text: `${linesBelow} more lines, PgDn`, tone: 'accent' as const }] : (options.note ?? [])
  return drawBorder(pen, { ...options, note, focused: true }, body.slice(from), width, height)
}

const NAME_WIDTH = 22

function drawFact(pen: Pen, name: string, value: string, width: number): readonly string[] {
  const lines = wrapText(value, Math.max(10, width - NAME_WIDTH - 3))
  return lines.map((text, i) =>
    formatLine(pen, [{ text: ` ${(i === 0 ? name : '').padEnd(NAME_WIDTH)} `, tone: 'muted' }, { text }], width),
  )
}

/** Wraps words to lines of at most `width` cells; a longer word is cut into pieces. */
function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.match(/\s*\S+/g) ?? ['']) {
    if (line !== '' && measureWidth(line + word) > width) {
      lines.push(line)
      line = word.trimStart()
    } else line += word
    for (; measureWidth(line) > width; line = line.slice(width)) lines.push(line.slice(0, width))
  }
  return [...lines, line]
}
