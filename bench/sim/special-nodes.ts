// Special nodes of the corpus: small ones, ZFS, lxcfs, zram, huge pages, many sockets. What is said of them is as true as of others.
import type { Reading } from '../../src/history.ts'
import type { Kind } from './corpus.ts'
import { GiB, MiB } from './node.ts'
import { createNoise, createSaturation, createWave, MINUTE, SECOND, type Signal, sumSignals } from './signals.ts'

const drawBetween = (random: () => number, low: number, high: number): number => low + random() * (high - low)
const PAGE = 4096

/** The same reading once per interval, because kmemtop reads these files less often than meminfo. */
function createEvery(interval: number, read: (time: number) => Reading): (time: number) => readonly Reading[] {
  let last = Number.NEGATIVE_INFINITY
  return time => {
    if (time - last < interval) return []
    last = time
    return [read(time)]
  }
}

const formatArc = (bytes: number, most: number): string =>
  `size 4 ${Math.round(bytes)}\nc 4 ${Math.round(bytes)}\nc_min 4 ${64 * MiB}\nc_max 4 ${Math.round(most)}\n`

const formatSockstat = (bytes: number): string =>
  `sockets: used 9000\nTCP: inuse 8000 orphan 0 tw 20 alloc 8100 mem ${Math.round(bytes / PAGE)}\nUDP: inuse 4 mem 2\n`

/** GiB of RAM that nodes of these kinds have. */
export const SPECIAL_SIZES: Readonly<Record<string, readonly number[]>> = {
  'small node': [0.5, 1, 1.5, 2],
  'small node with processes': [0.5, 1, 2],
  lxcfs: [1, 2, 4, 8],
}

/** Kinds whose slab counters are not the node's: a leak upon them cannot be seen. */
export const KINDS_WITHOUT_LEAK: ReadonlySet<string> = new Set(['lxcfs'])

export const SPECIAL_KINDS: Readonly<Record<string, Kind>> = {
  'small node': ({ random }) => ({ others: [createNoise(random, 0.6 * MiB, 20 * MINUTE)] }),
  'small node with processes': ({ total, random }) => ({
    gauges: {
      PageTables: createWave(drawBetween(random, 0.001, 0.004) * total, random()),
      KernelStack: createNoise(random, 0.2 * MiB, 5 * MINUTE),
      unaccounted: sumSignals(() => 0.03 * total, createNoise(random, 1.5 * MiB, 20 * MINUTE)),
    },
  }),
  ZFS: ({ total, random }) => {
    const arc: Signal = sumSignals(
      createSaturation(drawBetween(random, 0.15, 0.3) * total, 0, drawBetween(random, 10, 120) * MINUTE),
      createWave(0.02 * total, random()),
    )
    const files = (time: number) => ({
      '/proc/spl/kstat/zfs/arcstats': formatArc(arc(time), 0.4 * total),
      '/proc/spl/kstat/zfs/abdstats': `scatter_data_size 4 ${Math.round(arc(time))}\n`,
    })
    return {
      anon: () => 0.1 * total,
      gauges: { unaccounted: arc },
      readings: createEvery(5 * SECOND, time => ({ time, collector: 'zfs', files: files(time) })),
    }
  },
  lxcfs: ({ total, random }) => {
    const host = createWave(40 * GiB, random())
    return {
      lines: time => ({ Slab: 0, SReclaimable: 60 * GiB, SUnreclaim: 80 * GiB + host(time), PageTables: 12 * GiB }),
      mountinfo: '70 24 0:47 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw\n',
      anon: sumSignals(() => 0.2 * total, createWave(0.1 * total, random())),
    }
  },
  zram: ({ total, random }) => {
    const used = sumSignals(() => 0.1 * total, createWave(0.1 * total, random()))
    return {
      anon: () => 0.2 * total,
      gauges: { unaccounted: time => Math.max(0, used(time)) / 3 },
      lines: time => ({ SwapTotal: 0.5 * total, SwapFree: 0.5 * total - Math.max(0, used(time)) }),
      counters: time => ({ nr_zspages: Math.round(Math.max(0, used(time)) / 3 / PAGE) }),
    }
  },
  'huge pages': ({ total, random }) => {
    const bytes = Math.floor((drawBetween(random, 0.1, 0.2) * total) / (2 * MiB)) * 2 * MiB
    return {
      anon: () => 0.1 * total,
      gauges: { unaccounted: () => bytes },
      lines: () => ({ Hugetlb: bytes, Hugepagesize: 2 * MiB }),
    }
  },
  'many sockets': ({ total, random }) => {
    const limit = 0.09 * total
    const share = drawBetween(random, 0.3, 0.6)
    const bytes = sumSignals(() => 0.5 * share * limit, createWave(0.5 * share * limit, random()))
    const files = (time: number) => ({
      '/proc/net/sockstat': formatSockstat(Math.max(0, bytes(time))),
      ...(time === 0 ? { '/proc/sys/net/ipv4/tcp_mem': `1 2 ${Math.round(limit / PAGE)}\n` } : {}),
    })
    return {
      gauges: { unaccounted: time => Math.max(0, bytes(time)) },
      readings: createEvery(10 * SECOND, time => ({ time, collector: 'sockstat', files: files(time) })),
    }
  },
}
