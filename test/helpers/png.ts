// A picture of a terminal's screen: cells to SVG, SVG to PNG.
import { existsSync } from 'node:fs'
import { type Box, drawGlyph } from './glyphs.ts'
import { BACKGROUND, resolveColours } from './palette.ts'
import type { Cell, Terminal } from './terminal.ts'

const FOLDER = '/usr/share/fonts/truetype/dejavu'
const FONTS = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf', 'DejaVuSansMono-Oblique.ttf', 'DejaVuSans.ttf']
// DejaVu Sans Mono advances by 0.602 em; at this size a cell is a whole number of pixels wide.
const SIZE = 14.949
const WIDTH = 9
const HEIGHT = 18
const BASELINE = 14

/** Why no picture can be drawn on this machine; undefined when it can. */
export function canDraw(): string | undefined {
  if (FONTS.every(font => existsSync(`${FOLDER}/${font}`))) return undefined
  return 'the DejaVu fonts are missing: apt-get install fonts-dejavu-core'
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function drawLetter(cell: Cell, { x, y }: Box, ink: string): string {
  const style = `${cell.bold ? ' font-weight="bold"' : ''}${cell.italic ? ' font-style="italic"' : ''}`
  return `<text x="${x}" y="${y + BASELINE}" fill="${ink}"${style}>${escapeXml(cell.chars)}</text>`
}

function drawCell(cell: Cell, box: Box): string {
  const { ink, paper } = resolveColours(cell)
  const { x, y, width } = box
  const back =
    paper === BACKGROUND ? '' : `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" fill="${paper}"/>`
  const line = cell.underline ? `<rect x="${x}" y="${y + 16}" width="${width}" height="1" fill="${ink}"/>` : ''
  const front = cell.chars.trim() === '' ? '' : (drawGlyph(cell.chars, box, ink) ?? drawLetter(cell, box, ink))
  return back + front + line
}

/** The screen as SVG. */
export function renderSvg(terminal: Pick<Terminal, 'size' | 'cell'>): string {
  const { columns, rows } = terminal.size()
  const cells: string[] = []
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const cell = terminal.cell(row, column)
      if (cell.width === 0) continue
      cells.push(drawCell(cell, { x: column * WIDTH, y: row * HEIGHT, width: WIDTH * cell.width, height: HEIGHT }))
    }
  }
  const [width, height] = [columns * WIDTH, rows * HEIGHT]
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono"`
  const paper = `<rect width="${width}" height="${height}" fill="${BACKGROUND}"/>`
  return `${open} font-size="${SIZE}" shape-rendering="crispEdges">${paper}${cells.join('')}</svg>`
}

/** The screen as PNG. Rejects where `canDraw()` gives a reason. */
export const renderPng = (terminal: Pick<Terminal, 'size' | 'cell'>): Promise<Buffer> =>
  convertToPng(renderSvg(terminal))

/** Converts the SVG of a screen. Rejects where `canDraw()` gives a reason. */
export async function convertToPng(svg: string): Promise<Buffer> {
  const reason = canDraw()
  if (reason !== undefined) throw new Error(reason)
  const { Resvg } = await import('@resvg/resvg-js')
  const fontFiles = FONTS.map(font => `${FOLDER}/${font}`)
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Mono' }
  return new Resvg(svg, { font }).render().asPng()
}
