// Facts on the page of a memory row that come from sources beside meminfo: huge pages, swap, ZFS, free blocks, NUMA nodes, all RAM. Pure.
import { formatBytes, formatCount, formatPercent } from '../../base/format.ts'
import type { History } from '../../history.ts'
import type { Fact } from '../panel.ts'
import { ROW } from './row-sources.ts'

/** Returns the facts of a row; empty for rows without any. */
export function listSourceFacts(history: History, name: string): readonly Fact[] {
  if (name.startsWith('node ')) return listNodeFacts(history, Number.parseInt(name.slice(5), 10))
  if (name.startsWith('pages ')) return listPoolFacts(history)
  return FACTS[name]?.(history) ?? []
}

const FACTS: Readonly<Record<string, (history: History) => readonly Fact[]>> = {
  unaccounted: listRamTerms,
  Hugetlb: listPoolFacts,
  AnonHugePages: listTransparentFacts,
  SwapUsed: listSwapFacts,
  CompressedSwap: listSwapFacts,
  [ROW.zfs]: listZfsFacts,
  [ROW.freeBlocks]: listBlockFacts,
  [ROW.cpuLists]: ({ zoneinfo: { zones }, session }) =>
    zones.map(({ zone, pages }) => [`zone ${zone}`, formatBytes(pages * session.pageSize)]),
}

// MemTotal term by term: the sum is exact.
function listRamTerms({ meminfo: { account } }: History): readonly Fact[] {
  if (!account) return []
  const terms = account.terms.filter(({ bytes }) => bytes !== 0)
  const format = (bytes: number): string => `${formatBytes(bytes)}, ${formatPercent(bytes / account.total)}`
  return [
    ['MemTotal', formatBytes(account.total)],
    ...terms.map(({ name, bytes }): Fact => [`- ${name}`, format(bytes)]),
    ['= unaccounted', format(account.unaccounted)],
  ]
}

function listPoolFacts({ hugepages: { pools }, meminfo: { values } }: History): readonly Fact[] {
  if (pools.length === 0) {
    const free = (values.get('HugePages_Free') ?? 0) * (values.get('Hugepagesize') ?? 0)
    return [['free huge pages', formatBytes(free)]]
  }
  return pools.map(({ size, pages, free, reserved, surplus }) => [
    `pages of ${formatBytes(size)}`,
    `${formatCount(pages)}, ${formatCount(free)} free (${formatCount(reserved)} reserved), ${formatCount(surplus)} surplus`,
  ])
}

function listTransparentFacts({ hugepages, vmstat: { counters } }: History): readonly Fact[] {
  const list = (
    name: 'thp_fault_alloc' | 'thp_fault_fallback' | 'thp_collapse_alloc',
    label: string,
  ): readonly Fact[] => (counters[name] === undefined ? [] : [[label, formatCount(counters[name])]])
  return [
    ...(hugepages.transparent === undefined ? [] : [['transparent huge pages', hugepages.transparent] as const]),
    ...list('thp_fault_alloc', 'allocated on a fault, since boot'),
    ...list('thp_fault_fallback', 'fell back to small pages'),
    ...list('thp_collapse_alloc', 'collapsed by khugepaged'),
  ]
}

function listSwapFacts({ swap: { areas, zram, zswap }, meminfo: { values } }: History): readonly Fact[] {
  const formatCounter = (name: string): string => formatBytes(values.get(name))
  return [
    ...areas.map(
      ({ path, type, size, used, priority }): Fact => [
        path,
        `${formatBytes(used)} of ${formatBytes(size)}, ${type}, priority ${priority}`,
      ],
    ),
    ...zram.map(
      ({ name, original, compressed, used }): Fact => [
        name,
        `${formatBytes(original)} in ${formatBytes(used)} of RAM (compressed to ${formatBytes(compressed)})`,
      ],
    ),
    ...(values.has('Zswap')
      ? [
          [
            'zswap',
            `${formatCounter('Zswapped')} in ${formatCounter('Zswap')} of RAM, ${describeZswap(zswap)}`,
          ] as const,
        ]
      : []),
    ['SwapCached', formatCounter('SwapCached')],
  ]
}

function describeZswap(parameters: ReadonlyMap<string, string>): string {
  if (parameters.get('enabled') !== 'Y') return 'off'
  const words = [
    parameters.get('compressor'),
    parameters.get('zpool'),
    `at most ${parameters.get('max_pool_percent') ?? '?'} % of RAM`,
  ]
  return words.filter(word => word !== undefined).join(', ')
}

function listZfsFacts({ zfs: { arc, pages } }: History): readonly Fact[] {
  if (!arc) return []
  return [
    ['target (c)', formatBytes(arc.target)],
    ['limits (c_min, c_max)', `${formatBytes(arc.least)} to ${formatBytes(arc.most)}`],
    ...(arc.metadata === undefined ? [] : [['metadata', formatBytes(arc.metadata)] as const]),
    ...(pages === undefined ? [] : [['in pages of its own', `${formatBytes(pages)}; the rest is in slab`] as const]),
  ]
}

// Free blocks of each order, by zone: what an allocation of that size can get without compaction.
function listBlockFacts({ buddyinfo: { zones }, session }: History): readonly Fact[] {
  const orders = Math.max(0, ...zones.map(({ blocks }) => blocks.length))
  const sizes = Array.from({ length: orders }, (_, order) =>
    formatBytes(session.pageSize * 2 ** order).replace('.00', ''),
  )
  const format = (cells: readonly string[]): string => cells.map(cell => cell.padStart(9)).join('')
  return [
    ['block', format(sizes)],
    ...zones.map(({ node, name, blocks }): Fact => [`node ${node} ${name}`, format(blocks.map(formatCount))]),
  ]
}

const NODE_NAMES = [
  'MemTotal',
  'MemFree',
  'MemUsed',
  'AnonPages',
  'FilePages',
  'Shmem',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
]

function listNodeFacts({ numa: { nodes } }: History, id: number): readonly Fact[] {
  const values = nodes.find(node => node.id === id)?.values
  return NODE_NAMES.flatMap((name): readonly Fact[] =>
    values?.has(name) ? [[name, formatBytes(values.get(name))]] : [],
  )
}
