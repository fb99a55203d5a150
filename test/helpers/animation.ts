// An animated picture of screens: one SVG whose lines appear and vanish by CSS. Lines that several frames share are drawn once.
import type { Cell } from './emulator.ts'
import { drawGlyph } from './glyphs.ts'
import { BACKGROUND, FOREGROUND, resolveColours } from './palette.ts'

/** The cells of a screen, row by row. */
export type ScreenCells = readonly (readonly Cell[])[]

const WIDTH = 8
const HEIGHT = 16
const BASELINE = 12
const FONT_SIZE = 13.3

/** Returns the SVG of screens that follow each other within `seconds`, for ever; without motion it is the last one. */
export function drawAnimation(frames: readonly ScreenCells[], seconds: number, title: string): string {
  const [rows, columns] = [frames[0]!.length, frames[0]![0]!.length]
  const byFrames = new Map<string, string[]>()
  for (const [row] of frames[0]!.entries()) {
    const drawn = Map.groupBy(frames.keys(), frame => drawRow(frames[frame]![row]!, row))
    for (const [svg, shown] of drawn) byFrames.set(shown.join(), [...(byFrames.get(shown.join()) ?? []), svg])
  }
  const groups = [...byFrames].filter(([, lines]) => lines.join('') !== '')
  const rules = groups.map(([shown], i) => describeVisibility(shown.split(',').map(Number), i, frames.length, seconds))
  const body = groups.map(([, lines], i) => `<g id="g${i}">${lines.join('')}</g>`)
  const [width, height] = [columns * WIDTH, rows * HEIGHT]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="${FONT_SIZE}" xml:space="preserve" shape-rendering="crispEdges" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>text{fill:${FOREGROUND};white-space:pre}${rules.join('')}</style>`,
    `<rect width="${width}" height="${height}" fill="${BACKGROUND}"/>`,
    ...body,
    '</svg>\n',
  ].join('\n')
}

// Hidden or visible from frame to frame; without animation only the last frame is visible.
function describeVisibility(shown: readonly number[], index: number, count: number, seconds: number): string {
  if (shown.length === count) return ''
  const states = Array.from({ length: count }, (_, frame) => shown.includes(frame))
  const steps = states.flatMap((isShown, frame) =>
    frame > 0 && states[frame - 1] === isShown
      ? []
      : [`${Number(((frame / count) * 100).toFixed(2))}%{visibility:${isShown ? 'visible' : 'hidden'}}`],
  )
  const still = states.at(-1) ? 'visible' : 'hidden'
  const animation = `#g${index}{animation:k${index} ${seconds}s step-end infinite}`
  return `#g${index}{visibility:${still}}@media(prefers-reduced-motion:no-preference){${animation}}@keyframes k${index}{${steps.join('')}}`
}

interface Run {
  readonly from: number
  readonly cells: Cell[]
  readonly ink: string
  readonly paper: string
}

function drawRow(cells: readonly Cell[], row: number): string {
  const runs = splitRuns(cells)
  return [...runs.map(run => drawPaper(run, row)), ...runs.map(run => drawRun(run, row))].join('')
}

// Cells of one look beside each other; a shape is a run of its own kind, so that a bar of blocks is one rectangle.
function splitRuns(cells: readonly Cell[]): readonly Run[] {
  const runs: Run[] = []
  for (const [column, cell] of cells.entries()) {
    if (cell.width === 0) continue
    const { ink, paper } = resolveColours(cell)
    const last = runs.at(-1)
    const before = last?.cells.at(-1)
    const isSameKind = isShape(cell) || (before && isShape(before)) ? before?.chars === cell.chars : true
    if (last && isSameKind && last.ink === ink && last.paper === paper && before?.bold === cell.bold)
      last.cells.push(cell)
    else runs.push({ from: column, cells: [cell], ink, paper })
  }
  return runs
}

const isShape = ({ chars }: Cell): boolean => /^[\u2580-\u259f\u2800-\u28ff─│]/.test(chars)

function drawPaper({ from, cells, paper }: Run, row: number): string {
  if (paper === BACKGROUND) return ''
  return `<rect x="${from * WIDTH}" y="${row * HEIGHT}" width="${cells.length * WIDTH}" height="${HEIGHT}" fill="${paper}"/>`
}

function drawRun({ from, cells, ink }: Run, row: number): string {
  const [first] = cells as [Cell, ...Cell[]]
  const [x, y] = [from * WIDTH, row * HEIGHT]
  const width = cells.length * WIDTH
  if (first.chars === '─') return `<path d="M${x} ${y + HEIGHT / 2}.5h${width}" stroke="${ink}"/>`
  if (first.chars === '│') return `<path d="M${x + WIDTH / 2}.5 ${y}v${HEIGHT}" stroke="${ink}"/>`
  if (isShape(first)) return drawGlyph(first.chars, { x, y, width, height: HEIGHT }, ink) ?? ''
  const text = cells.map(({ chars }) => (chars === '' ? ' ' : chars)).join('')
  const begin = text.length - text.trimStart().length
  const shown = text.trim()
  if (shown === '') return ''
  const weight = first.bold ? ' font-weight="bold"' : ''
  const style = ink === FOREGROUND ? '' : ` style="fill:${ink}"`
  return `<text x="${x + begin * WIDTH}" y="${y + BASELINE}" textLength="${[...shown].length * WIDTH}"${style}${weight}>${escapeXml(shown)}</text>`
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
