// The banner: loudest first, one line each, and never in the way when nothing is wrong.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { drawBanner } from '../../src/ui/banner.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { applyActions, emptyState, fullState } from '../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })

test('is empty without alerts', () => expect(drawBanner(emptyState, pen, 80, 24)).toEqual([]))

test('has at most three lines, two on a small screen; the last shows how many more there are', () => {
  expect(drawBanner(fullState, pen, 120, 40)).toHaveLength(3)
  const lines = drawBanner(fullState, pen, 120, 24)
  expect(lines).toHaveLength(2)
  const open = fullState.alerts.filter(({ resolvedAt }) => resolvedAt === undefined).length
  expect(lines[0]).not.toMatch(/\+\d+ more/)
  expect(lines[1]).toContain(`+${open - 2} more`)
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
