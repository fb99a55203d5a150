// Small nodes: byte floors scale with RAM, so that the same leak is found within hours, in slab and outside it.
import { expect, test } from 'vitest'
import { GiB, HOUR, MINUTE, MiB } from '../../src/base/units.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createNormal, createRandom } from '../seeded-random.ts'
import { createReading, repeatReadings } from './readings.ts'

/** A quiet small node with some noise; what leaks is taken from MemFree. */
function createSmallNode(total: number, hours: number, leak: (time: number) => Readonly<Record<string, number>>) {
  const noise = createNormal(createRandom(11))
  return repeatReadings(hours * HOUR, MINUTE, time => {
    const { slab = 0, driver = 0 } = leak(time)
    const unreclaimable = 60 * MiB + slab + 0.3 * MiB * noise()
    const free = total - 0.55 * total - unreclaimable - driver
    const lines = {
      MemTotal: total,
      MemFree: free,
      MemAvailable: free + 0.2 * total,
      Cached: 0.25 * total,
      AnonPages: 0.3 * total,
      SUnreclaim: unreclaimable,
      Slab: unreclaimable,
      SReclaimable: 0,
    }
    const text = Object.entries(lines).map(([name, bytes]) => `${name}: ${Math.round(bytes / 1024)} kB\n`)
    return createReading(time, 'meminfo', { '/proc/meminfo': text.join('') })
  })
}

/** Hours until the first alert, and its detector. */
function findFirst(readings: readonly Reading[]): readonly [string, number] | undefined {
  const { alerts } = readings.reduce(
    (state, one) => applyReading(state, one, defaultThresholds),
    createMonitorState(session),
  )
  const [first] = alerts
  return first && [first.detector, first.raisedAt / HOUR]
}

test.each([
  ['1 GiB, 8.5 MiB per hour in slab', GiB, 8.5, 'slab', 'slab-growth', 8],
  ['1 GiB, 8.5 MiB per hour outside slab', GiB, 8.5, 'driver', 'kernel-memory', 8],
  ['4 GiB, 24 MiB per hour in slab', 4 * GiB, 24, 'slab', 'slab-growth', 3],
  ['2 GiB, 15 MiB per hour outside slab', 2 * GiB, 15, 'driver', 'kernel-memory', 8],
])('%s is found', (_, total, mibPerHour, where, detector, hours) => {
  const found = findFirst(createSmallNode(total, 12, time => ({ [where]: (mibPerHour * MiB * time) / HOUR })))
  expect(found?.[0]).toBe(detector)
  expect(found?.[1]).toBeLessThanOrEqual(hours)
})

test.each([0.5, 1, 2, 4])('a quiet node of %d GiB raises no alert within a day', gib => {
  expect(findFirst(createSmallNode(gib * GiB, 24, () => ({})))).toBeUndefined()
})
