// The time until all memcg IDs are used: only from a rise that continues.
import { expect, test } from 'vitest'
import type { Files } from '../../src/collectors/collector.ts'
import { estimateIdExhaustion } from '../../src/detectors/memcg-id-forecast.ts'
import { buildHistory } from '../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const HEAD: Files = {
  '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
  [`${V2}/cgroup.controllers`]: 'memory\n',
}
const createStat = (live: number): Files => ({
  [`${V2}/cgroup.stat`]: `nr_descendants ${live - 1}\nnr_dying_descendants 0\n`,
})
/** The forecast after samples of the number of live cgroups. */
const forecast = (...samples: readonly (readonly [seconds: number, live: number])[]): number | undefined =>
  estimateIdExhaustion(
    buildHistory(
      samples.map(([seconds, live], i) => ({
        time: seconds * 1000,
        collector: 'cgroups',
        files: { ...(i === 0 ? HEAD : {}), ...createStat(live) },
      })),
    ),
  )

test('it follows the average rate, whatever the last minute did', () => {
  expect(forecast([0, 5535], [1800, 30_000], [3000, 35_535], [3600, 35_535])).toBe(3_600_000)
})

test('there is none for IDs that fall again', () => {
  expect(forecast([0, 5535], [600, 35_535], [3600, 5000])).toBeUndefined()
})

test('there is none for IDs that rose once and are flat since', () => {
  expect(forecast([0, 15], [60, 215], [660, 215], [3600, 215])).toBeUndefined()
  expect(forecast([0, 5535], [1800, 35_535], [3600, 35_535])).toBeUndefined()
})

test('there is none from a few pods that start at once until ten minutes are known; from many at once there is', () => {
  expect(forecast([0, 5000], [90, 5300])).toBeUndefined()
  expect(forecast([0, 5000], [90, 5300], [600, 5400])).toBeGreaterThan(86_400_000)
  expect(forecast([0, 5000], [20, 8000])).toBeLessThan(600_000)
})

test('it is never negative', () => {
  expect(forecast([0, 5535], [3600, 65_600])).toBe(0)
})
