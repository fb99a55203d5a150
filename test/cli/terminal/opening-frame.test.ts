// The frame before there is data: in every size, and with the words that the screen has in the same place.
import { expect, test } from 'vitest'
import { formatOpeningFrame, OPENING_KEYS } from '../../../src/cli/terminal/opening-frame.ts'
import { drawFooter } from '../../../src/ui/footer.ts'
import { drawHeader } from '../../../src/ui/header.ts'
import { createPen } from '../../../src/widgets/pen.ts'
import { createEmulator } from '../../helpers/emulator.ts'
import { emptyState } from '../../playback/states.ts'

const TEXT = 'reading kernel memory… (Ctrl-C ends)'
const pen = createPen({ level: 0, ascii: false })
const { host, kernel } = emptyState.history.session
const place = `  ${host}  Linux ${kernel}`

async function draw(columns: number, rows: number): Promise<readonly string[]> {
  const emulator = createEmulator(columns, rows, () => {})
  const frame = Buffer.from(formatOpeningFrame(place, TEXT, { columns, rows }))
  await new Promise<void>(resolve => emulator.feed(frame, resolve))
  return emulator.lines()
}

test.each([
  [200, 60],
  [80, 24],
  [60, 20],
  [40, 10],
  [20, 5],
  [5, 24],
  [1, 1],
])('the frame before the first sample has header and footer at %ix%i', async (columns, rows) => {
  const lines = await draw(columns, rows)
  expect(lines.length).toBe(rows)
  if (rows > 2) expect(OPENING_KEYS.startsWith(lines.at(-1)!)).toBe(true)
  if (columns < 40) return // the screen says there that it is too small
  expect(drawHeader(emptyState, pen, columns)).toContain(lines[0]!.slice(0, ` kmemtop  ${host}`.length))
  expect(lines.join('\n')).toContain(TEXT.slice(0, columns - 1).trim())
  expect(lines.at(-1)).toMatch(/\w{3}$/)
})

test('the footer of the overview begins with the same keys', () => {
  expect(drawFooter(emptyState, pen, 200).startsWith(OPENING_KEYS)).toBe(true)
})
