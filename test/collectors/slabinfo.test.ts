// /proc/slabinfo: every row of real kernels, and unusual rows.
import { describe, expect, test } from 'vitest'
import { getLatest, sampleSeries } from '../../src/base/series.ts'
import { parseSlabinfo, slabinfo } from '../../src/collectors/slabinfo.ts'
import { appendReading } from '../../src/history.ts'
import { buildHistory, readFixture, session } from '../fixtures.ts'

const PATH = '/proc/slabinfo'
const HEAD = 'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> …\n'
const row = (name: string, slabs: number, objSize = 64, pages = 1): string =>
  `${name.padEnd(17)} ${slabs * 60} ${slabs * 64} ${objSize} 64 ${pages} : tunables    0    0    0 : slabdata ${slabs} ${slabs} 0\n`

describe.each([
  ['6.18', 0.95],
  ['6.12', 0.8], // small machines: buffers of 9p and the console are large kmallocs, which no cache shows
  ['6.1', 0.5],
])('slabinfo of %s', (kernel, least) => {
  const text = readFixture(kernel, PATH)
  const caches = parseSlabinfo(text, 4096)

  test('has a cache for each of its rows', () => {
    expect(caches.length).toBe(text.trimEnd().split('\n').length - 2)
    expect(caches.length).toBeGreaterThan(100)
  })

  test('adds up to Slab in meminfo, except for large kmallocs', () => {
    const sum = caches.reduce((all, { bytes }) => all + bytes, 0)
    const slab = Number(/^Slab: +(\d+)/m.exec(readFixture(kernel, '/proc/meminfo'))![1]) * 1024
    expect(sum / slab).toBeGreaterThan(least)
    expect(sum / slab).toBeLessThan(1.01)
  })
})

test('a row is parsed number by number', () => {
  const line =
    'kmalloc-64         22780  22784     64   64    2 : tunables    0    0    0 : slabdata    355    356      0\n'
  expect(parseSlabinfo(HEAD + line, 4096)).toEqual([
    {
      key: 'kmalloc-64 64',
      name: 'kmalloc-64',
      activeObjs: 22_780,
      numObjs: 22_784,
      objSize: 64,
      objPerSlab: 64,
      pagesPerSlab: 2,
      numSlabs: 356,
      bytes: 356 * 2 * 4096,
    },
  ])
})

test('SLAB kernels fill in the tunables', () => {
  const line = 'size-64  10 118 64 59 1 : tunables  120   60    8 : slabdata  1  2  0\n'
  expect(parseSlabinfo(HEAD + line, 4096)[0]).toMatchObject({ name: 'size-64', numSlabs: 2, bytes: 8192 })
})

test('pages of 64 KiB make caches 16 times as large', () => {
  const { caches } = slabinfo.applyFiles(slabinfo.empty, { [PATH]: HEAD + row('dentry', 3) }, 0, {
    ...session,
    pageSize: 65_536,
  })
  expect(caches[0]!.bytes).toBe(3 * 65_536)
})

test.each(['my cache', 'ext4(fs)', 'kmalloc-64 12', 'a : b'])('a cache may be called %j', name =>
  expect(parseSlabinfo(HEAD + row(name, 2), 4096).map(cache => cache.name)).toEqual([name]),
)

test('per-cgroup copies are added to their cache and counted', () => {
  const text = `${HEAD}${row('dentry', 3)}${row('dentry(7:web)', 2)}${row('dentry(9:web)', 1)}${row('inode_cache(7:a(b):c)', 5)}`
  const { caches, copies } = slabinfo.applyFiles(slabinfo.empty, { [PATH]: text }, 0, session)
  expect(caches.map(({ name, numSlabs, bytes }) => [name, numSlabs, bytes / 4096])).toEqual([
    ['dentry', 6, 6],
    ['inode_cache', 5, 5],
  ])
  expect([...copies].map(([cache, own]) => [cache, [...own]])).toEqual([
    ['dentry', [['web', 2]]],
    ['inode_cache', [['a(b):c', 1]]],
  ])
})

test('two caches of one name keep their own history', () => {
  const text = (a: number, b: number): string => HEAD + row('fuse_inode', a, 800) + row('fuse_inode', b, 832)
  const first = slabinfo.applyFiles(slabinfo.empty, { [PATH]: text(1, 10) }, 0, session)
  const { caches } = slabinfo.applyFiles(first, { [PATH]: text(2, 20) }, 5000, session)
  expect(caches.map(({ series }) => sampleSeries(series, 0, 5000, 2).map(bytes => bytes! / 4096))).toEqual([
    [1, 2],
    [10, 20],
  ])
})

test('two caches of one name and one size keep their own history', () => {
  const text = (a: number, b: number): string => HEAD + row('twin', a) + row('twin', b)
  const first = slabinfo.applyFiles(slabinfo.empty, { [PATH]: text(1, 10) }, 0, session)
  const { caches } = slabinfo.applyFiles(first, { [PATH]: text(1, 10) }, 5000, session)
  expect(caches.map(({ series }) => sampleSeries(series, 0, 5000, 2).map(bytes => bytes! / 4096))).toEqual([
    [1, 1],
    [10, 10],
  ])
})

describe('a text', () => {
  test('without its header or without a row is an error', () => {
    expect(() => parseSlabinfo(row('dentry', 1), 4096)).toThrow('/proc/slabinfo, line 1: expected slabinfo - version')
    expect(() => parseSlabinfo(HEAD, 4096)).toThrow('/proc/slabinfo, line 3: expected one row per cache')
  })

  test('with a truncated row keeps the others', () => {
    const caches = parseSlabinfo(`${HEAD + row('dentry', 1)}filp  12 24 256 1\n${row('inode_cache', 2)}`, 4096)
    expect(caches.map(({ name }) => name)).toEqual(['dentry', 'inode_cache'])
  })

  test('that cannot be read keeps the last state and says what to do', () => {
    const before = buildHistory([{ time: 0, collector: 'slabinfo', files: { [PATH]: HEAD + row('dentry', 1) } }])
    const error = "EACCES: permission denied, open '/proc/slabinfo'"
    const after = appendReading(before, { time: 5000, collector: 'slabinfo', files: {}, error })
    expect(after.slabinfo).toBe(before.slabinfo)
    expect(getLatest(after.slabinfo.caches[0]?.series)).toBe(4096)
    expect(after.sources.slabinfo).toMatchObject({
      error: expect.stringMatching(/^\/proc\/slabinfo: permission denied/),
      okAt: 0,
      hint: expect.stringContaining('root'),
    })
  })
})
