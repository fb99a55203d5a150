// Pages that take the place of the panels: the help, and the detail behind a row.
import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { type CollectorId, collectors, sampledIds } from '../collectors/index.ts'
import type { Detail } from '../panels/panel.ts'
import { spanOf } from '../panels/panel.ts'
import { commands } from '../session/commands.ts'
import type { AppState } from '../session/state.ts'
import { lineOf, type Part, widthOf } from '../widgets/cells.ts'
import { type FrameOptions, frame } from '../widgets/frame.ts'
import type { Pen, Tone } from '../widgets/pen.ts'
import { sparkOf } from '../widgets/sparkline.ts'
import { keyLabel } from './footer.ts'

const LEAST_COLUMN = 38 // cells of a key with its words

/** Keys, and below them each source with its state, its cost and what would help; what fails comes first. */
export function helpPage(state: AppState, pen: Pen, width: number, height: number): readonly string[] {
  const inner = width - 2
  const keys = commands.flatMap(({ keys: names, label, help }): readonly (readonly Part[])[] =>
    help ? [[{ text: ` ${(label ?? names.map(keyLabel).join(' ')).padEnd(9)}`, tone: 'key' }, { text: help }]] : [],
  )
  const body = [
    ...inColumns(keys, pen, inner),
    ' '.repeat(inner),
    ...recordingLines(state, pen, inner),
    ...sourceLines(state, pen, inner),
  ]
  const note = [{ text: state.identity, tone: 'muted' as const }]
  return page(pen, { title: 'Help', note }, body, state, width, height)
}

// As many columns as fit, read downwards.
function inColumns(cells: readonly (readonly Part[])[], pen: Pen, width: number): readonly string[] {
  const columns = Math.max(1, Math.floor(width / LEAST_COLUMN))
  const each = Math.floor(width / columns)
  const height = Math.ceil(cells.length / columns)
  const widthOfColumn = (column: number): number => (column === columns - 1 ? width - column * each : each)
  const row = (i: number): string =>
    Array.from({ length: columns }, (_, column) =>
      lineOf(pen, cells[i + column * height] ?? [], widthOfColumn(column)),
    ).join('')
  return Array.from({ length: height }, (_, i) => row(i))
}

function sourceLines(state: AppState, pen: Pen, width: number): readonly string[] {
  const head = lineOf(pen, [{ text: ' SOURCE       EVERY      COST  STATE', tone: 'muted' }], width)
  const failing = (id: CollectorId): number => Number(state.history.sources[id]?.error === undefined)
  const ids = [...sampledIds].sort((a, b) => failing(a) - failing(b))
  const lines = ids.flatMap(id => {
    const source = state.history.sources[id]
    if (!source) return lineOf(pen, [{ text: ` ${id.padEnd(11)} not read`, tone: 'muted' }], width)
    const cost = source.cost === null ? '' : `${source.cost.toFixed(2)} ms`
    const help =
      source.error && source.hint
        ? [lineOf(pen, [{ text: `${' '.repeat(32)}→ ${source.hint}`, tone: 'muted' }], width)]
        : []
    const said = source.error ?? collectors[id].title
    const line = lineOf(
      pen,
      [
        { text: ` ${id.padEnd(11)} ${formatDuration(source.interval).padStart(6)} ${cost.padStart(10)}  ` },
        { text: said, tone: source.error ? 'warning' : 'muted' },
      ],
      width,
    )
    return [line, ...help]
  })
  const { read, lost } = state.history.kmsg
  return [
    head,
    ...lines,
    lineOf(
      pen,
      [
        {
          text: ` kernel log: ${formatCount(read)} records read, ${formatCount(lost)} lost before they could be read`,
          tone: lost > 0 ? 'warning' : 'muted',
        },
      ],
      width,
    ),
  ]
}

// What is recorded, and what is wrong with a recording.
function recordingLines({ recorder, player, history }: AppState, pen: Pen, width: number): readonly string[] {
  const { file, flight, problem, finished } = recorder
  const said: readonly (readonly [text: string, tone: Tone])[] = [
    ...(file ? [[`recording into ${file.path}, ${formatBytes(file.bytes)}; w ends it`, 'critical'] as const] : []),
    ...(problem === undefined ? [] : [[problem, 'warning'] as const]),
    ...(finished === undefined || file ? [] : [[`last recording: ${finished}`, 'muted'] as const]),
    ...(flight
      ? [
          [
            `memory holds the last ${formatDuration(history.time - flight.begin)}, ${formatBytes(flight.bytes)}; w saves it`,
            'muted',
          ] as const,
        ]
      : []),
    ...(player?.problems ?? []).map(text => [`recording: ${text}`, 'warning'] as const),
  ]
  return said.map(([text, tone]) => lineOf(pen, [{ text: ` ${text}`, tone }], width))
}

/** What stands behind a row: sentences, graphs, facts, what to do. */
export function detailPage(detail: Detail, state: AppState, pen: Pen, width: number, height: number): readonly string[] {
  const inner = width - 2
  const span = detail.span ?? spanOf(state.history)
  const lead = detail.lead
    .flatMap(text => wrapped(text, inner - 2))
    .map(text => lineOf(pen, [{ text: ` ${text}` }], inner))
  const graphs = detail.graphs.map(({ name, series, format }) => {
    const value = series.length > 0 ? format(series.values[series.length - 1]!) : '?'
    const room = Math.max(8, inner - 32)
    return lineOf(
      pen,
      [
        { text: ` ${name.padEnd(12)} `, tone: 'muted' },
        { text: `${value.padStart(10)}  ` },
        { text: sparkOf(series, state.history.time, span, room, pen.glyphs), tone: 'accent' },
        { text: ` ${formatDuration(span)}`, tone: 'muted' },
      ],
      inner,
    )
  })
  const facts = detail.facts.flatMap(([name, value]) => factLines(pen, name, value, inner))
  const remedies = detail.remedy.flatMap(({ text, command, risk }, i) =>
    factLines(
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
  return page(pen, { title: detail.title }, body, state, width, height)
}

// A page scrolls; the title says how much there is below.
function page(
  pen: Pen,
  options: FrameOptions,
  body: readonly string[],
  { ui }: AppState,
  width: number,
  height: number,
): readonly string[] {
  const room = height - 2
  const from = Math.min(ui.scroll, Math.max(0, body.length - room))
  const below = body.length - from - room
  const note = below > 0 ? [{ text: `${below} more lines, PgDn`, tone: 'accent' as const }] : (options.note ?? [])
  return frame(pen, { ...options, note, focused: true }, body.slice(from), width, height)
}

const NAME = 22

function factLines(pen: Pen, name: string, value: string, width: number): readonly string[] {
  const lines = wrapped(value, Math.max(10, width - NAME - 3))
  return lines.map((text, i) =>
    lineOf(pen, [{ text: ` ${(i === 0 ? name : '').padEnd(NAME)} `, tone: 'muted' }, { text }], width),
  )
}

/** Words to lines of at most `width` cells; a word that is longer is cut into pieces. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.match(/\s*\S+/g) ?? ['']) {
    if (line !== '' && widthOf(line + word) > width) {
      lines.push(line)
      line = word.trimStart()
    } else line += word
    for (; widthOf(line) > width; line = line.slice(width)) lines.push(line.slice(0, width))
  }
  return [...lines, line]
}
