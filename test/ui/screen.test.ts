// The whole screen: exactly as large as the terminal, whatever is on it.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import type { AppState } from '../../src/app/state.ts'
import { getAlertKey, listActiveBySeverity } from '../../src/detectors/alerts.ts'
import { panelIds } from '../../src/panels/index.ts'
import { listPanels } from '../../src/ui/layout.ts'
import {
  computeLayout,
  drawRegions,
  findOpenDetail,
  getVisibleFocus,
  listRowKeys,
  renderFrameText,
} from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { applyActions, emptyState, fullState, idlePlayer } from '../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })
const SIZES = [
  [80, 24],
  [40, 10],
  [40, 12],
  [39, 9],
  [20, 4],
  [100, 30],
  [110, 28],
  [120, 40],
  [132, 43],
  [250, 70],
] as const

const states: readonly (readonly [string, AppState])[] = [
  ['empty', emptyState],
  ['full', fullState],
  ['help', applyActions(fullState, { type: 'help' })],
  ['help of nothing', applyActions(emptyState, { type: 'help' })],
  ['paused', applyActions(fullState, { type: 'pause' })],
  ['a notice', applyActions(fullState, { type: 'notice', text: 'config \x1b[2J not taken: 漢字'.repeat(9) })],
  [
    'a filter',
    applyActions(
      fullState,
      { type: 'view', panel: 'slab' },
      { type: 'prompt', prompt: 'filter' },
      { type: 'type', text: '漢\x1b'.repeat(60) },
    ),
  ],
  ...panelIds.map((panel): readonly [string, AppState] => [panel, applyActions(fullState, { type: 'view', panel })]),
  ...panelIds.flatMap((panel): readonly (readonly [string, AppState])[] => {
    const state = applyActions(fullState, { type: 'view', panel })
    return listRowKeys(state)
      .filter((_, i) => i < 12)
      .map(key => [`details of ${panel}: ${key.slice(0, 40)}`, applyActions(state, { type: 'detail', key })])
  }),
]

describe.each(states)('%s', (_, state) => {
  test('fills every size exactly', () => {
    for (const [columns, rows] of SIZES) {
      const lines = renderFrameText(state, pen, columns, rows).map(stripVTControlCharacters)
      expect(lines.length, `${columns}x${rows}`).toBe(rows)
      const wrong = lines.filter(line => stringWidth(line) !== columns || /[\x00-\x1f\x7f-\x9f\u202e]/.test(line))
      expect(wrong, `${columns}x${rows}`).toEqual([])
    }
  })

  test('never shows undefined, NaN or [object Object]', () => {
    expect(renderFrameText(state, pen, 200, 60).join('\n')).not.toMatch(/undefined|NaN|\[object|Infinity/)
  })

  test('has only ASCII characters with --ascii', () => {
    expect(renderFrameText(state, createPen({ level: 0, ascii: true }), 120, 40).join('')).toMatch(/^[\x20-\x7e]*$/)
  })
})

test('a screen too small for panels still shows the banner', () => {
  expect(renderFrameText(fullState, pen, 39, 9)[0]).toMatch(/^ ✖ (SLAB GROWTH|OOM KILL) /)
  expect(renderFrameText(emptyState, pen, 39, 9)[0]).toContain('too small: 39x9')
})

test('a small screen has the panel of the most severe alert', () => {
  const panel = listActiveBySeverity(fullState.alerts)[0]!.detector === 'oom-kill' ? 'log' : 'slab'
  const ids = (state: AppState): readonly string[] =>
    drawRegions(state, pen, 80, 24)
      .flat()
      .map(({ id }) => id)
  expect(ids(fullState)).toEqual(['header', 'banner', 'memory', panel, 'footer'])
  const quiet = { ...fullState, alerts: fullState.alerts.filter(({ detector }) => detector === 'oom-kill') }
  expect(ids(quiet)).toEqual(['header', 'banner', 'memory', 'log', 'footer'])
})

test('a filter is shown where it hides rows: in the footer for the focused panel, in the title of others', () => {
  const among = ['memory', 'cgroups'] as const
  const filtered = applyActions(fullState, { type: 'type', text: 'pod-x' })
  const reported = (state: AppState): readonly string[] =>
    renderFrameText(state, pen, 120, 40).filter(line => line.includes('filter: pod-x'))
  expect(filtered.ui.focus).toBe('cgroups')
  expect(reported(filtered)).toEqual([expect.stringMatching(/^ enter why {2}1 Overview /)])
  expect(reported(applyActions(filtered, { type: 'focus', by: 1, among }))).toEqual([
    expect.stringMatching(/╭─[ ▌]Cgroups /),
  ])
})

test('the footer keeps help and quit on every width', () => {
  for (const [columns] of SIZES.filter(([width]) => width >= 40)) {
    const footer = renderFrameText(fullState, pen, columns, 24).at(-1)
    expect(footer).toMatch(/\? help .*q quit/)
    const page = applyActions(fullState, { type: 'detail', key: '/pod/c1' })
    expect(renderFrameText(page, pen, columns, 24).at(-1)).toMatch(/esc back .*\? help *$/)
  }
})

test('the footer of a rewound session shows at 80 columns how to return to live', () => {
  const watch = { history: emptyState.history, alerts: [] }
  const back = applyActions(fullState, { type: 'played', monitor: watch, player: { ...idlePlayer, rewound: true } })
  expect(renderFrameText(back, pen, 80, 24).at(-1)).toMatch(/ L live .*space play /)
  expect(
    renderFrameText(applyActions(fullState, { type: 'played', monitor: watch, player: idlePlayer }), pen, 80, 24).at(
      -1,
    ),
  ).not.toContain('live')
})

test('the overview has the focus on a visible panel, whatever the view before', () => {
  for (const panel of panelIds) {
    const overview = applyActions(fullState, { type: 'view', panel }, { type: 'view', panel: 'overview' })
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const) {
      const visible = listPanels(computeLayout(overview, columns, rows - 2))
      expect(visible, `${panel} ${columns}x${rows}`).toContain(getVisibleFocus(overview, columns, rows))
    }
  }
  const focusAfter = (panel: string): string =>
    getVisibleFocus(applyActions(fullState, { type: 'view', panel }, { type: 'view', panel: 'overview' }), 120, 40)
  expect([focusAfter('oom'), focusAfter('alerts')]).toEqual(['log', 'cgroups'])
})

test('b shows in every table that a baseline is set, and growth is measured from it', () => {
  const at = (time: number): AppState => ({ ...fullState, ui: { ...fullState.ui, baseline: time } })
  const since = at(fullState.history.time - 60_000)
  for (const panel of panelIds)
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const) {
      const lines = renderFrameText(applyActions(since, { type: 'view', panel }), pen, columns, rows)
      expect(lines.join('\n'), `${panel} ${columns}x${rows}`).toMatch(/growth since the baseline, 1 min ago/)
    }
  const overview = renderFrameText(since, pen, 120, 40)
  expect(overview.filter(line => line.includes('growth since the baseline, 1 min ago')).join('\n')).toMatch(
    /Memory[\s\S]*Slab.*Cgroups/,
  )
  const rates = renderFrameText(applyActions(fullState, { type: 'view', panel: 'cgroups' }), pen, 120, 40).join('\n')
  expect(rates).toMatch(/PER HOUR/)
  const cgroups = renderFrameText(applyActions(since, { type: 'view', panel: 'cgroups' }), pen, 120, 40).join('\n')
  expect(cgroups).toMatch(/ GROWTH/)
  expect(cgroups).not.toMatch(/PER HOUR/)
})

test('a link leads to its page from the overview of every size, also where the overview has no room for its panel', () => {
  for (const [columns, rows] of [
    [40, 12],
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    for (const alert of listActiveBySeverity(fullState.alerts)) {
      const page = applyActions(fullState, { type: 'detail', key: getAlertKey(alert), panel: 'alerts' })
      const { links = [] } = findOpenDetail(page)!
      for (const { panel, key, label } of links) {
        const opened = applyActions(page, { type: 'detail', key, panel })
        const ids = drawRegions(opened, pen, columns, rows).flat()
        expect(
          ids.map(({ id }) => id),
          `${label} ${columns}x${rows}`,
        ).toContain('detail')
      }
    }
})
