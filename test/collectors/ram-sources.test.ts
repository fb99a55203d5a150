// The small sources of the account of all RAM: huge pages by size, swap areas and zram, the ARC of ZFS, NUMA nodes, free lists of each CPU.
import { describe, expect, test } from 'vitest'
import { getLatest } from '../../src/base/series.ts'
import { hugepages } from '../../src/collectors/hugepages.ts'
import { numa } from '../../src/collectors/numa.ts'
import { parseSwaps, swap } from '../../src/collectors/swap.ts'
import { zfs } from '../../src/collectors/zfs.ts'
import { parseZoneinfo, zoneinfo } from '../../src/collectors/zoneinfo.ts'
import type { Reading } from '../../src/history.ts'
import { buildHistory, session } from '../fixtures.ts'

const GiB = 2 ** 30
const POOLS = '/sys/kernel/mm/hugepages'
const MEMINFO =
  'MemTotal: 16777216 kB\nMemFree: 6291456 kB\nCached: 2097152 kB\nAnonPages: 3145728 kB\nSlab: 524288 kB\nSReclaimable: 262144 kB\nSwapTotal: 8388608 kB\nSwapFree: 4194304 kB\nVmallocUsed: 1 kB\n'
const read = (collector: Reading['collector'], files: Reading['files'], time = 0): Reading => ({
  time,
  collector,
  files,
})
const meminfoAt = (time: number): Reading => read('meminfo', { '/proc/meminfo': MEMINFO }, time)
const LEFT = 4.5 * GiB - 1024

describe('huge pages', () => {
  const files = {
    [`${POOLS}/hugepages-1048576kB/nr_hugepages`]: '2\n',
    [`${POOLS}/hugepages-1048576kB/free_hugepages`]: '1\n',
    [`${POOLS}/hugepages-2048kB/nr_hugepages`]: '512\n',
    [`${POOLS}/hugepages-2048kB/resv_hugepages`]: '12\n',
    '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  }
  test('are known by size, and the account has all of them', () => {
    const { hugepages: state, meminfo } = buildHistory([
      read('vmstat', { '/proc/vmstat': 'oom_kill 0\n' }),
      read('hugepages', files),
      meminfoAt(0),
    ])
    expect(state.pools).toEqual([
      { size: GiB, pages: 2, free: 1, reserved: 0, surplus: 0 },
      { size: 2 ** 21, pages: 512, free: 0, reserved: 12, surplus: 0 },
    ])
    expect(state.transparent).toBe('madvise')
    expect(meminfo.values.get('unaccounted')).toBe(LEFT - 3 * GiB)
    expect(meminfo.values.get('Hugetlb')).toBe(3 * GiB)
  })

  test('a file that does not change keeps its number, and a pool that goes away is gone', () => {
    const first = hugepages.applyFiles(hugepages.empty, files, 0, session)
    const next = hugepages.applyFiles(first, { [`${POOLS}/hugepages-2048kB/nr_hugepages`]: '600\n' }, 1000, session)
    expect(next.bytes).toBe(2 * GiB + 600 * 2 ** 21)
    const gone = hugepages.applyFiles(next, { [`${POOLS}/hugepages-1048576kB/nr_hugepages`]: null }, 2000, session)
    expect(gone.pools.map(({ size }) => size)).toEqual([2 ** 21])
  })
})

describe('swap', () => {
  test('areas have names with blanks, which the kernel writes as octal numbers', () => {
    const text =
      'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/sda2                               partition\t2097148\t\t97148\t\t-2\n/swap\\040file  file 1024 0 -3\n'
    expect(parseSwaps(text)).toEqual([
      { path: '/dev/sda2', type: 'partition', size: 2_097_148 * 1024, used: 97_148 * 1024, priority: -2 },
      { path: '/swap file', type: 'file', size: 1024 * 1024, used: 0, priority: -3 },
    ])
    expect(parseSwaps('Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n')).toEqual([])
  })

  test('RAM of zram devices is known, and the account has it once', () => {
    const stat = {
      '/proc/swaps': 'Filename Type Size Used Priority\n',
      '/sys/block/zram0/mm_stat': '9663676416 2900000000 3006477107 0 3006477107 1 0\n',
    }
    const before = [read('swap', stat), meminfoAt(0), meminfoAt(1000)]
    expect(buildHistory(before).meminfo.values.get('unaccounted')).toBe(LEFT - 3_006_477_107)
    const withPages = [read('vmstat', { '/proc/vmstat': 'nr_zspages 734000\n' }), ...before]
    const { meminfo } = buildHistory(withPages)
    expect(meminfo.values.get('unaccounted')).toBe(LEFT - 734_000 * 4096)
    expect(meminfo.values.get('CompressedSwap')).toBe(734_000 * 4096)
    expect(getLatest(buildHistory(before).swap.zramUsed)).toBe(3_006_477_107)
    expect(swap.applyFiles(buildHistory(before).swap, { '/sys/block/zram0/mm_stat': null }, 9, session).zram).toEqual(
      [],
    )
  })

  test('before Linux 4.1 a zram device has a file for each of its numbers', () => {
    const old = read('swap', {
      '/proc/swaps': 'Filename Type Size Used Priority\n',
      '/sys/block/zram0/orig_data_size': '9663676416\n',
      '/sys/block/zram0/compr_data_size': '2900000000\n',
      '/sys/block/zram0/mem_used_total': '3006477107\n',
    })
    const history = buildHistory([old, meminfoAt(0), meminfoAt(1000)])
    expect(history.meminfo.values.get('unaccounted')).toBe(LEFT - 3_006_477_107)
    expect(history.swap.zram).toEqual([
      { name: 'zram0', original: 9_663_676_416, compressed: 2_900_000_000, used: 3_006_477_107 },
    ])
  })

  test('on a node with swap the first account waits for vmstat, and only the first', () => {
    expect(buildHistory([meminfoAt(0)]).meminfo.values.has('unaccounted')).toBe(false)
    expect(buildHistory([meminfoAt(0), meminfoAt(1000)]).meminfo.values.get('unaccounted')).toBe(LEFT)
    const zram = read('vmstat', { '/proc/vmstat': 'nr_zspages 734000\n' })
    const late = buildHistory([meminfoAt(0), zram, meminfoAt(1000)]).meminfo.series.unaccounted!
    expect(late.values.slice(0, late.length)).toEqual([LEFT - 734_000 * 4096])
  })
})

test('the ARC of ZFS: its size and bounds, and the pages of it that slab does not have', () => {
  const files = {
    '/proc/spl/kstat/zfs/arcstats':
      '13 1 0x01 96 26112 5391038112 4\nname                            type data\nsize                            4    6442450944\nc                               4    8589934592\nc_min                           4    536870912\nc_max                           4    8589934592\nmetadata_size                   4    805306368\n',
    '/proc/spl/kstat/zfs/abdstats':
      '7 1 0x01 21 5712 1 2\nname                            type data\nstruct_size                     4    81920\nlinear_data_size                4    1073741824\nscatter_data_size               4    4294967296\nscatter_chunk_waste             4    1048576\n',
  }
  const { zfs: state, meminfo } = buildHistory([
    read('vmstat', { '/proc/vmstat': 'oom_kill 0\n' }),
    read('zfs', files),
    meminfoAt(0),
  ])
  expect(state.arc).toEqual({ size: 6 * GiB, target: 8 * GiB, least: GiB / 2, most: 8 * GiB, metadata: 805_306_368 })
  expect(meminfo.values.get('unaccounted')).toBe(LEFT - 4 * GiB - 2 ** 20)
  expect(zfs.explainError?.('ENOENT', '/proc/spl/kstat/zfs/arcstats')).toBe('no ZFS module is loaded')
})

test('NUMA nodes come in the order of their numbers', () => {
  const node = (id: number, free: number) => ({
    [`/sys/devices/system/node/node${id}/meminfo`]: `Node ${id} MemTotal:       4194304 kB\nNode ${id} MemFree:        ${free} kB\nNode ${id} HugePages_Total:     3\n`,
  })
  const state = numa.applyFiles(numa.empty, { ...node(1, 2000), ...node(0, 1000) }, 0, session)
  expect(state.nodes.map(({ id, values }) => [id, values.get('MemFree'), values.get('HugePages_Total')])).toEqual([
    [0, 1000 * 1024, 3],
    [1, 2000 * 1024, 3],
  ])
})

test('the free lists of each CPU are summed by zone, from the kernel’s text and from what is recorded of it', () => {
  const text =
    'Node 0, zone      DMA\n  pages free     3840\n  pagesets\n    cpu: 0\n              count:    0\n              high:     14\nNode 0, zone   Normal\n  per-node stats\n  pages free     90000\n  pagesets\n    cpu: 0\n              count:    3790\n              high:     37900\n    cpu: 1\n              count:    210\n'
  expect(parseZoneinfo(text)).toEqual([
    { zone: '0 DMA', pages: 0 },
    { zone: '0 Normal', pages: 4000 },
  ])
  const files: Record<string, string> = { '/proc/zoneinfo': text }
  const host = { readFile: (path: string) => files[path]! } as never
  const recorded = zoneinfo.openReader(host)(0, false)
  expect(recorded['/proc/zoneinfo']).toBe('Node 0, zone DMA\n count: 0\nNode 0, zone Normal\n count: 4000\n')
  expect(zoneinfo.applyFiles(zoneinfo.empty, recorded, 0, session).bytes).toBe(4000 * 4096)
})
