// Who has what meminfo does not account for, as far as another counter tells: a balloon, the buffers of sockets, the ARC of ZFS; else who it may be.

import { formatBytes } from '../base/format.ts'
import { getValueAt } from '../base/series.ts'
import { MiB } from '../base/units.ts'
import type { History } from '../history.ts'
import type { Rise } from './growth/trend.ts'

/** In words, and a command that settles it. */
export interface LikelyHolder {
  readonly what: string
  readonly confirm: string
}

const UNKNOWN_HOLDER: LikelyHolder = {
  what: 'memory that no counter explains: drivers, network rings, GPU, zram, ZFS ARC, a balloon, huge pages of another size',
  confirm:
    'grep -sH . /sys/kernel/mm/hugepages/*/nr_hugepages; grep -s ^size /proc/spl/kstat/zfs/arcstats; zramctl; ethtool -g IFACE; dmesg | grep -iE "balloon|nvidia|amdgpu|mlx"',
}

const ZFS_RECORD_SIZE = MiB // bytes of a block of ZFS at most, unless somebody allowed more

const ZFS_ARC: LikelyHolder = {
  what: 'most likely the ARC of ZFS, a cache: it gives memory back when there is too little, down to zfs_arc_min',
  confirm: 'grep -E "^(size|c_min|c_max) " /proc/spl/kstat/zfs/arcstats',
}

// Each block in the ARC has a header in slab.
const countZfsBlocks = ({ slabinfo }: History): number =>
  slabinfo.caches.find(({ name }) => name === 'arc_buf_hdr_t_full')?.activeObjs ?? 0

/**
 * The holder of most of it.
 * @param level bytes that are unaccounted for
 * @param rise what they gained, when that is what is told
 */
export function findLikelyHolder(history: History, level: number, rise?: Rise): LikelyHolder {
  const amount = rise?.growth ?? level
  if (computeSocketGrowth(history, rise) > amount / 2) return describeSockets(history)
  const balloon = history.meminfo.values.get('Balloon') ?? 0 // one that lowers MemTotal has more than is missing here
  if (balloon > amount / 2 && balloon <= level * 1.05) return describeBalloon(balloon)
  return countZfsBlocks(history) * ZFS_RECORD_SIZE > amount / 2 ? ZFS_ARC : UNKNOWN_HOLDER
}

function computeSocketGrowth({ sockstat }: History, rise: Rise | undefined): number {
  const { bytes: series } = sockstat.series
  const before = rise ? (getValueAt(series, rise.since) ?? series.values[0] ?? 0) : 0
  return (sockstat.bytes ?? 0) - before
}

const describeSockets = ({ sockstat }: History): LikelyHolder => ({
  what: `most of it buffers of sockets (TCP and UDP have ${formatBytes(sockstat.bytes ?? 0)}): data that nobody reads or acknowledges`,
  confirm: 'cat /proc/net/sockstat; ss -tn | sort -rn -k2 | head; ss -tn | sort -rn -k3 | head',
})

const describeBalloon = (balloon: number): LikelyHolder => ({
  what: `most of it a balloon (Balloon ${formatBytes(balloon)}): the hypervisor took it, and can give it back`,
  confirm: 'grep Balloon /proc/meminfo; dmesg | grep -i balloon',
})
