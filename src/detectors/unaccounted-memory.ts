// What holds memory that meminfo does not account for, from other counters: socket buffers, a balloon, the ZFS ARC.
import { formatBytes } from '../base/format.ts'
import { getValueOrFirst } from '../base/series.ts'
import type { History } from '../history.ts'
import type { Rise } from './growth/rise.ts'

/** What holds the memory, and a command that verifies it. */
export interface LikelyHolder {
  readonly what: string
  readonly confirm: string
}

// Memory with a counter that was read is accounted for already: only the others are named.
function describeUnknown({ sources, vmstat }: History): LikelyHolder {
  const unread = [
    ...(vmstat.counters.nr_zspages === undefined ? [['zram', 'zramctl'] as const] : []),
    ...(sources.zfs ? [] : [['ZFS ARC', 'grep -s ^size /proc/spl/kstat/zfs/arcstats'] as const]),
    ...(sources.hugepages
      ? []
      : [['huge pages of another size', 'grep -sH . /sys/kernel/mm/hugepages/*/nr_hugepages'] as const]),
  ]
  const names = ['drivers', 'network rings', 'GPU', ...unread.map(([name]) => name)]
  const commands = [...unread.map(([, command]) => command), 'ethtool -g IFACE', DRIVER_LOG]
  return { what: `not in any counter: ${names.join(', ')} or a balloon`, confirm: commands.join('; ') }
}

const DRIVER_LOG = 'dmesg | grep -iE "balloon|nvidia|amdgpu|mlx"'

const ZFS_RECORD_SIZE = 2 ** 20 // largest ZFS block by default, bytes

const ZFS_ARC: LikelyHolder = {
  what: 'probably the ZFS ARC, a cache that shrinks under pressure down to zfs_arc_min',
  confirm: 'grep -E "^(size|c_min|c_max) " /proc/spl/kstat/zfs/arcstats',
}

// Each block in the ARC has a header in slab.
const countZfsBlocks = ({ slabinfo }: History): number =>
  slabinfo.caches.find(({ name }) => name === 'arc_buf_hdr_t_full')?.activeObjs ?? 0

/**
 * Finds what holds most of it.
 * @param level unaccounted bytes
 * @param rise their rise, if the alert is about one
 */
export function findLikelyHolder(history: History, level: number, rise?: Rise): LikelyHolder {
  const amount = rise?.growth ?? level
  if (computeSocketGrowth(history, rise) > amount / 2) return describeSockets(history)
  const balloon = history.meminfo.values.get('Balloon') ?? 0 // a balloon that lowers MemTotal holds more than is unaccounted for
  if (balloon > amount / 2 && balloon <= level * 1.05) return describeBalloon(balloon)
  return countZfsBlocks(history) * ZFS_RECORD_SIZE > amount / 2 ? ZFS_ARC : describeUnknown(history)
}

const BOUNDED_SHARE = 0.75 // of the limit of TCP memory: TCP MEMORY has its own alert from 90 % on

/**
 * Whether unaccounted memory is mostly socket buffers that are well below the limit of TCP memory. The kernel bounds them, so they
 * cannot use up the node: they follow the load.
 * @param level unaccounted bytes
 * @param rise their rise, if the question is about one
 */
export function isBoundedBySockets(history: History, level: number, rise?: Rise): boolean {
  const { bytes, tcpLimit } = history.sockstat
  const isBounded = bytes !== null && tcpLimit !== null && bytes < BOUNDED_SHARE * tcpLimit
  return isBounded && computeSocketGrowth(history, rise) > (rise?.growth ?? level) / 2
}

function computeSocketGrowth({ sockstat }: History, rise: Rise | undefined): number {
  const { bytes: series } = sockstat.series
  const before = rise ? (getValueOrFirst(series, rise.since) ?? 0) : 0
  return (sockstat.bytes ?? 0) - before
}

const describeSockets = ({ sockstat }: History): LikelyHolder => ({
  what: `mostly socket buffers (TCP and UDP: ${formatBytes(sockstat.bytes ?? 0)}): data not yet read or acknowledged`,
  confirm: 'cat /proc/net/sockstat; ss -tn | sort -rn -k2 | head; ss -tn | sort -rn -k3 | head',
})

const describeBalloon = (balloon: number): LikelyHolder => ({
  what: `mostly a balloon (Balloon ${formatBytes(balloon)}): the hypervisor took it and can return it`,
  confirm: 'grep Balloon /proc/meminfo; dmesg | grep -i balloon',
})
