// Slab growth on nodes of four sizes: no alert without a problem, a quick one with it, resolved soon after.
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../../src/detectors/monitor-state.ts'
import type { Reading } from '../../../src/history.ts'
import { session } from '../../fixtures.ts'
import { pickCases } from '../../full.ts'
import { createNormal, createRandom } from '../../seeded-random.ts'
import { type AlertChange, GiB, MINUTE, MiB, type NodeModel, SECOND, simulateNode } from '../node.ts'
import { createMeminfo } from '../readings.ts'

const SIZES = [
  ['2 GiB', 2 * GiB],
  ['24 GiB', 24 * GiB],
  ['377 GiB', 377 * GiB],
  ['2 TiB', 2048 * GiB],
] as const
const HOUR = 60 * MINUTE

/** The noise of SUnreclaim: correlated over some minutes, larger on larger nodes. */
function restless(total: number, seed: number): (time: number) => number {
  const normal = createNormal(createRandom(seed))
  const size = Math.max(0.2 * MiB, total * 4e-6)
  let value = 0
  const values: number[] = []
  for (let i = 0; i < 4 * 3600; i++) {
    value = 0.97 * value + size * normal()
    values.push(20 * size + value)
  }
  return time => values[Math.floor(time / SECOND)]!
}

const seen = (events: readonly AlertChange[]): readonly string[] =>
  events.map(({ time, what, alert }) => `${time / SECOND} s: ${what} ${alert.severity} ${alert.summary}`)

describe.each(pickCases([SIZES[0], SIZES[2]], [...SIZES]))('a node of %s', (_, total) => {
  const other = restless(total, total / GiB)

  test('raises no alert within half an hour of noise', () => {
    expect(seen(simulateNode({ total, other }, 30 * MINUTE).events)).toEqual([])
  })

  test('raises none while its page cache fills', () => {
    const warm = (time: number): number => 1 - Math.exp(-time / (4 * MINUTE))
    const node: NodeModel = {
      total,
      other: time => other(time) + 6 * MiB * warm(time),
      cached: time => 0.4 * total * warm(time),
      caches: time => ({ dentry: { bytes: 0.08 * total * warm(time), objSize: 192 } }),
    }
    expect(seen(simulateNode(node, 30 * MINUTE).events)).toEqual([])
  })

  test('raises none for find /, whose unreclaimable caches follow the inodes', () => {
    const most = Math.min(2_000_000, total / 8192)
    const inodes = (time: number): number => Math.min(most, Math.max(0, (time - 5 * MINUTE) / SECOND) * 25_000)
    const node: NodeModel = {
      total,
      other,
      caches: time => ({
        ext4_inode_cache: { bytes: inodes(time) * 1128, objSize: 1128 },
        lsm_inode_cache: { bytes: inodes(time) * 72, objSize: 72 },
        dentry: { bytes: inodes(time) * 192, objSize: 192 },
      }),
    }
    expect(seen(simulateNode(node, 30 * MINUTE).events)).toEqual([])
  })

  test('raises none for a saw-tooth', () => {
    const tooth = Math.min(128, Math.max(32, (0.001 * total) / MiB)) * 1.5 * MiB
    const node: NodeModel = { total, other: time => other(time) + (tooth * (time % (4 * MINUTE))) / (4 * MINUTE) }
    expect(seen(simulateNode(node, 60 * MINUTE, 2 * SECOND).events)).toEqual([])
  })

  test('that leaks 300 MiB per minute raises an alert within a minute that names the cache, critical when the end is near', () => {
    const begin = 10 * MINUTE
    const leaked = (time: number): number => Math.max(0, time - begin) * ((300 * MiB) / MINUTE)
    const node: NodeModel = { total, other, caches: time => ({ 'kmalloc-64': { bytes: leaked(time), objSize: 64 } }) }
    const { events } = simulateNode(node, begin + (total > 1024 * GiB ? 12 : 2) * MINUTE)
    expect(events[0]!.alert.summary).toMatch(/\d+ % kmalloc-64/)
    expect(events[0]!.time - begin).toBeLessThanOrEqual(total > 1024 * GiB ? 12 * MINUTE : MINUTE) // there it is three days to the end
    expect(events[0]!.time).toBeGreaterThanOrEqual(begin)
    const red = events.some(({ alert }) => alert.severity === 'critical')
    expect(red).toBe(total <= 24 * GiB) // half an hour there; on 377 GiB it is most of a day, and may well level off
  })
})

describe('batch jobs on 64 GiB, each of 50 minutes, of which it fills slab for 20', () => {
  const total = 64 * GiB
  const begin = 5 * HOUR
  // the first one is 300 MiB, later ones up to 1.9 times as large
  const heights = [1, 0.9, 1.7, 1.9, 1.2, 0.8].map(share => share * 300 * MiB)
  const run = (time: number): number => {
    const since = time % (100 * MINUTE)
    return since > 50 * MINUTE
      ? 0
      : heights[Math.floor(time / (100 * MINUTE)) % 6]! * Math.min(1, since / (20 * MINUTE))
  }
  const simulate = (perHour: number, length: number): readonly AlertChange[] =>
    simulateNode(
      {
        total,
        other: run,
        caches: time => ({ filp: { bytes: (Math.max(0, time - begin) / HOUR) * perHour, objSize: 192 } }),
      },
      length,
      20 * SECOND,
    ).events.filter(({ what, time }) => what === 'raised' && time > 100 * MINUTE)

  test('raise no alert after the first one, although a later one is nearly twice as large', () => {
    expect(seen(simulate(0, 10 * HOUR))).toEqual([])
  })

  test('hide no leak of 2 GiB an hour for more than an hour', () => {
    const [first] = simulate(2 * GiB, 7 * HOUR)
    expect(first!.time - begin).toBeLessThan(HOUR)
    expect(first!.alert.summary).toContain('filp')
  })
})

describe('200,000 eventfds on 24 GiB: a step of 62 MiB', () => {
  const begin = 10 * MINUTE
  const stepped = (end: number): NodeModel => ({
    total: 24 * GiB,
    other: restless(24 * GiB, 9),
    caches: time => {
      const share = time > end ? 0 : Math.min(1, Math.max(0, (time - begin) / (10 * SECOND)))
      return {
        filp: { bytes: share * 37 * MiB, objSize: 192 },
        'kmalloc-64': { bytes: share * 20 * MiB, objSize: 64 },
        lsm_inode_cache: { bytes: share * 5 * MiB, objSize: 72 },
      }
    },
  })

  test('are reported within a minute as filp', () => {
    const [first] = simulateNode(stepped(20 * MINUTE), begin + 2 * MINUTE).events
    expect(first).toMatchObject({ what: 'raised', alert: { subject: 'SUnreclaim' } })
    expect(first!.alert.summary).toContain('filp')
    expect(first!.time - begin).toBeLessThanOrEqual(MINUTE)
  })

  test('are resolved soon after they are closed', () => {
    const end = begin + 30 * SECOND
    const { events } = simulateNode(stepped(end), begin + 30 * MINUTE)
    expect(events.map(({ what }) => what)).toEqual(['raised', 'resolved'])
    expect(events[1]!.time - end).toBeLessThanOrEqual(90 * SECOND)
  })

  test('that stay open are level and resolved within minutes; the ended alert shows its peak', () => {
    const { events } = simulateNode(stepped(Number.POSITIVE_INFINITY), begin + 40 * MINUTE)
    expect(events.map(({ what }) => what)).toEqual(['raised', 'resolved'])
    expect(events[1]!.time - begin).toBeLessThanOrEqual(8 * MINUTE)
    expect(events[1]!.alert.forecast?.perHour).toBe(0)
    expect(events[1]!.alert.summary).toMatch(/^SUnreclaim \+6\d\.\d MiB in 1 min \d+ s: \d+ % filp/)
  })
})

describe('100 MiB an hour on 24 GiB', () => {
  const begin = HOUR / 2
  const end = begin + 2.5 * HOUR
  const leaked = (time: number): number => ((Math.min(time, end) - Math.min(time, begin)) * 100 * MiB) / HOUR
  const node: NodeModel = {
    total: 24 * GiB,
    other: restless(24 * GiB, 4),
    caches: time => ({ filp: { bytes: leaked(time), objSize: 192 } }),
  }

  const { events } = simulateNode(node, 3.9 * HOUR, 10 * SECOND)

  test('are reported by their trend, and not much longer than they last', () => {
    expect(events[0]).toMatchObject({ what: 'raised' })
    expect(events[0]!.time).toBeGreaterThan(begin)
    expect(events[0]!.time).toBeLessThan(begin + 2 * HOUR)
    expect(events[0]!.alert.summary).toMatch(/filp/)
    expect(events.at(-1)).toMatchObject({ what: 'resolved' })
    expect(events.at(-1)!.time).toBeLessThan(end + HOUR)
  })

  test('are one alert that does not flap around its threshold', () => {
    const gaps = events.flatMap(({ what, time }, i) =>
      what === 'raised' && i > 0 ? [time - events[i - 1]!.time].filter(gap => gap < 5 * MINUTE) : [],
    )
    expect(gaps, seen(events).join('\n')).toEqual([])
  })
})

test('a spike that was acknowledged in an earlier run has grown by what this run saw, not by all of SUnreclaim', () => {
  const readings = Array.from({ length: 180 }, (_, second) =>
    createMeminfo(second * SECOND, { SUnreclaim: 3 * GiB + Math.max(0, second - 12) * 6 * MiB }),
  )
  const step = (state: MonitorState, reading: Reading): MonitorState => applyReading(state, reading, defaultThresholds)
  const first = readings.reduce(step, createMonitorState(session))
  const [alert] = first.alerts.filter(({ title }) => title === 'SLAB GROWTH')
  const remembered = { ...alert!, since: alert!.since - HOUR, acknowledgedAt: -1, seenAt: 15 * MINUTE, overAt: -1 }
  const next = readings.reduce(step, { ...createMonitorState(session), alerts: [remembered] })
  const found = next.alerts.find(({ title }) => title === 'SLAB GROWTH')!
  expect(found.overAt).toBeUndefined()
  expect(found.summary).toMatch(/^SUnreclaim \+0.9[0-9] GiB in /)
})
