// Memory that meminfo does not account for: named after its holder where another counter tells one.
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createMeminfo, createReading, GiB, HOUR, MINUTE, repeatReadings } from './readings.ts'

// On the node of 64 GiB 2 GiB are unaccounted for.
const missing = (time: number, bytes: number, more = {}): Reading =>
  createMeminfo(time, { MemFree: 32 * GiB - bytes, MemAvailable: 42 * GiB - bytes, ...more })
const sockets = (time: number, bytes: number): Reading =>
  createReading(time, 'sockstat', {
    '/proc/net/sockstat': `TCP: inuse 4 orphan 0 tw 0 alloc 6 mem ${Math.round(bytes / session.pageSize)}\n`,
  })
const summaries = (readings: readonly Reading[]): readonly string[] =>
  readings
    .reduce((watch, one) => applyReading(watch, one, defaultThresholds), createMonitorState(session))
    .alerts.filter(({ detector }) => detector === 'kernel-memory')
    .map(({ summary }) => summary)

test('of which nothing is known names who may have it, huge pages and caches of modules too', () => {
  const [summary] = summaries([missing(0, 9 * GiB)])
  expect(summary).toContain('memory that no counter explains')
  expect(summary).toContain('ZFS ARC')
})

test('that a balloon has is told as the balloon’s, but not when the balloon lowered MemTotal and has more', () => {
  expect(summaries([missing(0, 9 * GiB, { Balloon: 8 * GiB })])[0]).toContain('most of it a balloon (Balloon 8.00 GiB)')
  expect(summaries([missing(0, 9 * GiB, { Balloon: 20 * GiB })])[0]).toContain('no counter explains')
})

test('that ZFS has blocks for is told as its cache', () => {
  const headers = (count: number): Reading =>
    createReading(0, 'slabinfo', {
      '/proc/slabinfo': `slabinfo - version: 2.1\n# name\narc_buf_hdr_t_full ${count} ${count} 256 16 1 : tunables 0 0 0 : slabdata ${count / 16} ${count / 16} 0\n`,
    })
  expect(summaries([headers(64_000), missing(0, 9 * GiB)])[0]).toContain('most likely the ARC of ZFS')
  expect(summaries([headers(1600), missing(0, 9 * GiB)])[0]).toContain('no counter explains')
})

test('that sockets have is told as theirs, a rise only when they rose', () => {
  const words = 'most of it buffers of sockets (TCP and UDP have 6.00 GiB)'
  const grow = (time: number) => 2 * GiB + (6 * GiB * Math.max(0, time - HOUR)) / HOUR
  expect(summaries([sockets(0, 6 * GiB), missing(0, 9 * GiB)])[0]).toContain(words)
  const risen = repeatReadings(100 * MINUTE, MINUTE, time => [
    sockets(time, grow(time)),
    missing(time, grow(time) + GiB),
  ])
  expect(summaries(risen)[0]).toMatch(/unaccounted \+.*most of it buffers of sockets/)
  const steady = repeatReadings(100 * MINUTE, MINUTE, time => [
    sockets(time, 4 * GiB),
    missing(time, grow(time) + 4 * GiB),
  ])
  expect(summaries(steady).at(-1)).toMatch(/unaccounted \+.*no counter explains/)
})
