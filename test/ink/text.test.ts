// Our line-update, sanitize-ansi and string-width give what Ink's give, for every text.
import { expect, test } from 'vitest'
import inkLineUpdate from '../../node_modules/ink/build/line-update.js'
import inkSanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js'
import inkStringWidth from '../../node_modules/string-width/index.js'
import { swapLineUpdate } from '../../src/ink/line-update.ts'
import { swapSanitizeAnsi } from '../../src/ink/sanitize-ansi.ts'
import { isSimpleLine } from '../../src/ink/simple-text.ts'
import { swapStringWidth } from '../../src/ink/string-width.ts'
import { createDice, type Dice, drawSimpleText, drawText } from './random-texts.ts'

const lineUpdate = swapLineUpdate(inkLineUpdate)
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

test('40 000 lines are updated as Ink updates them', () => {
  const d = createDice(1)
  let ours = 0
  for (let round = 0; round < 40_000; round++) {
    const [previous, next] = pairOf(d)
    const columns = d.pick(COLUMNS)
    if (isSimpleLine(previous) && isSimpleLine(next)) ours += 1
    const expected = inkLineUpdate(previous, next, columns)
    if (lineUpdate(previous, next, columns) === expected) continue
    expect([previous, next, columns, lineUpdate(previous, next, columns)]).toEqual([previous, next, columns, expected])
  }
  expect(ours).toBeGreaterThan(10_000)
})

test('20 000 texts are cleaned and measured as Ink does', () => {
  const d = createDice(2)
  let changed = 0
  for (let round = 0; round < 20_000; round++) {
    const text = [drawText(d, 8, 0.1), drawText(d, 8, 0.3), drawSimpleText(d)].join(d.pick(['', '\n', '\t', '\r\n']))
    const clean = inkSanitizeAnsi(text)
    if (clean !== text) changed += 1
    if (sanitizeAnsi(text) === clean && stringWidth(text) === inkStringWidth(text)) continue
    expect([text, sanitizeAnsi(text), stringWidth(text)]).toEqual([text, clean, inkStringWidth(text)])
  }
  expect(changed).toBeGreaterThan(2000)
})

test('string-width is asked for unusual widths', () => {
  expect(stringWidth('─', { ambiguousIsNarrow: false })).toBe(2)
  expect(stringWidth('\x1b[1ma', { countAnsiEscapeCodes: true })).toBe(4)
  expect(stringWidth('')).toBe(0)
})
