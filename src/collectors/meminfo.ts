// /proc/meminfo: where all RAM is. Follows fs/proc/meminfo.c and Documentation/filesystems/proc.rst.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { parseKeyedNumbers } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/meminfo'

/** The names whose course over time is kept. */
export const MEMINFO_SERIES = [
  'MemTotal', // a balloon and memory that is taken offline lower it
  'MemAvailable',
  'MemFree',
  'Buffers',
  'Cached',
  'AnonPages',
  'Shmem',
  'Mlocked',
  'Dirty',
  'Writeback',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'Percpu',
  'VmallocUsed',
  'Hugetlb',
  'unaccounted',
  'SwapUsed',
] as const
export type MeminfoSeries = (typeof MEMINFO_SERIES)[number]

/** Bytes by the kernel's names (`HugePages_*` are counts), with `unaccounted`, `SwapUsed` and, where the kernel tells none, `Hugetlb` and `MemAvailable` computed; and their course. */
export interface Meminfo {
  readonly values: ReadonlyMap<string, number>
  readonly series: Readonly<Partial<Record<MeminfoSeries, Series>>>
}

export const meminfo: Collector<Meminfo> = {
  title: 'where all RAM is',
  interval: 0,
  openReader: host => createFileReader(host, PATH),
  empty: { values: new Map(), series: {} },
  applyFiles: (state, files, time, session) => {
    const text = files[PATH]
    if (text === undefined || text === null) return state
    const values = parseMeminfo(text, session.kernel)
    const series: Partial<Record<MeminfoSeries, Series>> = {}
    for (const name of MEMINFO_SERIES) {
      const value = values.get(name)
      const before = state.series[name]
      if (value !== undefined) series[name] = appendPoint(before ?? createSeries(), time, value)
      else if (before) series[name] = before
    }
    return { values, series }
  },
}

/** Bytes by name. @throws ParseError when no line is a name and a number, or MemTotal is missing */
export function parseMeminfo(text: string, kernel = ''): ReadonlyMap<string, number> {
  const values = new Map(parseKeyedNumbers(text, PATH))
  if (!values.has('MemTotal')) throw new ParseError(PATH, 1, 'MemTotal', text)
  const swap = values.get('SwapTotal')
  if (swap !== undefined) values.set('SwapUsed', swap - (values.get('SwapFree') ?? 0))
  const pages = values.get('HugePages_Total')
  if (pages !== undefined && !values.has('Hugetlb')) values.set('Hugetlb', pages * (values.get('Hugepagesize') ?? 0))
  const available = values.has('MemAvailable') ? undefined : computeAvailable(values)
  if (available !== undefined) values.set('MemAvailable', available)
  const unaccounted = computeUnaccounted(values, kernel)
  if (unaccounted !== undefined) values.set('unaccounted', unaccounted)
  return values
}

// MemAvailable as the kernel reckons it from 3.14 on (si_mem_available), but for the watermarks, which meminfo does not tell: free
// pages, the file pages on the LRU lists (so neither shmem nor mlocked ones), and of reclaimable slab half, the least it counts.
function computeAvailable(values: ReadonlyMap<string, number>): number | undefined {
  const free = values.get('MemFree')
  if (free === undefined) return undefined
  const getValue = (name: string): number => values.get(name) ?? 0
  const cache = getValue('Cached') + getValue('Buffers') - getValue('Shmem') - getValue('Mlocked')
  const file = values.has('Active(file)') ? getValue('Active(file)') + getValue('Inactive(file)') : Math.max(0, cache)
  return free + file + getValue('SReclaimable') / 2
}

// MemTotal = MemFree + user pages + slab + page tables + per-CPU + vmalloc + hugetlb + … + unaccounted: what is left is
// memory that drivers and others took straight from the page allocator.
function computeUnaccounted(values: ReadonlyMap<string, number>, kernel: string): number | undefined {
  const total = values.get('MemTotal')
  if (total === undefined || ['MemFree', 'Cached', 'AnonPages', 'SReclaimable'].some(name => !values.has(name)))
    return undefined
  const getValue = (name: string): number => values.get(name) ?? 0
  const slab = values.get('Slab') ?? getValue('SReclaimable') + getValue('SUnreclaim')
  const user =
    getValue('MemFree') + getValue('Buffers') + getValue('Cached') + getValue('SwapCached') + getValue('AnonPages')
  const tables = getValue('PageTables') + getValue('SecPageTables') + getValue('Percpu') + getValue('VmallocUsed')
  const stacks = hasVmallocStacks(values, kernel) ? 0 : getValue('KernelStack')
  return total - user - slab - tables - stacks - getValue('Hugetlb') - getValue('Bounce') - getValue('Zswap')
}

// CONFIG_VMAP_STACK (4.9 on) maps kernel stacks by vmalloc, which VmallocUsed then counts. Up to 5.2 it reads 0.
function hasVmallocStacks(values: ReadonlyMap<string, number>, kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  const isOldKernel = kernel !== '' && (major < 4 || (major === 4 && minor < 9))
  return !isOldKernel && (values.get('VmallocUsed') ?? 0) >= (values.get('KernelStack') ?? 0)
}
