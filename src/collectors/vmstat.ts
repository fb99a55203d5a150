// /proc/vmstat: the counters of reclaim and of OOM kills. Follows mm/vmstat.c.
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { parseKeyedNumbers } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/vmstat'

// The counters whose history is kept, and the lines that each is the sum of. Old kernels have one line per zone
// (`pgscan_direct_normal`), kernels since 4.8 one in total (`pgscan_direct`); allocstall changed the other way (`allocstall_movable`).
const COUNTER_PATTERNS = {
  oom_kill: /^oom_kill$/,
  pgscan_direct: /^pgscan_direct(_(dma|dma32|normal|movable|high))?$/,
  pgscan_kswapd: /^pgscan_kswapd(_(dma|dma32|normal|movable|high))?$/,
  pgsteal_direct: /^pgsteal_direct(_(dma|dma32|normal|movable|high))?$/,
  pgsteal_kswapd: /^pgsteal_kswapd(_(dma|dma32|normal|movable|high))?$/,
  allocstall: /^allocstall(_(dma|dma32|normal|movable|high|device))?$/,
  drop_pagecache: /^drop_pagecache$/,
  drop_slab: /^drop_slab$/,
  pswpin: /^pswpin$/,
  pswpout: /^pswpout$/,
  nr_zspages: /^nr_zspages$/, // pages, not a counter since boot
  thp_fault_alloc: /^thp_fault_alloc$/,
  thp_fault_fallback: /^thp_fault_fallback$/,
  thp_collapse_alloc: /^thp_collapse_alloc$/,
} as const
/** so many rises of oom_kill are kept */
export const MAX_COUNTED_KILLS = 500

/** A counter that is kept over time. Some are sums of lines with other names on older kernels. */
export type VmstatCounter = keyof typeof COUNTER_PATTERNS

/** Counters since boot and their history; a counter that the kernel lacks is absent. */
export interface Vmstat {
  readonly counters: Readonly<Partial<Record<VmstatCounter, number>>>
  readonly series: Readonly<Partial<Record<VmstatCounter, Series>>>
  /** rises of oom_kill: `count` kills after `after` and not later than `time` */
  readonly kills: readonly { readonly after: number; readonly time: number; readonly count: number }[]
  /** session time of the last reading */
  readonly time: number | null
}

/** Reads /proc/vmstat in every sample, and keeps some of its counters over time. */
export const vmstat: Collector<Vmstat> = {
  kind: 'file',
  nameless: true,
  title: 'reclaim and OOM-kill counters',
  interval: 0,
  openReader: host => createFileReader(host, PATH),
  empty: { counters: {}, series: {}, kills: [], time: null },
  applyFiles: (state, files, time) => {
    const text = files[PATH]
    if (text === undefined || text === null) return state
    const counters = parseVmstat(text)
    const series: Partial<Record<VmstatCounter, Series>> = {}
    for (const [name, value] of Object.entries(counters) as [VmstatCounter, number][]) {
      series[name] = appendPoint(state.series[name] ?? createSeries(600), time, value)
    }
    const rise = (counters.oom_kill ?? 0) - (state.counters.oom_kill ?? Number.POSITIVE_INFINITY)
    const kills =
      rise > 0
        ? [...state.kills, { after: state.time ?? time, time, count: rise }].slice(-MAX_COUNTED_KILLS)
        : state.kills
    return { counters, series, kills, time }
  },
}

/** Parses the sums by kmemtop's names. @throws ParseError if no line has a name and a number */
export function parseVmstat(text: string): Partial<Record<VmstatCounter, number>> {
  const counters: Partial<Record<VmstatCounter, number>> = {}
  for (const [line, value] of parseKeyedNumbers(text, PATH, isCounted)) {
    const name = findCounter(line)!
    counters[name] = (counters[name] ?? 0) + value
  }
  return counters
}

const isCounted = (line: string): boolean => findCounter(line) !== undefined

const counterNames = new Map<string, VmstatCounter | undefined>()

function findCounter(line: string): VmstatCounter | undefined {
  if (!counterNames.has(line)) {
    const found = Object.entries(COUNTER_PATTERNS).find(([, pattern]) => pattern.test(line))
    counterNames.set(line, found?.[0] as VmstatCounter | undefined)
  }
  return counterNames.get(line)
}
