// Whose numbers meminfo holds: a container's with lxcfs, WSL 1's constants, or the node's. No share and no alert from a number of another.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Files } from '../../src/collectors/collector.ts'
import { findOrigin } from '../../src/collectors/meminfo-origin.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { session } from '../fixtures.ts'

const PATH = '/proc/meminfo'
const LXCFS = '70 24 0:47 /proc/meminfo /proc/meminfo rw,nosuid - fuse.lxcfs lxcfs rw,user_id=0\n'
const readCapture = (name: string): string =>
  readFileSync(new URL(`../fixtures/meminfo-origin/${name}.meminfo`, import.meta.url), 'latin1')

const watch = (text: string, { kernel = session.kernel, mounts = '' } = {}): MonitorState => {
  const files: Files = { [PATH]: text, ...(mounts ? { '/proc/self/mountinfo': mounts } : {}) }
  const start = createMonitorState({ ...session, kernel })
  return [0, 60_000, 3_600_000].reduce(
    (state, time) => applyReading(state, { time, collector: 'meminfo', files }, defaultThresholds),
    start,
  )
}

describe('a container with lxcfs', () => {
  test.each(['old-lxcfs', 'new-lxcfs', 'available-over-total'])('%s: no number is larger than MemTotal', name => {
    const { values, origin } = watch(readCapture(name), { mounts: LXCFS }).history.meminfo
    expect(origin).toBe('lxcfs')
    const total = values.get('MemTotal')!
    for (const part of ['MemAvailable', 'MemFree', 'AnonPages', 'SUnreclaim', 'PageTables', 'Percpu'])
      expect(values.get(part) ?? 0, part).toBeLessThanOrEqual(total)
    expect(values.has('unaccounted')).toBe(false)
  })

  test.each(['old-lxcfs', 'new-lxcfs', 'available-over-total'])('%s raises no alert', name => {
    expect(watch(readCapture(name), { mounts: LXCFS }).alerts).toEqual([])
  })

  test('of an early version: the slab and the anonymous pages are the host’s, and the note says so', () => {
    const { values, leftOut, note } = watch(readCapture('old-lxcfs'), { mounts: LXCFS }).history.meminfo
    expect([...values.keys()].toSorted()).toEqual([
      'Buffers',
      'Cached',
      'MemAvailable',
      'MemFree',
      'MemTotal',
      'SwapCached',
      'SwapFree',
      'SwapTotal',
      'SwapUsed',
    ])
    expect(leftOut).toContain('SUnreclaim')
    expect(note).toMatch(/^container view by lxcfs; lines of the host left out: Active, /)
  })

  test('of a later version: its slab and anonymous pages are its own, page tables are the host’s', () => {
    const { values, leftOut } = watch(readCapture('new-lxcfs'), { mounts: LXCFS }).history.meminfo
    expect(values.get('SUnreclaim')).toBe(19_552 * 1024)
    expect(values.get('AnonPages')).toBe(390_596 * 1024)
    expect(leftOut).toEqual(expect.arrayContaining(['KReclaimable', 'PageTables', 'Percpu', 'KernelStack']))
  })

  test('is known for the whole session once the mount was seen', () => {
    const first = watch(readCapture('new-lxcfs'), { mounts: LXCFS })
    const next = applyReading(
      first,
      { time: 3_700_000, collector: 'meminfo', files: { [PATH]: readCapture('old-lxcfs') } },
      defaultThresholds,
    )
    expect(next.history.meminfo.origin).toBe('lxcfs')
    expect(next.history.sources.meminfo).toMatchObject({ note: expect.stringContaining('lxcfs') })
    expect(next.history.sources.meminfo?.error).toBeUndefined()
  })

  test('is recognized by the mount of /proc/meminfo, not by lxcfs running on the node', () => {
    expect(findOrigin('6.8.0', '45 24 0:47 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n')).toBe('kernel')
    expect(findOrigin('6.8.0', '45 24 0:47 /proc /proc rw - fuse.lxcfs lxcfs rw\n')).toBe('lxcfs')
  })
})

test('WSL 1 has no kernel memory: only MemTotal, MemFree and swap count, and nothing is unaccounted', () => {
  const text =
    'MemTotal: 16649240 kB\nMemFree: 9000000 kB\nCached: 188576 kB\nAnonPages: 102584 kB\nSlab: 13868 kB\nSReclaimable: 6744 kB\nSUnreclaim: 7124 kB\nSwapTotal: 1000 kB\nSwapFree: 1000 kB\n'
  const { history, alerts } = watch(text, { kernel: '4.4.0-19041-Microsoft' })
  expect([...history.meminfo.values.keys()]).toEqual(['MemTotal', 'MemFree', 'SwapTotal', 'SwapFree', 'SwapUsed'])
  expect(alerts).toEqual([])
  expect(watch(text, { kernel: '5.15.90.1-microsoft-standard-WSL2' }).history.meminfo.origin).toBe('kernel')
})

test('where MemTotal is 0 nothing is a share of it', () => {
  const { history, alerts } = watch('MemTotal: 0 kB\nMemFree: 0 kB\nSUnreclaim: 500000 kB\nPageTables: 30000 kB\n')
  expect(history.meminfo.values.has('MemTotal')).toBe(false)
  expect(history.meminfo.note).toBe('MemTotal is 0: no shares of RAM')
  expect(alerts.map(({ summary }) => summary)).toEqual([])
})

test('a number larger than MemTotal is left out on every node, and said', () => {
  const { values, note } = watch(
    'MemTotal: 2000000 kB\nMemFree: 1000 kB\nSUnreclaim: 900000000 kB\nCommitted_AS: 9000000 kB\n',
  ).history.meminfo
  expect(values.has('SUnreclaim')).toBe(false)
  expect(values.has('Committed_AS')).toBe(true)
  expect(note).toBe('larger than MemTotal and left out: SUnreclaim')
})
