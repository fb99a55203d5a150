// The cursor of the charts: it moves within the range, its time and values are in the legend, and Esc takes it away.
import { expect, test } from 'vitest'
import { updateState } from '../../src/app/state.ts'
import { toAction } from '../../src/ui/keys/keys.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { openScenario } from '../helpers/recorded-pages.ts'

const pen = createPen({ level: 0, ascii: false })
const end = openScenario('v1-incident-310', 129_600)
const press = (state: typeof end, by: 1 | -1, times: number): typeof end =>
  Array.from({ length: times }).reduce<typeof end>(
    now => updateState(now, toAction({ type: 'move-cursor', by }, now, 120, 40)!),
    state,
  )
const readLegend = (state: typeof end): string =>
  renderFrameText(state, pen, 200, 60).find(line => / anon \S/.test(line)) ?? ''

test('shows the time and the values at the cursor', () => {
  expect(readLegend(end)).toMatch(/█ anon 115 GiB {2}▒ slab 150 GiB/)
  const back = press(end, -1, 40)
  const values = /█ anon .*?▒ slab \S+ \S+/.exec(readLegend(openScenario('v1-incident-310', 43_200)))![0]
  expect(readLegend(back)).toContain(`Tue 08:00  ${values}`)
  expect(press(back, 1, 40).ui.cursor).toBeUndefined()
  expect(updateState(back, { type: 'back' }).ui.cursor).toBeUndefined()
})

test('stays in the range', () => {
  const first = press(end, -1, 100)
  expect(first.ui.cursor).toBe(0)
  expect(readLegend(first)).toMatch(/Mon 20:00/)
})
