// Our sanitize-ansi and string-width give what Ink's give, for every text; our line-update shows what Ink's shows, in fewer bytes.
import { expect, test } from 'vitest'
import inkLineUpdate from '../../node_modules/ink/build/line-update.js'
import inkSanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js'
import inkStringWidth from '../../node_modules/string-width/index.js'
import { swapLineUpdate } from '../../src/ink/line-update.ts'
import { swapSanitizeAnsi } from '../../src/ink/sanitize-ansi.ts'
import { isSimpleLine } from '../../src/ink/simple-text.ts'
import { swapStringWidth } from '../../src/ink/string-width.ts'
import { pickCases } from '../full.ts'
import { ansi, type LineCell, writeToLine } from './line-model.ts'
import { createDice, type Dice, drawSimpleText, drawText } from './random-texts.ts'

const lineUpdate = swapLineUpdate(inkLineUpdate, ansi)
const sanitizeAnsi = swapSanitizeAnsi(inkSanitizeAnsi)
const stringWidth = swapStringWidth(inkStringWidth)

const COLUMNS = [undefined, Number.NaN, -1, 0, 0.5, 1, 2, 5, 8, 10, 10.5, 20, 80]

// Mostly two lines that are alike somewhere, as two frames are.
function pairOf(d: Dice): readonly [string, string] {
  const text = () => (d.drawBoolean(0.7) ? drawSimpleText(d, 16) : drawText(d, 16))
  const previous = text()
  if (d.drawBoolean(0.15)) return [previous, text()]
  const from = d.drawBelow(previous.length + 1)
  const to = d.drawBetween(from, previous.length)
  return [previous, previous.slice(0, from) + text() + (d.drawBoolean(0.5) ? previous.slice(to) : '')]
}

const ROUNDS = pickCases(10_000, 40_000)

test('pairs of lines: what is not simple is updated as Ink does it', () => {
  const d = createDice(1)
  let odd = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [previous, next] = pairOf(d)
    const columns = d.pick(COLUMNS)
    if ([previous, next].every(isSimpleLine) && columns && columns >= 1) continue
    odd += 1
    const expected = inkLineUpdate(previous, next, columns)
    if (lineUpdate(previous, next, columns) === expected) continue
    expect([previous, next, columns, lineUpdate(previous, next, columns)]).toEqual([previous, next, columns, expected])
  }
  expect(odd).toBeGreaterThan(ROUNDS / 4)
})

test('pairs of simple lines: the terminal shows the same cells as after an update by Ink', () => {
  const d = createDice(3)
  const bytes = { ours: 0, ink: 0 }
  for (let round = 0; round < ROUNDS / 2; round++) {
    const [previous, next] = pairOf(d).map(text => (text.includes('\x1b') ? `${text}\x1b[0m` : text)) as [
      string,
      string,
    ]
    if (![previous, next].every(isSimpleLine)) continue
    const columns = d.pick([20, 40, 200])
    const ours = lineUpdate(previous, next, columns)
    const ink = inkLineUpdate(previous, next, columns)
    bytes.ours += Buffer.byteLength(ours)
    bytes.ink += Buffer.byteLength(ink)
    const shown = writeToLine(previous, ours)
    const wanted = writeToLine(next)
    const isSame = shown.length === wanted.length && shown.every((cell, i) => isSameCell(cell, wanted[i]!))
    if (!isSame) expect([previous, next, columns, ours, shown]).toEqual([previous, next, columns, ink, wanted])
  }
  expect(bytes.ours).toBeLessThan(bytes.ink)
})

const isSameCell = (a: LineCell, b: LineCell): boolean =>
  a.character === b.character && listCodes(a).join() === listCodes(b).join()

// Two orders of the same codes look alike.
const listCodes = ({ style }: LineCell): readonly string[] => style.codes.map(({ code }) => code).sort()

test('two numbers in one line are sent without what is between and behind them', () => {
  const line = (a: string, b: string): string => `│ ${a.padEnd(60)}│ \x1b[32m${b.padEnd(50)}\x1b[39m│`
  expect(lineUpdate(line('1.00 GiB', '7 k'), line('1.01 GiB', '8 k'), 120)).toBe('\x1b[6G1\x1b[65G\x1b[32m8\x1b[39m')
  expect(lineUpdate('a long line', 'a long', 120)).toBe('\x1b[7G\x1b[K')
  expect(lineUpdate('a', 'a   ', 120)).toBe('')
})

test('texts are cleaned and measured as Ink does', () => {
  const d = createDice(2)
  let changed = 0
  for (let round = 0; round < ROUNDS / 2; round++) {
    const text = [drawText(d, 8, 0.1), drawText(d, 8, 0.3), drawSimpleText(d)].join(d.pick(['', '\n', '\t', '\r\n']))
    const clean = inkSanitizeAnsi(text)
    if (clean !== text) changed += 1
    if (sanitizeAnsi(text) === clean && stringWidth(text) === inkStringWidth(text)) continue
    expect([text, sanitizeAnsi(text), stringWidth(text)]).toEqual([text, clean, inkStringWidth(text)])
  }
  expect(changed).toBeGreaterThan(ROUNDS / 20)
})

test('string-width is asked for unusual widths', () => {
  expect(stringWidth('─', { ambiguousIsNarrow: false })).toBe(2)
  expect(stringWidth('\x1b[1ma', { countAnsiEscapeCodes: true })).toBe(4)
  expect(stringWidth('')).toBe(0)
})
