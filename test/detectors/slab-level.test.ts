// The level of unreclaimable slab, and which caches are named.
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/detectors/detector.ts'
import { estimateTimeLeft } from '../../src/detectors/growth/forecast.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { findGrowingCaches, selectTopContributors } from '../../src/detectors/slab/growing-caches.ts'
import { slabGrowth } from '../../src/detectors/slab/slab-growth.ts'
import type { Reading } from '../../src/history.ts'
import { buildHistory, session } from '../fixtures.ts'
import { GiB, MINUTE, MiB, type NodeModel, SECOND, simulateNode } from './node.ts'
import { createMeminfo, createReading } from './readings.ts'

const total = 24 * GiB
const thresholds = defaultThresholds['slab-growth']

function found(node: Omit<NodeModel, 'total'>, length: number, step?: number): readonly Finding[] {
  return slabGrowth.detect(simulateNode({ total, ...node }, length, step).state.history, thresholds)
}

describe('a level', () => {
  test.each([
    [0.05, []],
    [0.12, ['warning']],
    [0.27, ['critical']],
  ])('of %d of RAM that does not change raises %j', (share, severities) => {
    const findings = found({ other: () => share * total }, 2 * MINUTE)
    expect(findings.map(({ severity }) => severity)).toEqual(severities)
  })

  test('names the largest unreclaimable cache', () => {
    const caches = (): ReturnType<NonNullable<NodeModel['caches']>> => ({
      dentry: { bytes: 5 * GiB, objSize: 192 },
      'kmalloc-64': { bytes: 3 * GiB, objSize: 64 },
      filp: { bytes: 1 * GiB, objSize: 192 },
    })
    expect(found({ caches }, MINUTE)[0]?.summary).toContain('mostly kmalloc-64 (3.00 GiB)')
  })

  test('that is critical stays critical while it rises slowly', () => {
    const other = (time: number): number => 0.3 * total + (time * 150 * MiB) / (60 * MINUTE)
    expect(found({ other }, 20 * MINUTE, 5 * SECOND).map(({ severity }) => severity)).toEqual(['critical'])
  })
})

describe('in a young session', () => {
  test('a leak that is present from the start raises an alert within a minute', () => {
    const leaked = (time: number): number => (time * 300 * MiB) / MINUTE
    const caches: NodeModel['caches'] = time => ({ 'kmalloc-64': { bytes: leaked(time), objSize: 64 } })
    const { events } = simulateNode({ total, caches }, MINUTE)
    expect(events[0]?.alert.summary).toContain('kmalloc-64')
  })

  test('nothing is reported within the first seconds', () => {
    expect(simulateNode({ total, other: time => Math.min(time, 10_000) * 0.1 * MiB }, 7 * SECOND).events).toEqual([])
  })
})

test('a rise in no slab cache is reported as such', () => {
  const other = (time: number): number => (Math.max(0, time - 2 * MINUTE) * 300 * MiB) / MINUTE
  expect(found({ other }, 3 * MINUTE)[0]?.summary).toContain('no slab cache grew as much')
})

describe('a level that was reached after slabinfo was last read', () => {
  const read = (time: number, level: number): Reading => createMeminfo(time, { SUnreclaim: level })
  const rows = (time: number, bytes: number): Reading =>
    createReading(time, 'slabinfo', {
      '/proc/slabinfo': `slabinfo - version: 2.1\nTCP ${bytes / 2048} ${bytes / 2048} 2048 16 8 : tunables 0 0 0 : slabdata ${bytes / 32768} ${bytes / 32768} 0\n`,
    })
  const apply = (...readings: readonly Reading[]) =>
    readings.reduce((state, one) => applyReading(state, one, defaultThresholds), createMonitorState(session)).alerts
  const grown = [read(0, GiB), rows(5, GiB / 2), read(1000, 9 * GiB)]

  test('names no cache that was small then, and the right one after the next reading', () => {
    expect(apply(...grown).map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/holds 9.00 GiB \(14 % of RAM\)/),
    ])
    expect(apply(...grown)[0]?.summary).toMatch(/cache unknown until slabinfo is read again/)
    expect(apply(...grown)[0]?.summary).not.toContain('TCP')
    expect(apply(...grown, rows(2000, 8 * GiB))[0]?.summary).toContain('TCP')
  })

  test('shows its growth when it has ended, not the level it ended on', () => {
    const ended = [read(3000, 10 * GiB), read(60_000, 9 * GiB), read(70_000, GiB), read(140_000, GiB)]
    const [alert] = apply(...grown, rows(2000, 8 * GiB), ...ended)
    expect(alert?.resolvedAt).toBe(140_000)
    expect(alert?.summary).toBe('SUnreclaim +8.00 GiB in 1 min: 94 % TCP')
  })
})

describe('the growing caches', () => {
  const { state } = simulateNode(
    {
      total,
      caches: time => ({
        dentry: { bytes: time * 4096, objSize: 192 },
        filp: { bytes: time * 1024, objSize: 192 },
        'kmalloc-64': { bytes: time * 2048, objSize: 64 },
      }),
    },
    2 * MINUTE,
  )

  test('are unreclaimable, the largest growth first', () => {
    expect(findGrowingCaches(state.history, MINUTE).map(({ name }) => name)).toEqual(['kmalloc-64', 'filp'])
    const [largest] = findGrowingCaches(state.history, MINUTE)
    expect(largest!.growth / MiB).toBeCloseTo((60_000 * 2048) / MiB, 0)
  })

  test('that are named cover most of the growth; those that hardly grew are left out', () => {
    const grower = (name: string, growth: number): Parameters<typeof selectTopContributors>[0][number] => ({
      name,
      aliases: [],
      growth,
    })
    const names = (total: number, ...growths: readonly number[]): readonly string[] =>
      selectTopContributors(
        growths.map((growth, i) => grower('abcdef'[i]!, growth)),
        total,
      ).map(({ name }) => name)
    expect(names(100, 71, 18, 4, 3)).toEqual(['a', 'b'])
    expect(names(100, 90, 5, 5)).toEqual(['a'])
    expect(names(100, 20, 20, 20, 20, 20)).toEqual(['a', 'b', 'c', 'd'])
    expect(names(100, 4, 3)).toEqual([])
  })
})

test('time left is the available memory minus a reserve, divided by the rate', () => {
  const meminfo = `MemTotal: ${100 * 1024} kB\nMemFree: 1 kB\nMemAvailable: ${23 * 1024} kB\n`
  const history = buildHistory([{ time: 0, collector: 'meminfo', files: { '/proc/meminfo': meminfo } }])
  expect(estimateTimeLeft(history, { perHour: 10 * MiB })).toBe(2 * 3_600_000)
  expect(estimateTimeLeft(history, { perHour: 0 })).toBeUndefined()
  expect(estimateTimeLeft(history, { perHour: -MiB })).toBeUndefined()
  expect(estimateTimeLeft(buildHistory([]), { perHour: MiB })).toBeUndefined()
})
