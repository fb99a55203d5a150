// Slab caches whose owner is known: the alert names it, and gives the advice that helps with it instead of the general one.
import { formatBytes } from '../../base/format.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import { findCacheFacts } from '../../collectors/slab-cache-facts.ts'
import type { History } from '../../history.ts'
import type { Finding, Remedy } from '../detector.ts'
import { replaceFirstStep } from '../remedies/slab-remedies.ts'
import { findGrowingCaches } from './growing-caches.ts'

interface CacheFamily {
  readonly caches: RegExp
  /** what its caches are together */
  readonly describe: (history: History) => string
  /** a shrinker gives the memory back under pressure: never critical */
  readonly isCache?: true
  readonly confirm: NonNullable<Finding['confirm']>
  readonly cost?: string
  readonly remedy: readonly Remedy[]
}

/** Share of the growth from which a family owns it. */
const OWNER_SHARE = 0.5

// module/zfs: dnode.c, dbuf.c, zio.c, sa.c, arc.c, abd_os.c, zfs_znode_os.c
const ZFS_CACHES =
  /^(dnode_t|dmu_buf_impl_t|zio_cache|zio_link_cache|zio_(data_)?buf(_comb)?_\d+|sa_cache|arc_buf(_hdr)?_t\w*|abd_t|zfs_znode_(hold_)?cache|range_seg\w*|sio_cache_\d+|metaslab_alloc_trace_cache|lz4_cache|zil_\w+|brt_\w+|ddt_\w+|zfs_btree_leaf_cache)$/

const FAMILIES: readonly CacheFamily[] = [
  {
    caches: ZFS_CACHES,
    describe: ({ zfs: { arc } }) =>
      arc ? `ZFS metadata (ARC ${formatBytes(arc.size)} of at most ${formatBytes(arc.most)})` : 'ZFS metadata (ARC)',
    isCache: true,
    confirm: {
      text: 'the ARC: its size, its limits, and the metadata in it',
      command:
        'grep -E "^(size|c|c_min|c_max|arc_meta_used|metadata_size|dnode_size|dbuf_size) " /proc/spl/kstat/zfs/arcstats',
    },
    cost: 'ZFS gives it back under pressure, but slowly: sometimes too slowly to prevent an OOM kill',
    remedy: [
      {
        text: 'test whether it is only cache: this drops all clean caches of the node',
        command: 'echo 3 > /proc/sys/vm/drop_caches; grep SUnreclaim /proc/meminfo',
        risk: 'low',
      },
      {
        text: 'limit the ARC (bytes): zfs_arc_max; before OpenZFS 2.2 also zfs_arc_meta_limit',
        command: 'cat /sys/module/zfs/parameters/zfs_arc_max /sys/module/zfs/parameters/zfs_arc_meta_limit',
        risk: 'low',
      },
      { text: 'install OpenZFS 2.2 or later: it balances metadata and data, and shrinks faster', risk: 'high' },
    ],
  },
  {
    caches: /^shmem_inode_cache$/,
    describe: () => 'inodes of tmpfs files and shared memory',
    confirm: { text: 'tmpfs mounts by number of files', command: 'df -i -t tmpfs | sort -k3 -n -r | head' },
    remedy: [
      { text: 'find what creates the files: the mount with most inodes', command: 'df -i -t tmpfs', risk: 'none' },
      { text: 'delete files that nobody needs; a restart of their writer does not free them', risk: 'low' },
      { text: 'limit the mount: size= and nr_inodes= of tmpfs, sizeLimit of an emptyDir in memory', risk: 'low' },
    ],
  },
  {
    caches: /^(TCP|TCPv6|UDP|UDPv6|UNIX|UNIX-STREAM|sock_inode_cache|request_sock_TCP(v6)?|tw_sock_TCP(v6)?)$/,
    describe: () => 'sockets',
    confirm: { text: 'sockets by protocol and state', command: 'ss -s; cat /proc/net/sockstat' },
    remedy: [
      {
        text: 'find the process with most sockets',
        command: 'ss -tunxp | grep -o \'"[^"]*",pid=[0-9]*\' | sort | uniq -c | sort -n | tail',
        risk: 'none',
      },
      { text: 'restart that process, and check whether the cache shrinks', risk: 'low' },
    ],
  },
  {
    caches:
      /^(task_struct|thread_stack|signal_cache|sighand_cache|cred_jar|pid|pid_\d+|mm_struct|files_cache|fs_cache)$/,
    describe: () => 'processes and threads',
    confirm: { text: 'processes with most threads', command: 'ps -eo nlwp,pid,comm --sort=-nlwp | head' },
    remedy: [
      {
        text: 'find what starts threads or processes and does not end them',
        command: 'ps -eo stat,nlwp,pid,comm --sort=-nlwp | head',
        risk: 'none',
      },
      { text: 'restart it; a parent that does not reap its children keeps them as zombies', risk: 'low' },
    ],
  },
]

/** Returns the finding with the owner, the advice and the severity of the caches that most of it is in. */
export function applyKnownOwner(history: History, finding: Finding): Finding {
  const weights = listWeights(history, finding)
  const total = weights.reduce((sum, { bytes }) => sum + bytes, 0)
  const family = FAMILIES.find(({ caches }) => {
    const own = weights.filter(({ name }) => caches.test(name)).reduce((sum, { bytes }) => sum + bytes, 0)
    return total > 0 && own >= OWNER_SHARE * total
  })
  if (!family) return adviseUnknownOwner(history, finding, weights)
  return {
    ...finding,
    severity: family.isCache && finding.severity === 'critical' ? 'warning' : finding.severity,
    summary: `${finding.summary}; mostly ${family.describe(history)}`,
    confirm: family.confirm,
    ...(family.cost === undefined ? {} : { cost: family.cost }),
    remedy: family.remedy,
  }
}

// Open files are no more likely than anything else where most of it is in one cache that is in no list.
function adviseUnknownOwner(
  { slabinfo }: History,
  finding: Finding,
  weights: readonly { readonly name: string; readonly bytes: number }[],
): Finding {
  const total = weights.reduce((sum, { bytes }) => sum + bytes, 0)
  const owner = weights.find(({ name, bytes }) => total > 0 && bytes >= OWNER_SHARE * total && !isListed(name))
  const cache = slabinfo.caches.find(({ name }) => name === owner?.name)
  return cache ? { ...finding, remedy: replaceFirstStep(finding.remedy, cache) } : finding
}

const isListed = (name: string): boolean => name.startsWith('(') || findCacheFacts(name) !== undefined

// By growth where the alert is about a rise, else by size.
function listWeights(history: History, { foundBy, since }: Finding): readonly { name: string; bytes: number }[] {
  const isRise = foundBy?.some(rule => rule !== 'level')
  if (isRise) return findGrowingCaches(history, since).map(({ name, growth }) => ({ name, bytes: growth }))
  return history.slabinfo.caches.filter(({ name }) => !isReclaimable(history.slab, name))
}
