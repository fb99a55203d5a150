// The banner: loudest first, one line each, and never in the way when nothing is wrong.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { listBannerEntries } from '../../src/app/banner-alerts.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { drawBanner } from '../../src/ui/banner.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { applyActions, emptyState, fullState } from '../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })

test('is empty without alerts', () => expect(drawBanner(emptyState, pen, 80, 24)).toEqual([]))

test('has three lines, two on a small screen; the last shows how many more there are', () => {
  expect(drawBanner(fullState, pen, 120, 40)).toHaveLength(3)
  const lines = drawBanner(fullState, pen, 120, 24)
  const hidden = listBannerEntries(fullState.alerts, fullState.history.time).slice(lines.length)
  expect(lines.slice(0, -1).join()).not.toMatch(/\+\d+ more/)
  expect(lines.at(-1)).toContain(`+${hidden.flatMap(({ alerts }) => alerts).length} more`)
})

const makeAlert = (title: string, more: Partial<Alert>): Alert => ({
  detector: 'slab-growth',
  subject: title,
  title,
  kind: 'condition',
  severity: 'warning',
  summary: `about ${title}`,
  evidence: [],
  remedy: [],
  since: 0,
  at: 0,
  raisedAt: 0,
  seenAt: 0,
  ...more,
})

test.each([24, 40])('keeps every growing thing in sight beside kills of the last minute, on %i rows', rows => {
  const kills = ['a', 'b', 'c'].map((subject, i) =>
    makeAlert('OOM KILL', { subject, detector: 'oom-kill', kind: 'event', severity: 'critical', at: -i }),
  )
  const growing = (rows < 30 ? ['SLAB GROWTH', 'MEMORY LOW'] : ['SLAB GROWTH', 'MEMORY LOW', 'SWAP FULL']).map(title =>
    makeAlert(title, {}),
  )
  const lines = drawBanner({ ...emptyState, alerts: [...kills, ...growing] }, pen, 100, rows)
  expect(lines).toHaveLength(1 + growing.length)
  expect(lines[0]).toMatch(/OOM KILL ×3/)
  for (const { title } of growing) expect(lines.join('\n')).toContain(title)
  expect(lines.join()).not.toContain('more, A')
})

test('gives each of several new kills a line where nothing else needs it', () => {
  const kills = ['a', 'b', 'c', 'd'].map((subject, i) =>
    makeAlert('OOM KILL', {
      subject,
      detector: 'oom-kill',
      kind: 'event',
      severity: 'critical',
      at: -i,
      summary: subject,
    }),
  )
  const draw = (...alerts: readonly Alert[]): readonly string[] =>
    drawBanner({ ...emptyState, alerts }, pen, 60, 40).map(line => line.trim().replace(/ {2,}/g, '  '))
  expect(draw(...kills)).toEqual(['✖ OOM KILL  a  now', '✖ OOM KILL  b  now', '✖ OOM KILL ×2  c; d  now'])
  expect(draw(...kills, makeAlert('SWAP FULL', {}))).toEqual([
    '✖ OOM KILL  a  now',
    '✖ OOM KILL ×3  b; c; d  now',
    '▲ SWAP FULL  about SWAP FULL  for 0 s',
  ])
})

test('fills the width of the screen with any name', () => {
  let state = fullState
  for (let i = 0; i < fullState.alerts.length; i++) {
    for (const width of [20, 40, 80, 250])
      for (const line of drawBanner(state, pen, width, 40))
        expect(stringWidth(stripVTControlCharacters(line))).toBe(width)
    state = applyActions(state, { type: 'acknowledge' })
  }
  expect(drawBanner(state, pen, 80, 40)).toEqual([])
})

test('shows sign, title, count and age without colour', () => {
  const lines = drawBanner(fullState, pen, 160, 40)
  expect(lines.join('\n')).toMatch(/ ✖ OOM KILL .* s ago /)
  expect(lines.every(line => / [✖▲] /.test(line))).toBe(true)
  expect(drawBanner(fullState, createPen({ level: 0, ascii: true }), 160, 40)[0]).toMatch(/^ [X!] /)
})

test('shows new alerts while the screen is paused', () => {
  const paused = applyActions(emptyState, { type: 'pause' })
  expect(drawBanner({ ...paused, alerts: fullState.alerts, history: fullState.history }, pen, 80, 40).length).toBe(3)
})

test('marks lines as current while the screen is paused or rewound', () => {
  const paused = applyActions(fullState, { type: 'pause' })
  expect(drawBanner(paused, pen, 120, 40).every(line => /^ [✖▲] now: [A-Z]/.test(line))).toBe(true)
  expect(drawBanner(fullState, pen, 120, 40).join()).not.toContain('now: ')
})

test('what only informs and what has ended is no warning', () => {
  const draw = (alert: Partial<Alert>): string =>
    drawBanner({ ...emptyState, alerts: [makeAlert('OWN COST', alert)] }, pen, 60, 40)[0]!
  expect(draw({ severity: 'info' })).toMatch(/^ i OWN COST/)
  expect(draw({ severity: 'warning' })).toMatch(/^ ▲ OWN COST/)
  expect(draw({ severity: 'critical', overAt: 0 })).toMatch(/^ ○ OWN COST .*ended/)
})
