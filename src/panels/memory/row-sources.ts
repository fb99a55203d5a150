// Where each row of the memory panel comes from: its value, series and note. Pure.
import { formatBytes, formatList } from '../../base/format.ts'
import { createSeries, getLatest, type Series } from '../../base/series.ts'
import { computeLargeKmalloc } from '../../collectors/large-kmalloc.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { History } from '../../history.ts'

/** A row before it is drawn. Bytes. */
export interface RowSource {
  readonly name: string
  /** rows with the highest rank are dropped first when there is little room */
  readonly rank: number
  readonly value: number
  readonly series: Series
  readonly note: string
}

type RowFinder = (history: History, rank: number) => readonly RowSource[]

/** Names of rows that are no name of the kernel. */
export const ROW = {
  largeKmalloc: 'large kmalloc',
  sockets: 'sockets',
  zfs: 'ZFS ARC',
  freeBlocks: 'free blocks',
  cpuLists: 'CPU lists',
} as const

// In the order of the screen.
const ROWS: readonly (readonly [find: RowFinder, rank: number])[] = [
  [createMeminfoRow('MemAvailable', 'below 3 %: mostly reclaim'), 0],
  [createMeminfoRow('AnonPages'), 2],
  [createMeminfoRow('AnonHugePages', 'in AnonPages', true), 15],
  [createMeminfoRow('Cached'), 3],
  [findZfs, 6],
  [createMeminfoRow('SReclaimable'), 5],
  [createMeminfoRow('SUnreclaim'), 1],
  [createMeminfoRow('KernelStack'), 9],
  [createMeminfoRow('PageTables'), 8],
  [createMeminfoRow('SecPageTables', '', true), 8],
  [createMeminfoRow('Percpu'), 6],
  [createMeminfoRow('VmallocUsed'), 7],
  [createMeminfoRow('GPUActive', 'used by graphics drivers', true), 6],
  [createMeminfoRow('GPUReclaim', 'kept by graphics drivers', true), 16],
  [createMeminfoRow('unaccounted'), 4],
  [createMeminfoRow('Hugetlb', '', true), 11],
  [findHugePagePools, 17],
  [findLargeKmalloc, 12],
  [findSockets, 13],
  [findSwap, 10],
  [findCompressedSwap, 14],
  [findFreeBlocks, 19],
  [findCpuLists, 20],
  [findNumaNodes, 18],
]

/** Returns the rows that this node has, in the order of the screen. */
export const listRowSources = (history: History): readonly RowSource[] =>
  ROWS.flatMap(([find, rank]) => find(history, rank))

// A counter that is zero on most nodes needs no row while it is zero.
function createMeminfoRow(name: MeminfoSeries, note = '', hideZero = false): RowFinder {
  return ({ meminfo: { values, series } }, rank) => {
    const value = values.get(name)
    if (value === undefined || (hideZero && value === 0)) return []
    return [{ name, rank, value, series: series[name] ?? createSeries(1), note }]
  }
}

function findZfs({ zfs: { arc, series } }: History, rank: number): readonly RowSource[] {
  return arc
    ? [{ name: ROW.zfs, rank, value: arc.size, series, note: `cache, shrinks to ${formatBytes(arc.least)}` }]
    : []
}

function findLargeKmalloc({ meminfo, slabinfo }: History, rank: number): readonly RowSource[] {
  const series = computeLargeKmalloc(meminfo, slabinfo)
  const value = getLatest(series) // unknown where slabinfo was read before meminfo only
  if (value === undefined) return []
  return [{ name: ROW.largeKmalloc, rank, value, series, note: 'part of SUnreclaim since 5.4' }]
}

function findSockets({ sockstat: { bytes, series } }: History, rank: number): readonly RowSource[] {
  return bytes === null
    ? []
    : [{ name: ROW.sockets, rank, value: bytes, series: series.bytes, note: 'TCP and UDP buffers' }]
}

function findSwap({ meminfo: { values, series } }: History, rank: number): readonly RowSource[] {
  const total = values.get('SwapTotal') ?? 0
  if (total === 0 || !series.SwapUsed) return []
  return [
    {
      name: 'SwapUsed',
      rank,
      value: values.get('SwapUsed') ?? 0,
      series: series.SwapUsed,
      note: `of ${formatBytes(total)}`,
    },
  ]
}

function findCompressedSwap({ meminfo: { values, series }, swap }: History, rank: number): readonly RowSource[] {
  const value = values.get('CompressedSwap')
  if (!value || !series.CompressedSwap) return []
  const original = swap.zram.reduce((sum, device) => sum + device.original, 0) + (values.get('Zswapped') ?? 0)
  const holders = [swap.zram.length > 0 ? 'zram' : '', (values.get('Zswap') ?? 0) > 0 ? 'zswap' : ''].filter(Boolean)
  const note = `RAM of ${formatList(holders) || 'zsmalloc'}${original > 0 ? ` for ${formatBytes(original)}` : ''}`
  return [{ name: 'CompressedSwap', rank, value, series: series.CompressedSwap, note }]
}

// One pool is in Hugetlb already.
function findHugePagePools({ hugepages: { pools, series } }: History, rank: number): readonly RowSource[] {
  const used = pools.filter(({ pages }) => pages > 0)
  if (used.length < 2) return []
  return used.map(({ size, pages, free }) => ({
    name: `pages ${formatBytes(size).replace('.00', '')}`,
    rank,
    value: pages * size,
    series: series.get(size) ?? createSeries(1),
    note: `${pages} pages, ${free} free`,
  }))
}

function findFreeBlocks({ buddyinfo: { zones, largeBytes } }: History, rank: number): readonly RowSource[] {
  if (zones.length === 0) return []
  const note = 'of 8 pages and more'
  return [{ name: ROW.freeBlocks, rank, value: getLatest(largeBytes) ?? 0, series: largeBytes, note }]
}

function findCpuLists({ zoneinfo: { bytes, series } }: History, rank: number): readonly RowSource[] {
  return bytes === undefined ? [] : [{ name: ROW.cpuLists, rank, value: bytes, series, note: 'free, not in MemFree' }]
}

function findNumaNodes({ numa: { nodes } }: History, rank: number): readonly RowSource[] {
  return nodes.map(({ id, values, free }) => ({
    name: `node ${id} free`,
    rank,
    value: values.get('MemFree') ?? 0,
    series: free,
    note: `of ${formatBytes(values.get('MemTotal'))}`,
  }))
}
