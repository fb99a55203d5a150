// Memory that meminfo does not account for: its holder is named if another counter shows it.
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createMeminfo, createReading, GiB, HOUR, MINUTE, MiB, repeatReadings } from './readings.ts'

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

test('of unknown use lists possible holders, huge pages and module caches too', () => {
  const [summary] = summaries([missing(0, 9 * GiB)])
  expect(summary).toContain('not in any counter')
  expect(summary).toContain('ZFS ARC')
})

test('held by a balloon is attributed to it, unless the balloon lowered MemTotal and holds more', () => {
  expect(summaries([missing(0, 9 * GiB, { Balloon: 8 * GiB })])[0]).toContain('mostly a balloon (Balloon 8.00 GiB)')
  expect(summaries([missing(0, 9 * GiB, { Balloon: 20 * GiB })])[0]).toContain('not in any counter')
})

test('that ZFS has block headers for is attributed to its cache', () => {
  const headers = (count: number): Reading =>
    createReading(0, 'slabinfo', {
      '/proc/slabinfo': `slabinfo - version: 2.1\n# name\narc_buf_hdr_t_full ${count} ${count} 256 16 1 : tunables 0 0 0 : slabdata ${count / 16} ${count / 16} 0\n`,
    })
  expect(summaries([headers(64_000), missing(0, 9 * GiB)])[0]).toContain('probably the ZFS ARC')
  expect(summaries([headers(1600), missing(0, 9 * GiB)])[0]).toContain('not in any counter')
})

test('held by sockets is attributed to them, and a rise only if they rose', () => {
  const words = 'mostly socket buffers (TCP and UDP: 6.00 GiB)'
  const grow = (time: number) => 2 * GiB + (6 * GiB * Math.max(0, time - HOUR)) / HOUR
  expect(summaries([sockets(0, 6 * GiB), missing(0, 9 * GiB)])[0]).toContain(words)
  const risen = repeatReadings(100 * MINUTE, MINUTE, time => [
    sockets(time, grow(time)),
    missing(time, grow(time) + GiB),
  ])
  expect(summaries(risen)[0]).toMatch(/unaccounted \+.*mostly socket buffers/)
  const steady = repeatReadings(100 * MINUTE, MINUTE, time => [
    sockets(time, 4 * GiB),
    missing(time, grow(time) + 4 * GiB),
  ])
  expect(summaries(steady).at(-1)).toMatch(/unaccounted \+.*not in any counter/)
})

test('that follows sockets well below tcp_mem raises no alert; close to the limit it does', () => {
  const grow = (time: number) => 2 * GiB + (4 * GiB * Math.max(0, time - HOUR)) / HOUR
  const run = (limit: number) =>
    summaries([
      createReading(0, 'sockstat', { '/proc/sys/net/ipv4/tcp_mem': `1 2 ${limit / session.pageSize}\n` }),
      ...repeatReadings(100 * MINUTE, MINUTE, time => [sockets(time, grow(time)), missing(time, grow(time))]),
    ])
  expect(run(16 * GiB)).toEqual([])
  expect(run(6 * GiB)).toHaveLength(1)
})

test('page tables of virtual machines are no part of it, and are named themselves', () => {
  const grow = (time: number) => 100 * MiB + (300 * MiB * time) / HOUR
  const risen = repeatReadings(3 * HOUR, MINUTE, time => [missing(time, grow(time), { SecPageTables: grow(time) })])
  expect(summaries(risen)).toEqual([expect.stringMatching(/^SecPageTables \+.* memory of virtual machines/)])
})
