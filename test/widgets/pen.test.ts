// Pens: tones to colours, and signs for terminals without Unicode.
import { expect, test } from 'vitest'
import { escapeControls } from '../../src/base/text.ts'
import { measureWidth } from '../../src/widgets/cells.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { themeNames } from '../../src/widgets/themes.ts'
import { NASTY } from '../playback/states.ts'

test('writes only the text without colour', () => {
  const pen = createPen({ level: 0, ascii: false })
  for (const tone of ['critical', 'alarm', 'selected', 'muted', 'normal'] as const)
    expect(pen.paint(tone, 'text')).toBe('text')
})

const colored = themeNames.filter(name => name !== 'none')

test.each(colored)('the %s theme paints every tone but normal, and critical unlike warning', theme => {
  const pen = createPen({ theme, level: 3, ascii: false })
  expect(pen.paint('normal', 'text')).toBe('text')
  expect(pen.paint('critical', '')).toBe('')
  const painted = (['critical', 'warning', 'good', 'accent', 'alarm', 'caution', 'selected'] as const).map(tone =>
    pen.paint(tone, 'x'),
  )
  expect(new Set(painted).size).toBe(painted.length)
  expect(painted.every(text => /\x1b\[/.test(text))).toBe(true)
})

test('an ASCII line keeps its width', () => {
  const pen = createPen({ level: 0, ascii: true })
  for (const text of [...NASTY, 'a −3 · 5 × 7 → “x”…', '╭──╮', 'ﷺ'].map(escapeControls)) {
    const line = pen.encodeLine(text)
    expect(line).toMatch(/^[\x00-\x7f]*$/)
    expect(measureWidth(line), text).toBe(measureWidth(text))
  }
  expect(pen.encodeLine('← → 5 s  < > speed')).toBe('<-> 5 s  < > speed')
  expect(createPen({ level: 0, ascii: false }).encodeLine('…')).toBe('…')
})
