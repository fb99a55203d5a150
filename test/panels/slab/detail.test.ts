// The page of a cache: its fastest growth, and who has it.
import { describe, expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { appendPoint, createSeries } from '../../../src/base/series.ts'
import { HOUR, MINUTE } from '../../../src/base/units.ts'
import { slabPanel } from '../../../src/panels/slab/panel.ts'
import { findPeakRate } from '../../../src/panels/slab/peak-rate.ts'
import { buildHistory } from '../../fixtures.ts'

const GIB = 2 ** 30

describe('the fastest rate', () => {
  const record = (...values: readonly number[]) =>
    values.reduce((series, value, hour) => appendPoint(series, hour * HOUR, value), createSeries())

  test('is that of the part with the largest growth, also after it has ended', () => {
    const series = record(0, 0, 0, 4 * GIB, 5 * GIB, 5 * GIB, 5 * GIB, 5 * GIB, 5 * GIB)
    const { begin, end, perHour } = findPeakRate(series, 8 * HOUR)!
    expect([begin, end]).toEqual([2 * HOUR + 40 * MINUTE, 3 * HOUR])
    expect(perHour).toBe(12 * GIB) // a step: all of it in 20 minutes
  })

  test('is not there without growth, or without two parts of five minutes', () => {
    expect(findPeakRate(record(5, 4, 3), 2 * HOUR)).toBeUndefined()
    expect(findPeakRate(createSeries(), HOUR)).toBeUndefined()
    expect(findPeakRate(record(0, 5), 9 * MINUTE)).toBeUndefined()
  })
})

describe('the list of those who hold a cache', () => {
  const V2 = '/sys/fs/cgroup'
  const slabinfo = (name: string) =>
    `slabinfo - version: 2.1\n${name} 900 1000 256 16 1 : tunables 0 0 0 : slabdata 3 3 0\n`
  const getFact = (stats: Readonly<Record<string, string>>, name = 'filp') => {
    const files = Object.fromEntries(Object.entries(stats).map(([path, text]) => [`${V2}${path}/memory.stat`, text]))
    const mounts = { '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n` }
    const history = buildHistory([
      { time: 0, collector: 'cgroups', files: { ...mounts, [`${V2}/cgroup.controllers`]: 'memory\n', ...files } },
      { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': slabinfo(name) } },
    ])
    const state = createInitialState(history)
    const [key = ''] = slabPanel.listKeys!(state)
    return slabPanel.getDetail!(state, key)?.facts.find(([fact]) => fact === 'top cgroups')?.[1]
  }

  test('has the cgroups with most slab of its type; those above them are not counted again', () => {
    const stats = {
      '/a': 'slab 9000\nslab_unreclaimable 7168\n',
      '/a/x': 'slab 8000\nslab_unreclaimable 6144\n',
      '/a/y': 'slab 900\nslab_unreclaimable 2048\n',
      '/b': 'slab 8192\nslab_unreclaimable 0\n',
    }
    expect(getFact(stats)).toBe('by unreclaimable slab: /a/x 6.00 KiB, /a/y 2.00 KiB')
    // a cgroup with less than a tenth of the cache is not named
    expect(getFact(stats, 'dentry')).toBe('by slab: /b 8.00 KiB, /a/x 7.81 KiB')
  })

  test('is left out where no cgroup has any', () => expect(getFact({ '/a': 'anon 5\n' })).toBeUndefined())
})
