// News among alerts: new kills are announced, those from before the session are not.
import { describe, expect, test } from 'vitest'
import { type AlertNews, findNews, isNews } from '../../src/detectors/alert-news.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { formatCheck, formatVerdict } from '../../src/export/check.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createLogReading, formatReport } from './kills.ts'
import { createMeminfo, createReading, GiB, MiB } from './readings.ts'

/** What is announced after each reading. */
function listNews(readings: readonly Reading[]): readonly AlertNews[] {
  let state = createMonitorState(session)
  return readings.flatMap(reading => {
    const next = applyReading(state, reading, defaultThresholds)
    const news = findNews(state.alerts, next.alerts)
    state = next
    return news
  })
}

const announce = (readings: readonly Reading[]): readonly string[] =>
  listNews(readings).map(({ alert: { summary, at } }) => `${Math.round(at / 1000)} ${summary.slice(0, 10)}`)

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
  // it happened a minute before the session began, which was when it was raised
  expect(formatCheck(input)).toMatch(/^OOM KILL \(critical\) happened \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, 1 min 9 s ago$/m)
  expect(formatCheck({ ...input, past: true })).toMatch(/happened [-\d]+ [:\d]+, open at the end$/m)
  expect(formatCheck(input).indexOf('late[')).toBeLessThan(formatCheck(input).indexOf('java['))
})

describe('slab that grows between two readings of slabinfo', () => {
  const SLABINFO = 'slabinfo - version: 2.1\n'
  const readSlabinfo = (time: number, bytes: number): Reading =>
    createReading(time, 'slabinfo', {
      '/proc/slabinfo': `${SLABINFO}kmalloc-4k ${bytes / 4096} ${bytes / 4096} 4096 8 8 : tunables 0 0 0 : slabdata ${bytes / 32768} ${bytes / 32768} 0\n`,
    })
  const readTick = (second: number, grown: number, isRead = second % 10 === 0): readonly Reading[] => [
    createMeminfo(second * 1000, { SUnreclaim: GiB + grown }),
    ...(isRead ? [readSlabinfo(second * 1000 + 5, GiB / 2 + grown)] : []),
  ]
  /** Grows by 200 MiB a second from second 62 to `end`. */
  const grow = (length: number, end: number, isRead?: (second: number) => boolean): readonly Reading[] =>
    Array.from({ length }, (_, second) =>
      readTick(second, Math.max(0, Math.min(second, end) - 61) * 200 * MiB, isRead?.(second)),
    ).flat()

  test('is announced at once, and again when its cache is known, however often it is unknown later', () => {
    const news = listNews(grow(120, 120)).filter(({ alert }) => alert.detector === 'slab-growth')
    expect(news.map(({ change }) => change)).toContain('attributed')
    const [raised, ...later] = news.filter(({ change }) => change === 'raised' || change === 'attributed')
    expect(raised?.alert.summary).toContain('cache unknown until slabinfo is read again')
    expect(later.map(({ change, alert }) => [change, Math.floor(alert.at / 1000)])).toEqual([['attributed', 70]])
    expect(later[0]?.alert.summary).toContain('kmalloc-4k')
  })

  test('is announced once where the cache is known at once', () => {
    const news = listNews(grow(120, 120, () => true)).filter(({ alert }) => alert.detector === 'slab-growth')
    expect(news.map(({ change }) => change)).not.toContain('attributed')
    expect(news[0]?.alert.summary).toContain('kmalloc-4k')
  })

  test('promises no later reading once it has ended', () => {
    const readings = [
      ...grow(70, 69, second => second < 61 && second % 10 === 0),
      ...Array.from({ length: 120 }, (_, i) => readTick(70 + i, 0, false)).flat(),
    ]
    const last = listNews(readings).findLast(({ alert }) => alert.detector === 'slab-growth')
    expect(last?.change).toBe('resolved')
    expect(last?.alert.summary).toContain('slabinfo was not read while it grew')
  })
})
