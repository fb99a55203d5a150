// Cells: exactly as wide as asked for, whatever the text is, and nothing of it gets past to the terminal.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { fitText, formatLine, measureWidth, truncateMiddle } from '../../src/widgets/cells.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { NASTY } from '../playback/states.ts'
import { createRandom } from '../seeded-random.ts'

const TEXTS = [
  ...NASTY,
  '',
  ' ',
  'plain',
  'MiB · 12 % – −3',
  '…',
  '👍🏽 ok',
  '🇩🇪🇫🇷',
  'ﷺ',
  'a\u0300\u0301\u0302b',
  '한국어',
  '\u{1f600}'.repeat(9),
]
const pens = [0, 3].flatMap(level => [true, false].map(ascii => createPen({ level: level as 0 | 3, ascii })))

/** Cells of a painted line. */
const cells = (line: string): number => stringWidth(stripVTControlCharacters(line))

describe.each(TEXTS.map(text => [text]))('%j', text => {
  test('fits any width exactly, left and right', () => {
    for (let width = 0; width <= 40; width++) {
      for (const align of ['left', 'right'] as const) {
        const fitted = fitText(text, width, align)
        expect(stringWidth(fitted), `${width} ${align} ${JSON.stringify(fitted)}`).toBe(width)
        expect(fitted).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
      }
      expect(stringWidth(truncateMiddle(text, width)), `middle ${width}`).toBe(width)
    }
  })

  test('fits into a line of exact width with other parts', () => {
    for (const pen of pens) {
      for (const width of [0, 1, 2, 5, 17, 38, 80]) {
        const line = formatLine(pen, [{ text: 'a ' }, { text, tone: 'critical' }, { text: ' z' }], width, [
          { text, tone: 'muted' },
        ])
        expect(cells(line), `${width}`).toBe(width)
      }
    }
  })
})

test('a cut leaves no part of a number', () => {
  const cuts = [5, 6, 8, 9, 10].map(width => fitText('free 512M used', width).trimEnd())
  expect(cuts).toEqual(['free…', 'free …', 'free …', 'free …', 'free 512M…'])
  expect([7, 10].map(width => fitText('8.00G/8.00G', width).trimEnd())).toEqual(['8.00G/…', '8.00G/…'])
  expect([fitText('web-12345', 7), fitText('漢字 12345', 8), fitText('at −12.5 %', 7)]).toEqual([
    'web-12…',
    '漢字 …  ',
    'at …   ',
  ])
})

test('random mixtures fit exactly', () => {
  const random = createRandom(77)
  for (let run = 0; run < 2000; run++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      TEXTS[Math.floor(random() * TEXTS.length)]!.slice(0, 9),
    ).join('')
    const width = Math.floor(random() * 60)
    expect(stringWidth(fitText(text, width)), JSON.stringify(text)).toBe(width)
  }
})

test('a cut text ends with an ellipsis; one that fits is unchanged', () => {
  expect(fitText('abcdef', 4)).toBe('abc…')
  expect(fitText('abcd', 4)).toBe('abcd')
  expect(fitText('漢字漢字', 5)).toBe('漢字…')
  expect(fitText('漢字漢字', 4)).toBe('漢… ')
  expect(fitText('12', 4, 'right')).toBe('  12')
  expect(fitText('abcdef', 4, 'left', '~')).toBe('abc~')
})

test('a path is cut in its middle', () => {
  expect(truncateMiddle('/kubepods/burstable/pod1/container', 20)).toBe('/kubep…od1/container')
  expect(truncateMiddle('/short', 20)).toBe('/short'.padEnd(20))
})

test('the right part cuts what is left of it', () => {
  const pen = createPen({ level: 0, ascii: false })
  expect(formatLine(pen, [{ text: 'a long left part' }], 12, [{ text: 'RIGHT' }])).toBe('a long…RIGHT')
  expect(formatLine(pen, [{ text: 'left' }], 4, [{ text: 'too long right' }])).toBe('too…')
})

test('measures a text as a terminal does', () => {
  for (const text of TEXTS.filter(one => !/[\x00-\x1f\x7f]/.test(one)))
    expect(measureWidth(text), text).toBe(stringWidth(text))
})
