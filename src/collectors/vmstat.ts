// /proc/vmstat: the counters of reclaim and of OOM kills. Follows mm/vmstat.c.
import { emptySeries, push, type Series } from '../base/series.ts'
import { keyedNumbers } from '../base/text.ts'
import { type Collector, readAll } from './collector.ts'

const PATH = '/proc/vmstat'

// What is kept over time, and the kernel's lines it is the sum of: older kernels have one line a zone
// (`pgscan_direct_normal`), 4.8 on one in all (`pgscan_direct`), and allocstall went the other way (`allocstall_movable`).
const SUMS = {
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
} as const
const KEPT_KILLS = 500

export type VmstatCounter = keyof typeof SUMS

/** Counters since boot and their course; a counter the kernel does not have is absent. */
export interface Vmstat {
  readonly counters: Readonly<Partial<Record<VmstatCounter, number>>>
  readonly series: Readonly<Partial<Record<VmstatCounter, Series>>>
  /** when oom_kill rose, and by how much: `count` kills after `after` and not later than `time` */
  readonly kills: readonly { readonly after: number; readonly time: number; readonly count: number }[]
  /** session time of the last reading */
  readonly time: number | null
}

export const vmstat: Collector<Vmstat> = {
  title: 'reclaim and OOM-kill counters',
  interval: 0,
  open: host => readAll(host, PATH),
  empty: { counters: {}, series: {}, kills: [], time: null },
  fold: (memory, files, time) => {
    const text = files[PATH]
    if (text === undefined || text === null) return memory
    const counters = parseVmstat(text)
    const series: Partial<Record<VmstatCounter, Series>> = {}
    for (const [name, value] of Object.entries(counters) as [VmstatCounter, number][]) {
      series[name] = push(memory.series[name] ?? emptySeries(600), time, value)
    }
    const rise = (counters.oom_kill ?? 0) - (memory.counters.oom_kill ?? Number.POSITIVE_INFINITY)
    const kills =
      rise > 0 ? [...memory.kills, { after: memory.time ?? time, time, count: rise }].slice(-KEPT_KILLS) : memory.kills
    return { counters, series, kills, time }
  },
}

/** Sums by our names. @throws ParseError when no line is a name and a number */
export function parseVmstat(text: string): Partial<Record<VmstatCounter, number>> {
  const counters: Partial<Record<VmstatCounter, number>> = {}
  for (const [line, value] of keyedNumbers(text, PATH)) {
    const name = nameOf(line)
    if (name) counters[name] = (counters[name] ?? 0) + value
  }
  return counters
}

const names = new Map<string, VmstatCounter | undefined>()

function nameOf(line: string): VmstatCounter | undefined {
  if (!names.has(line)) {
    const found = Object.entries(SUMS).find(([, pattern]) => pattern.test(line))
    names.set(line, found?.[0] as VmstatCounter | undefined)
  }
  return names.get(line)
}
