// /proc/meminfo: where all RAM is. Follows fs/proc/meminfo.c and Documentation/filesystems/proc.rst.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { parseKeyedNumbers } from '../base/text.ts'
import { type Collector, type CollectorReader, createFileReader, type Host, type RecordingHeader } from './collector.ts'
import type { Hugepages } from './hugepages.ts'
import { describeOrigin, filterLxcfsLines, findOrigin, type MeminfoOrigin, selectTrusted } from './meminfo-origin.ts'
import { appendParts, type RamParts, sumKnownParts, sumParts } from './ram-groups.ts'
import { accountForRam, type RamAccount, type RamInputs } from './ram-identity.ts'
import type { SwapState } from './swap.ts'
import type { TopAllocators } from './top-allocators.ts'
import type { Vmstat } from './vmstat.ts'
import type { ZfsCache } from './zfs.ts'
import type { Zoneinfo } from './zoneinfo.ts'

const PATH = '/proc/meminfo'

/** The names whose history is kept. */
export const MEMINFO_SERIES = [
  'MemTotal', // a balloon and memory that is taken offline lower it
  'MemAvailable',
  'MemFree',
  'Buffers',
  'Cached',
  'AnonPages',
  'AnonHugePages',
  'Shmem',
  'Mlocked',
  'Dirty',
  'Writeback',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'SecPageTables',
  'Percpu',
  'VmallocUsed',
  'Hugetlb',
  'GPUActive',
  'GPUReclaim',
  'unaccounted',
  'SwapUsed',
  'CompressedSwap',
] as const
/** A line of meminfo that is kept over time. */
export type MeminfoSeries = (typeof MEMINFO_SERIES)[number]

/** Bytes by the kernel's names (`HugePages_*` are counts), and those of them over time that matter. */
export interface Meminfo {
  /**
   * With `SwapUsed`, `unaccounted` and `CompressedSwap` computed, and `Hugetlb` and `MemAvailable` where the kernel prints none.
   * Only lines that are about this node or container: see `leftOut`.
   */
  readonly values: ReadonlyMap<string, number>
  readonly series: Readonly<Partial<Record<MeminfoSeries, Series>>>
  /** whose numbers these are */
  readonly origin: MeminfoOrigin
  /** lines of the host, constants, and numbers larger than MemTotal */
  readonly leftOut: readonly string[]
  /** what to know about these numbers, in one sentence */
  readonly note?: string
  /** every term of MemTotal; undefined where it cannot be known */
  readonly account?: RamAccount
  /** all RAM in groups, over time */
  readonly parts: RamParts
  /** session time of the first reading */
  readonly firstAt?: number
}

/** What the account of all RAM needs besides meminfo. */
export interface RamSources {
  readonly vmstat: Vmstat
  readonly hugepages: Hugepages
  readonly swap: SwapState
  readonly zfs: ZfsCache
  readonly vmallocinfo: TopAllocators
  readonly zoneinfo: Zoneinfo
}

/** Reads /proc/meminfo in every sample, and keeps its numbers in bytes. */
export const meminfo: Collector<Meminfo> = {
  kind: 'file',
  title: 'memory of the node',
  interval: 0,
  openReader: openMeminfoReader,
  empty: { values: new Map(), series: {}, parts: {}, origin: 'kernel', leftOut: [] },
  applyFiles: (state, files, time, session) => {
    const mounts = MOUNTINFO_PATHS.map(path => files[path]).find(text => typeof text === 'string')
    const origin = mounts === undefined ? getInitialOrigin(state, session) : findOrigin(session.kernel, mounts)
    const text = files[PATH]
    if (text === undefined || text === null) return { ...state, origin }
    const { values, leftOut } = parseMeminfo(text, origin)
    const note = describeOrigin(origin, leftOut, values.get('MemTotal') ?? 0)
    return {
      values,
      series: appendValues(state.series, values, time),
      parts: state.parts,
      origin,
      leftOut,
      ...(note === undefined ? {} : { note }),
      firstAt: state.firstAt ?? time,
    }
  },
  describeNote: ({ note }) => note,
}

const MOUNTINFO_PATHS = ['/proc/self/mountinfo', '/proc/1/mountinfo']

// The mount table is read once: lxcfs is mounted before the first process of a container starts.
function openMeminfoReader(host: Host): CollectorReader {
  const read = createFileReader(host, PATH)
  let isMountRead = false
  return (time, urgent) => {
    const files = read(time, urgent)
    if (isMountRead) return files
    isMountRead = true
    return { ...files, ...readLxcfsMounts(host) }
  }
}

function readLxcfsMounts(host: Host): Record<string, string> {
  for (const pid of host.processes) {
    const path = `/proc/${pid}/mountinfo`
    try {
      const lines = filterLxcfsLines(host.readFile(path))
      return lines === '' ? {} : { [path]: lines }
    } catch {} // the next process
  }
  return {}
}

const getInitialOrigin = (state: Meminfo, { kernel }: RecordingHeader): MeminfoOrigin =>
  state.firstAt === undefined ? findOrigin(kernel, '') : state.origin

function appendValues(
  before: Meminfo['series'],
  values: ReadonlyMap<string, number>,
  time: number,
  names: readonly MeminfoSeries[] = MEMINFO_SERIES,
): Partial<Record<MeminfoSeries, Series>> {
  const series: Partial<Record<MeminfoSeries, Series>> = { ...before }
  for (const name of names) {
    const value = values.get(name)
    if (value !== undefined) series[name] = appendPoint(series[name] ?? createSeries(), time, value)
  }
  return series
}

/** The series that the account adds. */
const COMPUTED: readonly MeminfoSeries[] = ['unaccounted', 'CompressedSwap', 'Hugetlb']

/**
 * Adds the account of all RAM, `unaccounted` and `CompressedSwap`, from the newest states of the sources they need.
 * The first reading of a node with swap waits for /proc/vmstat: without `nr_zspages` the RAM of zram would be unaccounted.
 */
export function addRamAccount(state: Meminfo, sources: RamSources, time: number, session: RecordingHeader): Meminfo {
  const { origin, values, firstAt } = state
  const isWaiting = sources.vmstat.time === null && firstAt === time && (values.get('SwapTotal') ?? 0) > 0
  if (isWaiting) return state
  const account = origin === 'kernel' ? accountForRam(collectInputs(values, sources, session)) : undefined
  if (!account) return { ...state, parts: appendParts(state.parts, sumKnownParts(values), time) }
  const compressed = account.terms.find(({ name }) => name === 'compressed swap')?.bytes
  const hugetlb = account.terms.find(({ name }) => name === 'Hugetlb')?.bytes
  const added = new Map(values).set('unaccounted', account.unaccounted)
  if (compressed) added.set('CompressedSwap', compressed)
  if (hugetlb !== undefined) added.set('Hugetlb', hugetlb)
  const parts = appendParts(state.parts, sumParts(account), time)
  return { ...state, values: added, series: appendValues(state.series, added, time, COMPUTED), account, parts }
}

function collectInputs(values: ReadonlyMap<string, number>, sources: RamSources, session: RecordingHeader): RamInputs {
  const { vmstat, hugepages, swap, zfs, vmallocinfo, zoneinfo } = sources
  const zspages = vmstat.counters.nr_zspages
  const zswapPool = swap.zswap.get('zpool')
  return {
    meminfo: values,
    kernel: session.kernel,
    ...(zspages === undefined ? {} : { zspages: zspages * session.pageSize }),
    ...(zoneinfo.bytes === undefined ? {} : { cpuLists: zoneinfo.bytes }),
    ...(swap.zram.length === 0 ? {} : { zram: swap.zram.reduce((sum, { used }) => sum + used, 0) }),
    ...(zswapPool === undefined ? {} : { zswapPool }),
    ...(hugepages.bytes === undefined ? {} : { hugetlb: hugepages.bytes }),
    ...(vmallocinfo.total === null ? {} : { vmallocPages: vmallocinfo.total }),
    ...(zfs.pages === undefined ? {} : { zfsPages: zfs.pages }),
  }
}

/** The lines to believe, in bytes by name. @throws ParseError when no line is a name and a number, or MemTotal is missing */
export function parseMeminfo(
  text: string,
  origin: MeminfoOrigin = 'kernel',
): { readonly values: ReadonlyMap<string, number>; readonly leftOut: readonly string[] } {
  const printed = parseKeyedNumbers(text, PATH)
  if (!printed.has('MemTotal')) throw new ParseError(PATH, 1, 'MemTotal', text)
  const { values, leftOut } = selectTrusted(printed, origin)
  const swap = values.get('SwapTotal')
  if (swap !== undefined) values.set('SwapUsed', swap - (values.get('SwapFree') ?? 0))
  const available = printed.has('MemAvailable') || origin !== 'kernel' ? undefined : computeAvailable(values)
  if (available !== undefined) values.set('MemAvailable', available)
  return { values, leftOut }
}

// MemAvailable as computed since 3.14 (si_mem_available), without the watermarks, which meminfo does not contain: free pages, file
// pages on the LRU lists (neither shmem nor mlocked pages), and half of the reclaimable slab, the least that the kernel counts.
function computeAvailable(values: ReadonlyMap<string, number>): number | undefined {
  const free = values.get('MemFree')
  if (free === undefined) return undefined
  const getValue = (name: string): number => values.get(name) ?? 0
  const cache = getValue('Cached') + getValue('Buffers') - getValue('Shmem') - getValue('Mlocked')
  const file = values.has('Active(file)') ? getValue('Active(file)') + getValue('Inactive(file)') : Math.max(0, cache)
  return free + file + getValue('SReclaimable') / 2
}
