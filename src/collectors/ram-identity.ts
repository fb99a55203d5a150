// The identity of all RAM: MemTotal is the sum of these terms and of what no counter knows. Follows fs/proc/meminfo.c, mm/vmstat.c, mm/zswap.c.
import { filterMap } from '../base/filter-map.ts'
import { isKernelBefore } from '../base/kernel-version.ts'

/** What the identity is computed from. Sizes are bytes; what a kernel does not have is absent. */
export interface RamInputs {
  /** `/proc/meminfo`, bytes by name */
  readonly meminfo: ReadonlyMap<string, number>
  /** release, as `uname -r` prints it; empty when unknown */
  readonly kernel: string
  /** `nr_zspages` of /proc/vmstat */
  readonly zspages?: number
  /** free pages in the lists of each CPU, from /proc/zoneinfo */
  readonly cpuLists?: number
  /** what the zram devices hold: mem_used_total */
  readonly zram?: number
  /** the allocator of zswap: `zsmalloc`, `zbud`, `z3fold` */
  readonly zswapPool?: string
  /** huge pages of every size in /sys/kernel/mm/hugepages */
  readonly hugetlb?: number
  /** areas of vmalloc that have pages of their own, from /proc/vmallocinfo */
  readonly vmallocPages?: number
  /** pages of the ZFS ARC that are not in slab */
  readonly zfsPages?: number
}

/** The group that a part of RAM is drawn and summed in. */
export type RamGroup = 'free' | 'anon' | 'cache' | 'slab' | 'kernel'

/** One term of the identity, and where it comes from. */
export interface RamTerm {
  readonly name: string
  readonly group: RamGroup
  /** file and name in it */
  readonly source: string
  /** kernels that have it */
  readonly kernels: string
  readonly note: string
  /** undefined: this kernel does not have it */
  readonly compute: (inputs: RamInputs) => number | undefined
}

const createMeminfoTerm = (name: string, group: RamGroup, kernels: string, note: string): RamTerm => ({
  name,
  group,
  source: `/proc/meminfo ${name}`,
  kernels,
  note,
  compute: ({ meminfo }) => meminfo.get(name),
})

/** Every term, in the order of the table. A page is in one of them only. */
export const RAM_TERMS: readonly RamTerm[] = [
  createMeminfoTerm('MemFree', 'free', 'all', 'free pages of all zones, CmaFree and Unaccepted in it'),
  {
    name: 'per-CPU free lists',
    group: 'free',
    source: '/proc/zoneinfo count of each CPU',
    kernels: 'all',
    note: 'free pages that MemFree does not count; from 6.7 on up to an eighth of RAM',
    compute: ({ cpuLists }) => cpuLists,
  },
  createMeminfoTerm('AnonPages', 'anon', 'all', 'mapped anonymous pages, huge ones (AnonHugePages) in it'),
  createMeminfoTerm('Cached', 'cache', 'all', 'page cache and Shmem, without swap cache and Buffers'),
  createMeminfoTerm('Buffers', 'cache', 'all', 'page cache of block devices'),
  {
    ...createMeminfoTerm(
      'SwapCached',
      'cache',
      'all',
      'only pages that nothing maps: a mapped one is in AnonPages already',
    ),
    compute: computeUnmappedSwapCache,
  },
  createMeminfoTerm('WritebackTmp', 'cache', '2.6.26 on', 'temporary copies of FUSE, not in the page cache'),
  {
    ...createMeminfoTerm('Slab', 'slab', 'all', 'SReclaimable + SUnreclaim; from 5.4 on large kmalloc in it'),
    compute: computeSlab,
  },
  {
    name: 'other reclaimable',
    group: 'kernel',
    source: '/proc/meminfo KReclaimable - SReclaimable',
    kernels: '4.20 on',
    note: 'kernel pages with a shrinker that are not slab',
    compute: computeOtherReclaimable,
  },
  {
    ...createMeminfoTerm(
      'KernelStack',
      'kernel',
      'all',
      'only where VmallocUsed does not hold the stacks: before 4.9, and 4.9 to 5.2 where it reads 0',
    ),
    compute: inputs => (hasVmallocStacks(inputs) ? 0 : inputs.meminfo.get('KernelStack')),
  },
  createMeminfoTerm('PageTables', 'kernel', 'all', 'page tables of processes'),
  createMeminfoTerm('SecPageTables', 'kernel', '6.1 on', 'page tables of KVM and, from 6.11 on, of the IOMMU'),
  createMeminfoTerm('Quicklists', 'kernel', 'up to 5.1', 'cached page tables on some architectures'),
  createMeminfoTerm('Percpu', 'kernel', '4.20 on', 'per-CPU areas; older kernels do not count them'),
  {
    name: 'VmallocUsed',
    group: 'kernel',
    source: '/proc/meminfo VmallocUsed; before 4.4 the pages of /proc/vmallocinfo',
    kernels: '5.3 on; up to 4.3',
    note: 'pages of vmalloc; from 4.4 to 5.2 it reads 0, before 4.4 it is address space with ioremap in it',
    compute: computeVmalloc,
  },
  {
    name: 'Hugetlb',
    group: 'kernel',
    source: '/proc/meminfo Hugetlb; before 4.16 /sys/kernel/mm/hugepages/*/nr_hugepages',
    kernels: 'all',
    note: 'huge pages of every size, used or not',
    compute: computeHugetlb,
  },
  createMeminfoTerm('Bounce', 'kernel', 'all', 'bounce buffers of block devices'),
  createMeminfoTerm('HardwareCorrupted', 'kernel', 'all', 'pages taken out of use after a memory error'),
  {
    name: 'compressed swap',
    group: 'kernel',
    source: '/proc/vmstat nr_zspages; /proc/meminfo Zswap; /sys/block/zram*/mm_stat, before 4.1 mem_used_total',
    kernels: '3.14 on',
    note: 'RAM of zram and zswap; a zswap pool of zsmalloc is in nr_zspages already',
    compute: computeCompressedSwap,
  },
  createMeminfoTerm('GPUActive', 'kernel', '7.x', 'pages that graphics drivers use'),
  createMeminfoTerm('GPUReclaim', 'kernel', '7.x', 'pages that graphics drivers keep and give back on demand'),
  {
    name: 'ZFS ARC',
    group: 'cache',
    source: '/proc/spl/kstat/zfs/abdstats scatter_data_size + scatter_chunk_waste',
    kernels: 'with OpenZFS 0.7 on',
    note: 'blocks of the ARC in pages of their own; blocks in slab caches are in Slab',
    compute: ({ zfsPages }) => zfsPages,
  },
]

/** Where all RAM is. `unaccounted` may be a little below 0: the counters of several CPUs are not read at one moment. */
export interface RamAccount {
  readonly total: number
  /** terms that this kernel has */
  readonly terms: readonly { readonly name: string; readonly group: RamGroup; readonly bytes: number }[]
  /** what drivers and others took straight from the page allocator */
  readonly unaccounted: number
}

const REQUIRED = ['MemTotal', 'MemFree', 'Cached', 'AnonPages', 'SReclaimable']

/** The account of all RAM; undefined where meminfo lacks a term that every kernel has. */
export function accountForRam(inputs: RamInputs): RamAccount | undefined {
  if (REQUIRED.some(name => !inputs.meminfo.has(name))) return undefined
  const total = inputs.meminfo.get('MemTotal')!
  const terms = filterMap(RAM_TERMS, ({ name, group, compute }) => {
    const bytes = compute(inputs)
    return bytes === undefined ? undefined : { name, group, bytes }
  })
  return { total, terms, unaccounted: terms.reduce((rest, { bytes }) => rest - bytes, total) }
}

// The LRU lists hold each page once, mapped or not: what they hold beyond AnonPages, Cached and Buffers is swap cache that
// nothing maps. Where a kernel does not print the lists, all of SwapCached counts.
function computeUnmappedSwapCache({ meminfo }: RamInputs): number | undefined {
  const swapCached = meminfo.get('SwapCached')
  if (!swapCached || !meminfo.has('Active') || !meminfo.has('Inactive')) return swapCached
  const sum = (...names: readonly string[]): number => names.reduce((all, name) => all + (meminfo.get(name) ?? 0), 0)
  const lists = sum('Active', 'Inactive', 'Unevictable')
  return Math.min(swapCached, Math.max(0, lists - sum('AnonPages', 'Cached', 'Buffers')))
}

function computeSlab({ meminfo }: RamInputs): number {
  return meminfo.get('Slab') ?? (meminfo.get('SReclaimable') ?? 0) + (meminfo.get('SUnreclaim') ?? 0)
}

function computeOtherReclaimable({ meminfo }: RamInputs): number | undefined {
  const all = meminfo.get('KReclaimable')
  return all === undefined ? undefined : Math.max(0, all - (meminfo.get('SReclaimable') ?? 0))
}

// CONFIG_VMAP_STACK (4.9 on) maps kernel stacks by vmalloc, which VmallocUsed then counts. From 4.4 to 5.2 it reads 0.
function hasVmallocStacks({ meminfo, kernel }: RamInputs): boolean {
  return !isKernelBefore(kernel, 4, 9) && (meminfo.get('VmallocUsed') ?? 0) >= (meminfo.get('KernelStack') ?? 0)
}

function computeVmalloc({ meminfo, kernel, vmallocPages }: RamInputs): number | undefined {
  const used = meminfo.get('VmallocUsed')
  return isKernelBefore(kernel, 4, 4) && vmallocPages !== undefined ? vmallocPages : used
}

function computeHugetlb({ meminfo, hugetlb }: RamInputs): number | undefined {
  const pages = meminfo.get('HugePages_Total')
  const ofDefaultSize = pages === undefined ? undefined : pages * (meminfo.get('Hugepagesize') ?? 0)
  return meminfo.get('Hugetlb') ?? hugetlb ?? ofDefaultSize
}

// nr_zspages (4.8 on) counts the pages of every zsmalloc pool: all zram devices, and zswap where zsmalloc is its allocator.
function computeCompressedSwap({ meminfo, zspages, zram, zswapPool }: RamInputs): number | undefined {
  const zswap = meminfo.get('Zswap')
  const zsmalloc = zspages ?? zram
  if (zsmalloc === undefined) return zswap
  if (zswap === undefined) return zsmalloc
  if (zswapPool === undefined) return Math.max(zsmalloc, zswap)
  return zspages !== undefined && zswapPool === 'zsmalloc' ? zsmalloc : zsmalloc + zswap
}
