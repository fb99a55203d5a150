// The IDs of memory cgroups: what holds them on which kernel, and the error when none is left.
import { describe, expect, test } from 'vitest'
import { computeMemcgIds, listExhaustionErrors } from '../../../src/collectors/cgroups/memcg-ids.ts'
import type { Files } from '../../../src/collectors/collector.ts'
import type { Reading } from '../../../src/history.ts'
import { buildHistory } from '../../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const tree: Files = {
  '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
  [`${V2}/cgroup.controllers`]: 'memory\n',
}
const counts = (live: number, dying = 0): Files => ({
  [`${V2}/cgroup.stat`]: `nr_descendants ${live - 1}\nnr_dying_descendants ${dying}\n`,
})
const swap = (used: number): Reading => ({
  time: 0,
  collector: 'meminfo',
  files: { '/proc/meminfo': `MemTotal: 8000000 kB\nSwapTotal: 1000000 kB\nSwapFree: ${1_000_000 - used} kB\n` },
})
test('are not held by removed cgroups if free swap exceeds total swap', () => {
  const overfull = swap(-100)
  const history = buildHistory([overfull, { time: 0, collector: 'cgroups', files: { ...tree, ...counts(5, 3) } }])
  expect(computeMemcgIds({ ...history, session: { ...history.session, kernel: '6.1.0' } })).toMatchObject({
    used: 5,
    heldByRemoved: 0,
  })
})

describe('of removed cgroups', () => {
  const many = { time: 0, collector: 'cgroups', files: { ...tree, ...counts(1000, 60_000) } } as const
  const on = (kernel: string, ...readings: readonly Reading[]) => {
    const history = buildHistory([...readings, many])
    return computeMemcgIds({ ...history, session: { ...history.session, kernel } })
  }

  test.each(['3.10.0-957.el7.x86_64', '4.4.0-21-generic', '4.4.18', 'unknown'])('are kept on %s', kernel => {
    expect(on(kernel)).toMatchObject({ used: 61_000, heldByRemoved: 60_000 })
  })

  test.each([
    '3.10.0-1160.el7.x86_64',
    '4.4.121',
    '4.8.0',
    '4.18.0-553.el8',
    '5.10.0',
    '6.1.176',
    '6.12.94+deb13-amd64',
  ])('are given back on %s', kernel => {
    expect(on(kernel)).toMatchObject({ used: 1000, heldByRemoved: 0 })
    expect(on(kernel, swap(0))).toMatchObject({ used: 1000, heldByRemoved: 0 })
  })

  test('are kept by those with pages in swap: as many at most as there are such pages', () => {
    expect(on('6.1.0', swap(40_000))).toMatchObject({ used: 11_000, heldByRemoved: 10_000 })
    expect(on('6.1.0', swap(900_000))).toMatchObject({ used: 61_000, heldByRemoved: 60_000 })
  })
})

test.each([
  ['3.10.0-514.el7.x86_64', 'ENOSPC'],
  ['3.10.0-957.el7.x86_64', 'ENOSPC or ENOMEM'],
  ['3.10.0-1062.4.1.el7.x86_64', 'ENOMEM'],
  ['4.4.121', 'ENOMEM or ENOSPC'],
  ['unknown', 'ENOSPC or ENOMEM or EBUSY'],
  ['4.6.3', 'ENOSPC'],
  ['4.18.0-553.el8_10.x86_64', 'ENOMEM or ENOSPC'],
  ['4.19.0-21', 'ENOMEM'],
  ['5.4.18', 'ENOMEM'],
  ['5.10.44', 'ENOSPC'],
  ['6.1.20', 'ENOSPC'],
  ['6.9.1', 'ENOSPC or EBUSY'],
  ['6.12.117+deb12-amd64', 'EBUSY'],
  ['6.18.44', 'EBUSY'],
])('end on %s with %s', (kernel, error) => expect(listExhaustionErrors(kernel).join(' or ')).toBe(error))
