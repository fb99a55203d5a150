// The page of a memory counter: its history, what it counts, and who holds the memory if the kernel exposes it.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, formatSignedBytes } from '../../base/format.ts'
import { getFirstTime, getValueAt, getValueOrFirst } from '../../base/series.ts'
import type { TopAllocators } from '../../collectors/top-allocators.ts'
import { RESERVE } from '../../detectors/growth/forecast.ts'
import type { History } from '../../history.ts'
import { listAlertsAbout } from '../links.ts'
import { type Detail, type Fact, GROWTH_WINDOW } from '../panel.ts'
import { listNodeGraphs } from '../panel-graphs.ts'
import { BYTES } from '../value-formats.ts'
import { ROW } from './row-sources.ts'
import { buildMemoryView } from './rows.ts'
import { listSourceFacts } from './source-facts.ts'

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  MemAvailable:
    'Memory that programs can still get without swapping: free pages and reclaimable caches. The kernel’s own estimate (computed the same way before 3.14).',
  AnonPages: 'Anonymous memory of programs: heap, stacks, private mappings.',
  Cached: 'The page cache, including tmpfs and shared memory (Shmem). Shmem cannot be freed while its files exist.',
  SReclaimable: 'Slab caches that the kernel can shrink: dentries, inodes of disk file systems.',
  SUnreclaim: 'Slab caches that only their owners can free. Since 5.4 it includes large kmallocs.',
  KernelStack: 'Stacks of threads, 16 KiB each on most machines.',
  PageTables: 'Page tables of processes. It grows when many processes map the same large memory.',
  SecPageTables:
    'Page tables of virtual machines (KVM) and, from 6.11 on, of the IOMMU. Linux 6.1 and later count them.',
  Percpu:
    'Per-CPU memory: counters of cgroups, network, BPF maps. It grows with the number of cgroups, including dying ones.',
  VmallocUsed: 'Memory mapped by vmalloc: stacks, BPF, modules, large tables. 0 on 4.4-5.2, which do not count it.',
  Hugetlb: 'Reserved huge pages. Nothing else can use them, even while they are free.',
  unaccounted: 'Memory that no line of meminfo counts: pages that drivers and the network allocated directly.',
  'large kmalloc': 'Slab minus all caches: allocations of more than two pages, which slabinfo does not list.',
  sockets: 'Buffers of TCP and UDP sockets. Most of it is in no other line of meminfo.',
  SwapUsed: 'Memory in swap.',
  CompressedSwap: 'RAM in which zram and zswap keep swapped pages, compressed. It is part of used memory.',
  AnonHugePages: 'Anonymous memory in transparent huge pages: part of AnonPages.',
  GPUActive: 'Pages of RAM that graphics drivers use.',
  GPUReclaim: 'Pages of RAM that graphics drivers keep for reuse and give back when memory is short.',
  [ROW.zfs]:
    'The cache of ZFS. It is not in Cached and not in MemAvailable, but ZFS gives it back down to c_min, slowly.',
  [ROW.freeBlocks]:
    'Free memory in blocks of at least 8 pages, which kernel stacks, jumbo frames and many slab caches need.',
  [ROW.cpuLists]:
    'Free pages in the lists of each CPU. MemFree does not count them; since 6.7 they can be an eighth of RAM.',
}

/** Returns the page of the row with this name, or undefined if there is no such row. */
export function buildMemoryDetail(state: AppState, name: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const row = buildMemoryView(history, state.alerts, Number.POSITIVE_INFINITY).rows.find(other => other.name === name)
  if (!row?.series) return undefined
  const since = state.ui.baseline ?? history.time - GROWTH_WINDOW
  const begin = Math.max(since, getFirstTime(row.series) ?? 0)
  const growth = row.value - (getValueOrFirst(row.series, begin) ?? row.value)
  return {
    title: name,
    tone: 'title',
    introduction: DESCRIPTIONS[name] === undefined ? [] : [DESCRIPTIONS[name]],
    graphs: [
      { name, series: row.series, format: BYTES, ...(name === 'MemAvailable' ? { top: getTotal(history) } : {}) },
      ...listNodeGraphs(history)
        .filter(graph => graph.name !== name)
        .slice(0, 3),
    ],
    links: listAlertsAbout(state, 'meminfo', name),
    facts: [
      ['now', formatBytes(row.value)],
      ...(begin < history.time
        ? [['growth', `${formatSignedBytes(growth)} in ${formatDuration(history.time - begin)}`] as const]
        : []),
      ...(row.timeLeft === undefined
        ? []
        : [
            [
              'memory runs out in',
              `~${formatDuration(row.timeLeft)} at this rate: with less than ${formatBytes(RESERVE * getTotal(history))} (${formatPercent(RESERVE)} of RAM) available, a node mostly reclaims`,
            ] as const,
          ]),
      ...listPartFacts(history, name, begin),
    ],
    remedies: [],
  }
}

const getTotal = ({ meminfo: { values } }: History): number => values.get('MemTotal') ?? 0

function listPartFacts(history: History, name: string, since: number): readonly Fact[] {
  const { meminfo, sockstat, vmallocinfo, allocinfo } = history
  const listParts = (...names: readonly string[]): readonly Fact[] =>
    names.flatMap(part => (meminfo.values.has(part) ? [[part, formatBytes(meminfo.values.get(part))] as const] : []))
  switch (name) {
    case 'Cached':
      return listParts('Shmem', 'Mapped', 'Dirty', 'Writeback', 'Buffers')
    case 'VmallocUsed':
      return listAllocatorFacts('callers', vmallocinfo, since, history.sources.vmallocinfo?.hint)
    case 'sockets':
      return [...sockstat.counts].map(([what, value]) => [what, formatCount(value)])
    case 'unaccounted':
    case 'large kmalloc':
      return [
        ...listSourceFacts(history, name),
        ...listAllocatorFacts('call sites', allocinfo, since, history.sources.allocinfo?.hint),
      ]
    default:
      return listSourceFacts(history, name)
  }
}

const MAX_ALLOCATORS = 15

function listAllocatorFacts(
  title: string,
  { list, total }: TopAllocators,
  since: number,
  hint: string | undefined,
): readonly Fact[] {
  if (total === null) return [[title, hint ?? 'not read yet']]
  return list.slice(0, MAX_ALLOCATORS).map(({ name, bytes: size, count: areas, series }, i) => {
    const first = getFirstTime(series) ?? since
    const growth = size - (getValueAt(series, Math.max(first, since)) ?? size)
    return [
      i === 0 ? title : '',
      `${name}  ${formatBytes(size)} in ${formatCount(areas)}, ${formatSignedBytes(growth)}`,
    ]
  })
}
