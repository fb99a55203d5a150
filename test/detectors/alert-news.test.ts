// News among alerts: new kills are announced, those from before the session are not.
import { expect, test } from 'vitest'
import { findNews, isNews } from '../../src/detectors/alert-news.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { formatCheck, formatVerdict } from '../../src/export/check.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createLogReading, formatReport } from './kills.ts'

/** The alerts after each reading, and what was announced. */
function announce(readings: readonly Reading[]): readonly string[] {
  let state = createMonitorState(session)
  return readings.flatMap(reading => {
    const next = applyReading(state, reading, defaultThresholds)
    const news = findNews(state.alerts, next.alerts)
    state = next
    return news.map(({ alert: { summary, at } }) => `${Math.round(at / 1000)} ${summary.slice(0, 10)}`)
  })
}

const OLD = createLogReading(0, formatReport(-120_000))

test('a kill from before the session is shown but not announced', () => {
  expect(announce([OLD])).toEqual([])
})

test('a new kill at the same limit is announced, although the alert is open already', () => {
  expect(announce([OLD, createLogReading(5000, formatReport(4000, { pid: 77 }))])).toEqual(['4 java[77] ('])
})

test('a condition that exists from the start is announced', () => {
  expect(isNews({ kind: 'condition', at: 0 } as Alert)).toBe(true)
  expect(isNews({ kind: 'event', at: -1 } as Alert)).toBe(false)
})

test('check puts the newest kill first', () => {
  const limits = { oomMemcg: '/new', taskMemcg: '/new/c1' }
  const readings = [
    createLogReading(0, formatReport(-120_000) + formatReport(-60_000, { ...limits, comm: 'late' })),
    createLogReading(9000, 'x'),
  ]
  const { history, alerts } = readings.reduce(
    (state, one) => applyReading(state, one, defaultThresholds),
    createMonitorState(session),
  )
  const input = { history, alerts, past: false, off: [] }
  expect(formatVerdict(input)).toMatch(/^OOM KILL \(\+1\): late\[/)
  expect(formatCheck(input).indexOf('late[')).toBeLessThan(formatCheck(input).indexOf('java['))
})
