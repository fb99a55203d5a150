// Small nodes: byte floors scale with RAM, so that the same leak is found within hours, in slab and outside it.
import { expect, test } from 'vitest'
import { GiB, HOUR, MINUTE, MiB } from '../../src/base/units.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { pickCases } from '../full.ts'
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
  { gib: 1, mibPerHour: 8.5, where: 'slab', detector: 'slab-growth', hours: 8 },
  { gib: 1, mibPerHour: 8.5, where: 'driver', detector: 'kernel-memory', hours: 8 },
  { gib: 4, mibPerHour: 24, where: 'slab', detector: 'slab-growth', hours: 3 },
  { gib: 2, mibPerHour: 15, where: 'driver', detector: 'kernel-memory', hours: 8 },
])('$gib GiB, $mibPerHour MiB per hour in $where is found', ({ gib, mibPerHour, where, detector, hours }) => {
  const found = findFirst(createSmallNode(gib * GiB, 12, time => ({ [where]: (mibPerHour * MiB * time) / HOUR })))
  expect(found?.[0]).toBe(detector)
  expect(found?.[1]).toBeLessThanOrEqual(hours)
})

test.each(pickCases([0.5, 2], [0.5, 1, 2, 4]))('a quiet node of %d GiB raises no alert within a day', gib => {
  expect(findFirst(createSmallNode(gib * GiB, 24, () => ({})))).toBeUndefined()
})
