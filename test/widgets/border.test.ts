// Frames: a border of exact size around lines.
import { expect, test } from 'vitest'
import { drawBorder } from '../../src/widgets/border.ts'
import { measureWidth } from '../../src/widgets/cells.ts'
import { createPen } from '../../src/widgets/pen.ts'

const pen = createPen({ level: 0, ascii: false })

test('draws a border of the given width and height', () => {
  expect(drawBorder(pen, { title: 'Slab' }, ['row 1     ', 'row 2     '], { width: 12, height: 5 })).toEqual([
    '╭─ Slab ───╮',
    '│row 1     │',
    '│row 2     │',
    '│          │',
    '╰──────────╯',
  ])
})

test('shows a note at the right if it fits', () => {
  for (const title of ['Slab', '漢字', 'a\u0301']) {
    const [top] = drawBorder(pen, { title, note: [{ text: '12 MiB', tone: 'muted' }] }, [], { width: 30, height: 3 })
    expect(top).toMatch(new RegExp(`^╭─ ${title} ─+ 12 MiB ─╮$`))
  }
  expect(drawBorder(pen, { title: 'Slab', note: [{ text: '12 MiB' }] }, [], { width: 16, height: 3 })[0]).toBe(
    '╭─ Slab ───────╮',
  )
})

test('every line has the exact width at any size and title', () => {
  for (const title of ['', 'Slab', 'e\u0301cole', '漢字', '漢字'.repeat(20), 'x'.repeat(90)]) {
    for (let width = 3; width < 60; width++) {
      for (const height of [1, 2, 3, 7]) {
        const inner = ' '.repeat(width - 2)
        const lines = drawBorder(pen, { title, note: [{ text: '漢 note' }], focused: true }, Array(9).fill(inner), {
          width,
          height,
        })
        expect(lines).toHaveLength(height)
        for (const line of lines) expect(measureWidth(line), `${title} ${width}x${height}`).toBe(width)
      }
    }
  }
})

test('a focused border is known without color', () => {
  for (const ascii of [false, true]) {
    const by = createPen({ level: 0, ascii })
    const draw = (focused: boolean): string =>
      drawBorder(by, { title: 'Slab', focused }, [], { width: 20, height: 3 })[0]!
    expect(draw(true)).not.toBe(draw(false))
    expect(measureWidth(draw(true))).toBe(20)
  }
})
