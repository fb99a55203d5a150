// The use of space: no page of a busy recording is half empty on a large screen, and a small one cuts nothing that matters.
import { describe, expect, test } from 'vitest'
import { updateState } from '../../src/app/state.ts'
import { findOpenDetail, renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { pickCases } from '../full.ts'
import { listPages, measureBlank, openScenario } from '../helpers/recorded-pages.ts'

const pen = createPen({ level: 0, ascii: false })
const PAGES_OF_VIEW = 3
const MAX_BLANK = 0.5
const MAX_SCROLL = 120

const LATEST = [
  ['v1-incident-310', 129_600],
  ['v2-global-oom', 24],
] as const
const ALL = [...LATEST, ['v1-incident-310', 100_800], ['v2-global-oom', 16]] as const

describe.each(pickCases<readonly (readonly [string, number])[]>(LATEST, ALL))('%s at %i s', (scenario, seconds) => {
  const pages = listPages(openScenario(scenario, seconds), PAGES_OF_VIEW)

  test('no page is half empty at 200x60', () => {
    const shares = pages.map(({ name, state }) => [name, measureBlank(renderFrameText(state, pen, 200, 60)).cells])
    expect(shares.filter(([, share]) => Number(share) >= MAX_BLANK)).toEqual([])
  })

  test('no age is cut in a list', () => {
    for (const { name, state } of pages)
      for (const columns of [80, 120, 200])
        expect(renderFrameText(state, pen, columns, 40).join('\n'), name).not.toMatch(/\d (h|min|s) a?g?…/)
  })

  test('every page can be read to its end at 80x24', () => {
    for (const { name, state } of pages) {
      const detail = findOpenDetail(state)
      if (!detail) continue
      const read = new Set<string>()
      for (let by = 0; by < MAX_SCROLL; by += 10)
        for (const line of renderFrameText(updateState(state, { type: 'scroll', by }), pen, 80, 24)) read.add(line)
      const text = [...read].join(' ').replaceAll(/[\s│]+/g, ' ')
      const words = [...detail.introduction, ...detail.facts.flat(), ...detail.remedies.map(remedy => remedy.text)]
        .flatMap(part => part.split(/[\s,;:]+/))
        .filter(word => word.length < 30) // longer ones are wrapped
      expect(
        words.filter(word => !text.includes(word)),
        name,
      ).toEqual([])
    }
  })
})

test('the list of alerts says at 80x24 when each happened', () => {
  const state = updateState(openScenario('v1-incident-310', 129_600), { type: 'view', panel: 'alerts' })
  const kills = renderFrameText(state, pen, 80, 24).filter(line => /ended .*OOM KILL/.test(line))
  expect(kills.length).toBeGreaterThan(5)
  for (const line of kills) expect(line).toMatch(/ \d\d:\d\d:\d\d /)
})
