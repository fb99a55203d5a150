// What Slab has beyond all caches.
import { expect, test } from 'vitest'
import { computeLargeKmalloc } from '../../src/collectors/large-kmalloc.ts'
import { buildHistory, readFixture } from '../fixtures.ts'

test('of a real kernel is the few megabytes that no cache has', () => {
  const { meminfo, slabinfo } = buildHistory([
    { time: 0, collector: 'meminfo', files: { '/proc/meminfo': readFixture('6.18', '/proc/meminfo') } },
    { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': readFixture('6.18', '/proc/slabinfo') } },
  ])
  const { values } = computeLargeKmalloc(meminfo, slabinfo)
  const sum = slabinfo.caches.reduce((all, { bytes }) => all + bytes, 0)
  expect(values).toEqual([meminfo.values.get('Slab')! - sum])
  expect(values[0]).toBeGreaterThan(2 ** 20)
})

test('is not known without slabinfo or meminfo', () => {
  const { meminfo, slabinfo } = buildHistory([])
  expect(computeLargeKmalloc(meminfo, slabinfo).length).toBe(0)
})
