// The page of a row: what it is in a sentence, links, the charts that prove it, facts, and what to do.
import type { AppState } from '../../app/state.ts'
import type { PageLocation } from '../../app/ui-state.ts'
import { formatRemedy } from '../../detectors/remedies/format-remedy.ts'
import { getPanel } from '../../panels/index.ts'
import type { PageLink } from '../../panels/links.ts'
import type { Detail, Fact } from '../../panels/panel.ts'
import { fitText, formatLine, measureWidth, type StyledText } from '../../widgets/cells.ts'
import type { Size } from '../../widgets/chart/chart-options.ts'
import type { Pen } from '../../widgets/pen.ts'
import { wrapText } from '../../widgets/wrap.ts'
import { drawDetailCharts } from './detail-charts.ts'
import { drawPage, findFirstLine } from './page.ts'
import { drawLinks, findLinkAt } from './page-links.ts'

const WIDE = 110 // cells from which facts and remedies are side by side

/** Draws the page of a row in `size` cells. */
export function drawDetailPage(detail: Detail, state: AppState, pen: Pen, size: Size): readonly string[] {
  const width = size.width - 2
  const body = drawDetailBody(detail, state, pen, { width, height: size.height - 2 })
  const options = { title: buildTitle(detail, state, width), note: buildNote(state) }
  return drawPage(pen, options, body, { state, ...size })
}

/** Draws what is on the page of a row; the charts get what the other parts leave of the height. */
export function drawDetailBody(detail: Detail, state: AppState, pen: Pen, size: Size): readonly string[] {
  const { width, height } = size
  const head = [...drawIntroduction(detail, pen, width), ...drawLinks(detail.links ?? [], state, pen, width)]
  const foot = width >= WIDE ? drawSideBySide(detail, pen, width) : drawStacked(detail, pen, width)
  const blanks = [head, foot].filter(part => part.length > 0).length
  const charts = drawDetailCharts(detail, state, pen, { width, height: height - head.length - foot.length - blanks })
  const blank = ' '.repeat(width)
  return [head, charts, foot].filter(part => part.length > 0).flatMap((part, i) => (i === 0 ? part : [blank, ...part]))
}

/** Returns the link at a cell of the page, counted from the corner of its border; undefined where there is none. */
export function findPageLink(
  detail: Detail,
  state: AppState,
  pen: Pen,
  { column, line, ...size }: Size & { readonly column: number; readonly line: number },
): PageLink | undefined {
  const inner = { width: size.width - 2, height: size.height - 2 }
  const body = drawDetailBody(detail, state, pen, inner)
  const above = drawIntroduction(detail, pen, inner.width).length
  const at = line - 1 + findFirstLine(state, body.length, size.height) - above
  return findLinkAt(detail.links ?? [], inner.width, { column: column - 1, line: at })
}

// The pages that led here, then the title. A narrow title leaves out the pages.
function buildTitle({ title }: Detail, { ui }: AppState, width: number): string {
  const isFromOverview = (location: PageLocation): boolean => location.detail === undefined && !ui.zoomed
  const before = ui.trail.map(place => (isFromOverview(place) ? 'Overview' : getPanel(place.focus).name))
  const names = [...before, getPanel(ui.focus).name]
  const way = names.filter((name, i) => name !== names[i - 1]).join(' › ')
  const full = `${way} › ${title}`
  return measureWidth(full) < width - 30 ? full : title
}

function buildNote(state: AppState): readonly StyledText[] {
  const keys = getPanel(state.ui.focus).listKeys?.(state) ?? []
  const index = keys.indexOf(state.ui.detail ?? '')
  return index < 0 || keys.length < 2 ? [] : [{ text: `${index + 1} of ${keys.length}`, tone: 'muted' }]
}

const drawIntroduction = ({ introduction }: Detail, pen: Pen, width: number): readonly string[] =>
  introduction.flatMap(text => wrapText(text, width - 2)).map(text => formatLine(pen, [{ text: ` ${text}` }], width))

function drawSideBySide(detail: Detail, pen: Pen, width: number): readonly string[] {
  const leftWidth = Math.floor(width / 2)
  const rightWidth = width - leftWidth
  const nameWidth = measureNames(detail)
  const drawFacts = (facts: readonly Fact[], of: number): readonly string[] =>
    facts.flatMap(fact => drawFact(pen, fact, of, nameWidth))
  const fixed = [...drawRemedies(detail, pen, rightWidth), ...drawListing(detail, pen, rightWidth)]
  const [first, second] = splitEvenly(
    detail.facts,
    fixed.length,
    fact => drawFact(pen, fact, leftWidth, nameWidth).length,
  )
  const heads = fixed.length > 0 ? [drawHeading('Evidence', pen, leftWidth)] : []
  const left = [...heads, ...drawFacts(first, leftWidth)]
  const more = drawFacts(second, rightWidth)
  const gap = fixed.length > 0 && more.length > 0 ? [' '.repeat(rightWidth)] : []
  const right = [...fixed, ...gap, ...more]
  return Array.from(
    { length: Math.max(left.length, right.length) },
    (_, i) => (left[i] ?? ' '.repeat(leftWidth)) + (right[i] ?? ' '.repeat(rightWidth)),
  )
}

// Facts in two columns of about equal height, in their order; the second has `taken` lines already.
function splitEvenly(
  facts: readonly Fact[],
  taken: number,
  countLines: (fact: Fact) => number,
): readonly [readonly Fact[], readonly Fact[]] {
  const half = (facts.reduce((sum, fact) => sum + countLines(fact), 0) + taken) / 2
  let lines = 0
  const at = facts.findIndex(fact => {
    lines += countLines(fact)
    return lines >= half
  })
  return at < 0 ? [facts, []] : [facts.slice(0, at + 1), facts.slice(at + 1)]
}

// What to do comes first: on a small screen the evidence may be a page further down.
function drawStacked(detail: Detail, pen: Pen, width: number): readonly string[] {
  const nameWidth = measureNames(detail)
  const facts = detail.facts.flatMap(fact => drawFact(pen, fact, width, nameWidth))
  const remedies = drawRemedies(detail, pen, width)
  const heads = remedies.length > 0 && facts.length > 0 ? [drawHeading('Evidence', pen, width)] : []
  return [...remedies, ...heads, ...facts, ...drawListing(detail, pen, width)]
}

const drawRemedies = (detail: Detail, pen: Pen, width: number): readonly string[] =>
  detail.remedies.length === 0
    ? []
    : [drawHeading('What to do', pen, width), ...listRemedyFacts(detail).flatMap(fact => drawFact(pen, fact, width, 3))]

const drawListing = ({ listing }: Detail, pen: Pen, width: number): readonly string[] =>
  listing ? [drawHeading(listing.title, pen, width), ...listing.lines.map(parts => formatLine(pen, parts, width))] : []

const drawHeading = (text: string, pen: Pen, width: number): string =>
  formatLine(pen, [{ text: ` ${text}`, tone: 'title' }], width)

const listRemedyFacts = ({ remedies }: Detail): readonly Fact[] =>
  remedies.map((remedy, i) => [`${i + 1}.`, formatRemedy(remedy)])

const MAX_NAME_WIDTH = 22

const measureNames = ({ facts }: Detail): number =>
  Math.min(MAX_NAME_WIDTH, Math.max(10, ...facts.map(([name]) => measureWidth(name))) + 1)

function drawFact(pen: Pen, [name, value]: Fact, width: number, nameWidth: number): readonly string[] {
  const names = wrapText(name, nameWidth)
  const lines = wrapText(value, Math.max(10, width - nameWidth - 3))
  return Array.from({ length: Math.max(names.length, lines.length) }, (_, i) =>
    formatLine(
      pen,
      [{ text: ` ${fitText(names[i] ?? '', nameWidth)} `, tone: 'muted' }, { text: lines[i] ?? '' }],
      width,
    ),
  )
}
