// What a frame costs on the line: the bytes that turn one second's screen into the next, in each 15 s of a young session.
import { expect, test } from 'vitest'
import inkLineUpdate from '../../node_modules/ink/build/line-update.js'
import { swapLineUpdate } from '../../src/ink/line-update.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { openRecordedScenario } from '../helpers/recorded-pages.ts'
import { ansi } from '../ink/line-model.ts'

const pen = createPen({ level: 3, ascii: false })
const updateLine = swapLineUpdate(inkLineUpdate, ansi)
const [COLUMNS, ROWS] = [120, 40]
const WINDOW = 15 // seconds
const MAX_SECONDS = 90
const MOST = 2000 // bytes per second: the budget is 3,000, and the present ones are at most 1,502

/** Returns the bytes of each second: all changed lines, as Ink writes them. */
function measureSeconds(scenario: string): readonly number[] {
  const { end, seek } = openRecordedScenario(scenario)
  let lines: readonly string[] = []
  return Array.from({ length: Math.min(MAX_SECONDS, Math.floor(end / 1000)) }, (_, second) => {
    const next = renderFrameText(seek(second + 1), pen, COLUMNS, ROWS)
    const updates = next.map((line, y) =>
      line === lines[y] ? '\x1b[E' : `${updateLine(lines[y] ?? '', line, COLUMNS)}\n`,
    )
    lines = next
    return Buffer.byteLength(updates.join(''))
  })
}

test.each(['v2-quiet', 'v1-slab-growth'])('%s: no 15 s of a session send more than the budget', scenario => {
  const seconds = measureSeconds(scenario).slice(1) // the first frame is the whole screen
  const windows = Array.from(
    { length: Math.floor(seconds.length / WINDOW) },
    (_, i) => seconds.slice(i * WINDOW, (i + 1) * WINDOW).reduce((sum, bytes) => sum + bytes, 0) / WINDOW,
  )
  expect(windows.length).toBeGreaterThan(1)
  expect(windows.filter(bytes => bytes >= MOST)).toEqual([])
})
