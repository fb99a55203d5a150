// A simulated node: signals in, the kernel's texts out, as the program would have read them.
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import type { Reading } from '../../src/history.ts'
import { SECOND, type Signal } from './signals.ts'

export const MiB = 2 ** 20
export const GiB = 2 ** 30

/** A node of one case. Bytes; unreclaimable caches make SUnreclaim, the others SReclaimable. */
export interface SimNode {
  readonly total: number
  /** unreclaimable caches, by name: what they hold, and the size of an object */
  readonly caches: Readonly<Record<string, { readonly signal: Signal; readonly objSize: number }>>
  /** inodes and dentries that a walk through the file system has cached, bytes */
  readonly inodes?: Signal
  readonly pageCache?: Signal
  /** bytes of other counters beyond their usual level; `unaccounted` is in no counter */
  readonly gauges?: Gauges
  readonly anon?: Signal
  /** times at which somebody wrote to drop_caches */
  readonly drops?: readonly number[]
  /** times at which the counters of vmstat restart at 0 */
  readonly resets?: readonly number[]
  /** lines of meminfo (bytes) and counters of vmstat beside or instead of the usual ones, and readings of other files */
  readonly lines?: (time: number) => Readonly<Record<string, number>>
  readonly counters?: (time: number) => Readonly<Record<string, number>>
  readonly readings?: (time: number) => readonly Reading[]
  /** the mount table, read with the first meminfo */
  readonly mountinfo?: string
  /** seconds that it is up when the session begins */
  readonly uptime: number
}

export const GAUGES = ['PageTables', 'KernelStack', 'Percpu', 'VmallocUsed', 'unaccounted'] as const
export type Gauge = (typeof GAUGES)[number]
export type Gauges = Readonly<Partial<Record<Gauge, Signal>>>

/** Times of the samples: session ms, rising. */
export type SampleTimes = readonly number[]

export const createSimSession = (host: string, kernel = '5.14.0-427.el9.x86_64'): RecordingHeader => ({
  host,
  kernel,
  bootId: `sim-${host}`,
  wallClock: Date.UTC(2026, 2, 2, 6),
  monotonic: 9_000_000,
  interval: SECOND,
  pageSize: 4096,
  cpus: 8,
})

const formatKib = (name: string, bytes: number): string =>
  `${`${name}:`.padEnd(16)}${String(Math.round(Math.max(0, bytes) / 1024)).padStart(8)} kB\n`

/** Yields the readings of each sample. slabinfo is read every 10 s at most, as the program does. */
export function* generateReadings(node: SimNode, times: SampleTimes): Generator<readonly Reading[]> {
  let slabAt = Number.NEGATIVE_INFINITY
  let kept = ''
  for (const time of times) {
    const bytes = Object.entries(node.caches).map(([name, { signal, objSize }]) => ({
      name,
      objSize,
      bytes: Math.max(0, signal(time)),
    }))
    const inodes = node.inodes?.(time) ?? 0
    const rows = [...bytes, ...createInodeRows(inodes)]
    const meminfo = formatMeminfo(
      node,
      bytes.reduce((all, row) => all + row.bytes, 0) + inodes * COMPANION,
      inodes,
      time,
    )
    const isFirst = time === times[0]
    const mounts = isFirst && node.mountinfo !== undefined ? { '/proc/self/mountinfo': node.mountinfo } : {}
    const readings: Reading[] = [
      ...(node.readings?.(time) ?? []),
      { time, collector: 'meminfo', files: { '/proc/meminfo': meminfo, ...mounts } },
    ]
    if (isFirst) readings.unshift({ time, collector: 'uptime', files: { '/proc/uptime': `${node.uptime}.00 1.00\n` } })
    const vmstat = formatVmstat(node, time)
    if (vmstat !== kept) readings.unshift({ time, collector: 'vmstat', files: { '/proc/vmstat': vmstat } })
    kept = vmstat
    if (time - slabAt >= 10 * SECOND) {
      readings.push({ time, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(rows) } })
      slabAt = time
    }
    yield readings
  }
}

/** Unreclaimable bytes (lsm_inode_cache) per byte of cached inodes. */
const COMPANION = 72 / 1320

const createInodeRows = (inodes: number) => [
  { name: 'ext4_inode_cache', objSize: 1128, bytes: (inodes * 1128) / 1320 },
  { name: 'dentry', objSize: 192, bytes: (inodes * 192) / 1320 },
  { name: 'lsm_inode_cache', objSize: 72, bytes: inodes * COMPANION },
]

// Kernel stacks are vmalloc memory since 4.9: VmallocUsed counts them too.
function formatMeminfo(node: SimNode, unreclaimable: number, inodes: number, time: number): string {
  const { total } = node
  const anon = node.anon?.(time) ?? 0.25 * total
  const cache = node.pageCache?.(time) ?? 0.1 * total
  const reclaimable = 0.005 * total + inodes
  const getGauge = (name: Gauge): number => Math.max(0, node.gauges?.[name]?.(time) ?? 0)
  const gauges = Object.fromEntries(GAUGES.map(name => [name, getGauge(name)])) as Record<Gauge, number>
  const others = GAUGES.reduce((sum, name) => sum + gauges[name], 0)
  const free = total - anon - cache - reclaimable - unreclaimable - 0.01 * total - others
  const special = Object.entries(node.lines?.(time) ?? {}).map(([name, bytes]) => formatKib(name, bytes))
  return (
    formatKib('MemTotal', total) +
    formatKib('MemFree', free) +
    formatKib('MemAvailable', free + cache + reclaimable / 2) +
    formatKib('Buffers', 0) +
    formatKib('Cached', cache) +
    formatKib('SwapCached', 0) +
    formatKib('Active', anon) +
    formatKib('Inactive', cache) +
    formatKib('Unevictable', 0) +
    formatKib('SwapTotal', 0) +
    formatKib('SwapFree', 0) +
    formatKib('Dirty', 0.0005 * total) +
    formatKib('Writeback', 0) +
    formatKib('AnonPages', anon) +
    formatKib('Shmem', 0.005 * total) +
    formatKib('Slab', reclaimable + unreclaimable) +
    formatKib('SReclaimable', reclaimable) +
    formatKib('SUnreclaim', unreclaimable) +
    formatKib('KernelStack', 0.001 * total + gauges.KernelStack) +
    formatKib('PageTables', 0.002 * total + gauges.PageTables) +
    formatKib('Percpu', 0.001 * total + gauges.Percpu) +
    formatKib('VmallocUsed', 0.002 * total + gauges.VmallocUsed + gauges.KernelStack) +
    special.join('')
  )
}

function formatVmstat({ drops = [], resets = [], counters }: SimNode, time: number): string {
  const begin = resets.findLast(at => at <= time) ?? 0
  const count = drops.filter(at => at > begin && at <= time).length
  const more = Object.entries(counters?.(time) ?? {}).map(([name, value]) => `${name} ${value}\n`)
  const scanned = Math.floor((time - begin) / (10 * SECOND))
  return `pgscan_kswapd ${scanned}\npgsteal_kswapd ${scanned}\noom_kill 0\ndrop_pagecache ${count}\ndrop_slab ${count}\n${more.join('')}`
}

function formatSlabinfo(rows: readonly { name: string; objSize: number; bytes: number }[]): string {
  const lines = rows.map(({ name, objSize, bytes }) => {
    const slabs = Math.round(bytes / 4096)
    const objects = Math.floor(bytes / objSize)
    return `${name} ${objects} ${objects} ${objSize} 8 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`
  })
  return `slabinfo - version: 2.1\n# name\n${lines.join('')}`
}
