// What the memory of an OOM report consisted of: anonymous, page cache, tmpfs, kernel.
import type { MemInfoBlock } from '../../collectors/kmsg/oom/mem-info-block.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import { sumHugePages } from './node-cause.ts'

const PAGE = 4096

/** A part of the memory of a report, bytes. */
export interface MemoryPart {
  readonly name:
    | 'processes and cache'
    | 'anonymous'
    | 'page cache'
    | 'shared (tmpfs)'
    | 'kernel'
    | 'page tables'
    | 'slab'
    | 'huge pages'
  readonly bytes: number
}

/** Returns the parts of the memory, the largest first; empty where the report has none. Reads the stats of v1, v2 or Mem-Info. */
export function computeMemoryParts(kill: OomKill, pageSize = PAGE): readonly MemoryPart[] {
  const { stat, memInfo, kmem, memory } = kill
  const parts = memInfo
    ? computeNodeMemoryParts(memInfo, estimatePageSize(kill) ?? pageSize)
    : computeCgroupParts(stat, kmem?.usage ?? null, memory?.usage ?? null)
  return sortParts(parts)
}

const sortParts = (parts: readonly MemoryPart[]): readonly MemoryPart[] =>
  parts.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)

/** The same for a `Mem-Info:` block by itself. */
export const computeNodeMemoryParts = (memInfo: MemInfoBlock, pageSize = PAGE): readonly MemoryPart[] =>
  sortParts([
    ...computeNodeParts(memInfo.pages, memInfo.pageSize ?? pageSize),
    { name: 'huge pages', bytes: sumHugePages(memInfo.hugePages ?? []).bytes },
  ])

function computeNodeParts(pages: Readonly<Record<string, number>>, pageSize: number): readonly MemoryPart[] {
  const sumPages = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + (pages[name] ?? 0) * pageSize, 0)
  const shared = sumPages('shmem')
  return [
    { name: 'anonymous', bytes: Math.max(0, sumPages('active_anon', 'inactive_anon', 'mapped-anon') - shared) },
    { name: 'page cache', bytes: sumPages('active_file', 'inactive_file') },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'slab', bytes: sumPages('slab_reclaimable', 'slab_unreclaimable', 'slab') },
    { name: 'page tables', bytes: sumPages('pagetables') },
  ]
}

const COUNTED = ['active_anon', 'inactive_anon', 'active_file', 'inactive_file', 'slab_unreclaimable', 'free', 'RAM']
const ALSO_COUNTED = [
  ...['isolated_anon', 'isolated_file', 'unevictable', 'slab_reclaimable', 'pagetables', 'sec_pagetables'],
  ...['bounce', 'free_pcp', 'reserved'],
]

/**
 * Returns the bytes of RAM that no counter of a Mem-Info block has: pages that drivers took for themselves, the cache of ZFS,
 * what a hypervisor took back. null where counters are missing. Stacks and per-CPU memory are in it too, which are small.
 */
export function computeUncounted(memInfo: MemInfoBlock, pageSize = PAGE): number | null {
  const { pages, hugePages } = memInfo
  if (!COUNTED.every(name => pages[name] !== undefined)) return null
  const counted = [...COUNTED.slice(0, -1), ...ALSO_COUNTED].reduce((sum, name) => sum + (pages[name] ?? 0), 0)
  return Math.max(0, (pages.RAM! - counted) * (memInfo.pageSize ?? pageSize) - sumHugePages(hugePages ?? []).bytes)
}

// A report without statistics: what is not kernel memory is known as one sum only.
const computeUndividedParts = (kmem: number | null, usage: number | null): readonly MemoryPart[] =>
  kmem === null
    ? []
    : [
        { name: 'kernel', bytes: kmem },
        { name: 'processes and cache', bytes: Math.max(0, (usage ?? 0) - kmem) },
      ]

// v2: anon, file (with shmem), kernel or slab. v1: rss, cache (with shmem); from 5.4 on with total_ for the whole subtree.
function computeCgroupParts(stat: OomKill['stat'], kmem: number | null, usage: number | null): readonly MemoryPart[] {
  if (Object.keys(stat).length === 0) return computeUndividedParts(kmem, usage)
  const getStat = (name: string): number => stat[`total_${name}`] ?? stat[name] ?? 0
  const shared = getStat('shmem')
  const kernel =
    kmem ??
    stat.kernel ??
    getStat('slab') + getStat('kernel_stack') + getStat('pagetables') + getStat('percpu') + getStat('sock')
  return [
    { name: 'anonymous', bytes: stat.anon ?? getStat('rss') },
    { name: 'page cache', bytes: Math.max(0, (stat.file ?? getStat('cache')) - shared) },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'kernel', bytes: usage === null ? kernel : Math.min(kernel, usage) },
  ]
}

/** Bytes of page cache that wait to be written to storage; 0 where the report has none. */
export const computeDirtyBytes = ({ stat }: Pick<OomKill, 'stat'>): number =>
  (stat.file_dirty ?? stat.total_dirty ?? stat.dirty ?? 0) +
  (stat.file_writeback ?? stat.total_writeback ?? stat.writeback ?? 0)
