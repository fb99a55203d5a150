// The slab list: any order, rows without a cache, and the details of a row.
import { expect, test } from 'vitest'
import { createInitialState, updateState } from '../../../src/app/state.ts'
import { memoryPanel } from '../../../src/panels/memory/panel.ts'
import { slabPanel } from '../../../src/panels/slab/panel.ts'
import { listSlabRows, SLAB_COLUMNS } from '../../../src/panels/slab/rows.ts'
import { buildHistory, readFixture } from '../../fixtures.ts'

const allocinfo = (bytes: number): string =>
  `allocinfo - version: 1.0\n  ${bytes} 81 mm/x.c:12 func:leaky\n  900 1 mm/y.c:3 func:calm\n`
const history = buildHistory([
  { time: 0, collector: 'meminfo', files: { '/proc/meminfo': readFixture('6.18', '/proc/meminfo') } },
  { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': readFixture('6.18', '/proc/slabinfo') } },
  { time: 0, collector: 'allocinfo', files: { '/proc/allocinfo': allocinfo(1000) } },
  { time: 0, collector: 'sockstat', files: { '/proc/net/sockstat': readFixture('6.18', '/proc/net/sockstat') } },
  { time: 0, collector: 'vmallocinfo', files: { '/proc/vmallocinfo': readFixture('6.18', '/proc/vmallocinfo') } },
  { time: 60_000, collector: 'allocinfo', files: { '/proc/allocinfo': allocinfo(5_000_000) } },
])
const state = createInitialState(history)

test.each(SLAB_COLUMNS.map(column => [column]))('can be sorted by %s, and reversed', column => {
  const by = (reverse: boolean): readonly string[] => {
    let sorted = updateState(state, { type: 'view', panel: 'slab' })
    for (let i = 0; (sorted.ui.panels.slab?.column ?? 'growth') !== column; i++) {
      expect(i).toBeLessThan(SLAB_COLUMNS.length)
      sorted = updateState(sorted, { type: 'sort', columns: SLAB_COLUMNS, by: 1 })
    }
    return listSlabRows(reverse ? updateState(sorted, { type: 'reverse' }) : sorted).map(({ key }) => key)
  }
  expect(by(true).toSorted()).toEqual(by(false).toSorted())
  if (column === 'name') expect(by(true)).toEqual(by(false).toReversed())
  expect(by(false)).toContain('(large kmalloc)')
})

test('sorted by time left, the cache that exhausts memory first comes first', () => {
  const head = 'slabinfo - version: 2.1\n'
  const row = (name: string, slabs: number): string =>
    `${name} 1 1 4096 1 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`
  const at = (time: number, slow: number, fast: number) =>
    ({
      time,
      collector: 'slabinfo',
      files: { '/proc/slabinfo': head + row('still', 90_000) + row('slow', slow) + row('fast', fast) },
    }) as const
  const meminfo = {
    time: 0,
    collector: 'meminfo',
    files: { '/proc/meminfo': readFixture('6.18', '/proc/meminfo') },
  } as const
  const grown = buildHistory([meminfo, ...Array.from({ length: 31 }, (_, i) => at(i * 60_000, 1500 * i, 3000 * i))])
  const sorted = updateState(createInitialState(grown), { type: 'view', panel: 'slab' })
  const ui = { ...sorted.ui, panels: { slab: { column: 'left' } } }
  expect(listSlabRows({ ...sorted, ui }).map(({ name }) => name)).toEqual(['fast', 'slow', 'still'])
})

test('the page of a cache says what it is for, who allocates it, and which call site grew', () => {
  const key = history.slabinfo.caches.find(({ name }) => name === 'dentry')!.key
  const facts = slabPanel.getDetail!(state, key)!.facts.map(fact => fact.join(': '))
  expect(facts.find(fact => fact.startsWith('dentry'))).toContain('drop_caches')
  expect(facts.find(fact => fact.startsWith('call sites'))).toMatch(
    /mm\/x\.c:12 func:leaky +4\.77 MiB, \+4\.77 MiB, 81 calls/,
  )
})

test('the page of a memory counter names its holders', () => {
  const facts = (name: string): string =>
    memoryPanel.getDetail!(state, name)!
      .facts.map(fact => fact.join(' '))
      .join('\n')
  expect(facts('VmallocUsed')).toContain('kernel_clone')
  expect(facts('sockets')).toContain('TCP mem 80')
  expect(facts('large kmalloc')).toContain('func:leaky')
  expect(memoryPanel.getDetail!(state, 'SwapUsed')).toBeUndefined()
})
