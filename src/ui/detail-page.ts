// The page of a row: what it is in a sentence, links, the charts that prove it, facts, and what to do.
import type { AppState } from '../app/state.ts'
import { getPanel } from '../panels/index.ts'
import type { PageLink } from '../panels/links.ts'
import type { Detail, Fact } from '../panels/panel.ts'
import { formatLine, measureWidth, type StyledText } from '../widgets/cells.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'
import { wrapText } from '../widgets/wrap.ts'
import { drawDetailCharts } from './detail-charts.ts'
import { drawPage } from './page.ts'

const WIDE = 110 // cells from which facts and remedies are side by side

/** Draws the page of a row in `size` cells; the charts get what the other parts leave. */
export function drawDetailPage(detail: Detail, state: AppState, pen: Pen, size: Size): readonly string[] {
  const width = size.width - 2
  const room = size.height - 2
  const head = [...drawIntroduction(detail, pen, width), ...drawLinks(detail.links ?? [], state, pen, width)]
  const foot = width >= WIDE ? drawSideBySide(detail, pen, width) : drawStacked(detail, pen, width)
  const charts = drawDetailCharts(detail, state, pen, { width, height: room - head.length - foot.length - 1 })
  const blank = ' '.repeat(width)
  const body = [head, charts, foot]
    .filter(part => part.length > 0)
    .flatMap((part, i) => (i === 0 ? part : [blank, ...part]))
  const options = { title: buildTitle(detail, state, width), note: buildNote(state) }
  return drawPage(pen, options, body, { state, ...size })
}

// Where one came from, then the title. What is left out of a narrow title is the way.
function buildTitle({ title }: Detail, { ui }: AppState, width: number): string {
  const names = [...ui.trail.map(({ focus }) => focus), ui.focus].map(id => getPanel(id).name)
  const way = names.filter((name, i) => name !== names[i - 1]).join(' › ')
  const full = `${way} › ${title}`
  return measureWidth(full) < width - 20 ? full : title
}

function buildNote(state: AppState): readonly StyledText[] {
  const keys = getPanel(state.ui.focus).listKeys?.(state) ?? []
  const index = keys.indexOf(state.ui.detail ?? '')
  return index < 0 || keys.length < 2 ? [] : [{ text: `${index + 1} of ${keys.length}`, tone: 'muted' }]
}

const drawIntroduction = ({ introduction }: Detail, pen: Pen, width: number): readonly string[] =>
  introduction.flatMap(text => wrapText(text, width - 2)).map(text => formatLine(pen, [{ text: ` ${text}` }], width))

// ⏎ and the selected link, then the others: Tab selects, Enter goes there.
function drawLinks(links: readonly PageLink[], { ui }: AppState, pen: Pen, width: number): readonly string[] {
  if (links.length === 0) return []
  const selected = ui.link % links.length
  const parts = links.flatMap(({ label }, i): readonly StyledText[] =>
    i === selected
      ? [{ text: `${pen.glyphs.cursor}${label} `, tone: 'selected' }, { text: ' ' }]
      : [{ text: ` ${label}  `, tone: 'accent' }],
  )
  const hint = links.length > 1 ? 'Enter opens, Tab selects' : 'Enter opens'
  const right: readonly StyledText[] = width >= 100 ? [{ text: `${hint} `, tone: 'muted' }] : []
  return [formatLine(pen, [{ text: ' ' }, ...parts], width, right)]
}

function drawSideBySide(detail: Detail, pen: Pen, width: number): readonly string[] {
  const remedies = listRemedyFacts(detail)
  const leftWidth = Math.floor(width * (remedies.length > 0 ? 0.55 : 0.5))
  const rightWidth = width - leftWidth
  const all = detail.facts.map(fact =>
    drawFact(pen, fact, remedies.length > 0 ? leftWidth : Math.min(leftWidth, rightWidth)),
  )
  const [left, right] =
    remedies.length > 0 ? [all.flat(), remedies.flatMap(fact => drawFact(pen, fact, rightWidth, 3))] : splitEvenly(all)
  const heads = remedies.length > 0 ? [drawHeading('What to do', pen, rightWidth)] : []
  const rightLines = [...heads, ...right]
  const leftLines = heads.length > 0 ? [drawHeading('Evidence', pen, leftWidth), ...left] : left
  return Array.from(
    { length: Math.max(leftLines.length, rightLines.length) },
    (_, i) => (leftLines[i] ?? ' '.repeat(leftWidth)) + fitRight(rightLines[i], rightWidth, leftWidth, width),
  )
}

const fitRight = (line: string | undefined, rightWidth: number, leftWidth: number, width: number): string =>
  line === undefined ? ' '.repeat(width - leftWidth) : line + ' '.repeat(width - leftWidth - rightWidth)

// Facts in two columns of about equal height, in their order.
function splitEvenly(blocks: readonly (readonly string[])[]): readonly [readonly string[], readonly string[]] {
  const half = Math.ceil(blocks.flat().length / 2)
  const left: string[] = []
  let count = 0
  for (; count < blocks.length && left.length < half; count++) left.push(...blocks[count]!)
  return [left, blocks.slice(count).flat()]
}

function drawStacked(detail: Detail, pen: Pen, width: number): readonly string[] {
  const facts = detail.facts.flatMap(fact => drawFact(pen, fact, width))
  const remedies = listRemedyFacts(detail).flatMap(fact => drawFact(pen, fact, width, 3))
  return remedies.length > 0 ? [...facts, drawHeading('What to do', pen, width), ...remedies] : facts
}

const drawHeading = (text: string, pen: Pen, width: number): string =>
  formatLine(pen, [{ text: ` ${text}`, tone: 'title' }], width)

const listRemedyFacts = ({ remedies }: Detail): readonly Fact[] =>
  remedies.map(({ text, command, risk }, i) => [
    `${i + 1}.`,
    `${text}${command ? `: $ ${command}` : ''}${risk === 'none' ? '' : ` (risk: ${risk})`}`,
  ])

const NAME_WIDTH = 22

function drawFact(pen: Pen, [name, value]: Fact, width: number, nameWidth = NAME_WIDTH): readonly string[] {
  const lines = wrapText(value, Math.max(10, width - nameWidth - 3))
  return lines.map((text, i) =>
    formatLine(pen, [{ text: ` ${(i === 0 ? name : '').padEnd(nameWidth)} `, tone: 'muted' }, { text }], width),
  )
}

/** Returns the link that Enter opens; undefined where the page has none. */
export const getSelectedLink = ({ links = [] }: Detail, { ui }: AppState): PageLink | undefined =>
  links.length > 0 ? links[ui.link % links.length] : undefined
