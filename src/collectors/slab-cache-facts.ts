// The table of well-known slab caches: what they hold, who usually fills them, and what to do. Names in mm/, fs/, net/ since 3.10.

/** Facts about a cache, known from its name. */
export interface CacheFacts {
  readonly what: string
  /** who usually fills it */
  readonly who: string
  readonly advice: string
}

const DROP_CACHES = 'on a test node, echo 2 > /proc/sys/vm/drop_caches shows whether it can be freed'
const COUNT_FILES = 'count open files: /proc/sys/fs/file-nr, then ls /proc/PID/fd of the largest processes'
const TRACE_KMALLOC =
  'perf record -e kmem:kmalloc -g shows the caller; so does /proc/allocinfo with allocation profiling (since 6.10)'
const COMPARE_CGROUPS = 'compare the cgroups in the kernel with the directories in Cgroups (key 2)'
const LIST_SOCKETS = 'ss -s, then ss -tanp for the processes that hold them'
const FOLLOWS_LOAD = 'follows the load'

type CacheFactsRow = readonly [pattern: RegExp, what: string, who: string, advice: string]

// kmalloc-rnd-03-64: CONFIG_RANDOM_KMALLOC_CACHES (since 6.6) has 16 caches of each size
const ROWS: readonly CacheFactsRow[] = [
  [
    /^dentry$/,
    'names of files that were looked up',
    'file walks, health checks, negative lookups',
    `${DROP_CACHES}; /proc/sys/fs/dentry-state counts negative ones`,
  ],
  [
    /^inode_cache$/,
    'inodes of pipes, sockets, eventfds and of simple file systems',
    'open files that are not on disk',
    COUNT_FILES,
  ],
  [/^ext4_inode_cache$/, 'ext4 inodes', 'file walks, many small files', DROP_CACHES],
  [/^xfs_inode$/, 'XFS inodes', 'file walks, many small files', DROP_CACHES],
  [/^xfs_ili$/, 'changed XFS inodes', 'writes to many files; kept as long as the inode', DROP_CACHES],
  [/^xfs_buf/, 'XFS metadata buffers (the pages are elsewhere)', 'metadata load', FOLLOWS_LOAD],
  [/^btrfs_(inode|extent|delayed|path)/, 'btrfs metadata', 'file walks, snapshots', DROP_CACHES],
  [/^nfs_inode_cache$/, 'NFS inodes', 'walks over NFS mounts', DROP_CACHES],
  [/^ovl_inode$/, 'overlayfs inodes: files of containers', 'containers that use many files', DROP_CACHES],
  [/^fuse_inode$/, 'FUSE inodes', 'a FUSE mount', DROP_CACHES],
  [/^proc_inode_cache$/, 'inodes of /proc', 'monitors that walk /proc, open files of dead processes', DROP_CACHES],
  [
    /^shmem_inode_cache$/,
    'tmpfs files, shared memory, memfds',
    'emptyDir of medium Memory, /dev/shm, memfd',
    'df -i of tmpfs mounts; lsof +L1 for deleted ones; it cannot be reclaimed',
  ],
  [/^hugetlbfs_inode_cache$/, 'hugetlbfs files', 'programs with huge pages', FOLLOWS_LOAD],
  [
    /^sock_inode_cache$/,
    'inodes of sockets: one for each open socket',
    'socket leaks; not freed while the socket is open',
    LIST_SOCKETS,
  ],
  [
    /^buffer_head$/,
    'blocks of the page cache on block devices',
    'file systems with blocks smaller than a page',
    DROP_CACHES,
  ],
  [/^radix_tree_node$/, 'index of the page cache and of XArrays', 'large files in the cache', DROP_CACHES],
  [/^(ext4_)?extent_status$/, 'ext4 extents in memory', 'fragmented files', DROP_CACHES],
  [/^jbd2_journal_head$/, 'blocks of a running ext4 transaction', 'heavy metadata writes', FOLLOWS_LOAD],
  [
    /^kmalloc-rcl-/,
    'reclaimable allocations of a size class',
    'names of dentries longer than 32 or 40 bytes',
    DROP_CACHES,
  ],
  [
    /^kmalloc-cg-/,
    'allocations of a size class, charged to cgroups',
    'pipes, message queues, file tables, sockets of containers',
    'find the cgroup by its slab in Cgroups (key 2)',
  ],
  [
    /^(dma-)?kmalloc-(rnd-\d+-)?(8|16|32|64|96)$/,
    'small allocations of any kernel code',
    'eventfds (64), security labels, drivers',
    TRACE_KMALLOC,
  ],
  [
    /^(dma-)?kmalloc-(rnd-\d+-)?(128|192|256|512)$/,
    'allocations of any kernel code',
    'timerfds (256), network and driver structures',
    TRACE_KMALLOC,
  ],
  [
    /^(dma-)?kmalloc-(rnd-\d+-)?\w+$/,
    'large allocations of any kernel code',
    'network buffers, drivers, cgroups (4k, 2k, 1k each)',
    TRACE_KMALLOC,
  ],
  [
    /^kmem_cache(_node)?$/,
    'the caches themselves',
    'on 3.10-5.8 each cgroup has copies of every cache: the kmem accounting leak',
    `${COMPARE_CGROUPS}; boot with cgroup.memory=nokmem`,
  ],
  [/^mem_cgroup(_per_node)?$/, 'memory cgroups', 'cgroups, dying ones too', COMPARE_CGROUPS],
  [
    /^kernfs_(node|iattrs)_cache$/,
    'files of sysfs and cgroupfs: 33 and more for each memory cgroup',
    'cgroups, network devices',
    COMPARE_CGROUPS,
  ],
  [/^cgroup_rstat|^cgroup/, 'cgroup bookkeeping', 'cgroups', COMPARE_CGROUPS],
  [/^percpu_|^pcpu/, 'per-CPU bookkeeping', 'cgroups, BPF maps', COMPARE_CGROUPS],
  [/^filp$/, 'open files', 'a file descriptor leak', COUNT_FILES],
  [/^files_cache$/, 'tables of open files, one for each process', 'many processes', FOLLOWS_LOAD],
  [/^eventpoll_(epi|pwq)$/, 'files watched by epoll', 'event loops with many connections, epoll leaks', COUNT_FILES],
  [/^ep_head$/, 'epoll: heads of watched files', 'epoll leaks', COUNT_FILES],
  [
    /^inotify_inode_mark$|^fsnotify_mark/,
    'inotify watches',
    'kubelet, file watchers',
    '/proc/PID/fdinfo counts inotify lines',
  ],
  [/^fanotify_(mark|event|perm)/, 'fanotify marks and events', 'virus scanners', 'stop the scanner and check again'],
  [/^dnotify_(mark|struct)$/, 'dnotify watches', 'old file watchers', COUNT_FILES],
  [/^posix_timers_cache$/, 'POSIX timers', 'timer_create without timer_delete', '/proc/PID/timers'],
  [/^sigqueue$/, 'queued signals', 'processes that block signals', 'SigQ in /proc/PID/status'],
  [/^file_lock_(cache|ctx)$/, 'file locks', 'databases, lock leaks', '/proc/locks'],
  [/^msg_msg/, 'System V and POSIX messages', 'queues that nobody reads', 'ipcs -q'],
  [/^mqueue_inode_cache$/, 'POSIX message queues', 'queues that nobody removes', 'ls /dev/mqueue'],
  [/^pipe_inode|^pipe/, 'pipes', 'pipe leaks', COUNT_FILES],
  [/^TCP(v6)?$/, 'TCP sockets', 'connections, socket leaks', LIST_SOCKETS],
  [/^UDP(v6|Lite)?$|^PING$|^RAW(v6)?$/, 'UDP and raw sockets', 'socket leaks', LIST_SOCKETS],
  [/^UNIX/, 'Unix sockets', 'local connections, socket leaks', 'ss -xp'],
  [
    /^(tw|request)_sock_TCP/,
    'TCP connections that are opening or closing',
    'many short connections',
    'ss -s; reuse connections',
  ],
  [/^skbuff_/, 'network packets in flight or queued', 'sockets that nobody reads', 'ss -tam: Recv-Q'],
  [
    /^nf_conntrack(_\w+)?$/,
    'connections that the firewall tracks',
    'many short connections, NAT of services',
    'nf_conntrack_count and _max in /proc/sys/net/netfilter',
  ],
  [/^(ip|ip6)_dst_cache$|^rt6?_cache/, 'routes in use', 'many peers; a leak of references', 'ip route show cache'],
  [/^neigh|^arp_cache|^ndisc_cache/, 'neighbours in the network', 'large flat networks', 'ip neigh | wc -l'],
  [/^task_struct$/, 'threads', 'thread leaks, fork storms', 'threads in /proc/loadavg, field 4'],
  [/^signal_cache$|^sighand_cache$/, 'processes', 'process leaks, zombies', 'ps -e --sort=ppid | grep defunct'],
  [/^cred(_jar)?$/, 'identities of processes and open files', 'files and tasks; leaks in drivers', COUNT_FILES],
  [/^pid(_\d)?(_namespace)?$/, 'process IDs', 'processes, open pidfds', 'ls /proc/PID/fd of processes with pidfds'],
  [/^mm_struct$/, 'address spaces', 'processes', FOLLOWS_LOAD],
  [
    /^vm_area_struct$|^vma_lock$/,
    'mapped ranges of processes',
    'processes with many mappings',
    'wc -l /proc/PID/maps | sort -n',
  ],
  [/^anon_vma(_chain)?$/, 'reverse maps of anonymous memory', 'forks of forks', 'processes that fork without exec'],
  [/^maple_node$/, 'index of mapped ranges (6.1 on)', 'processes with many mappings', 'wc -l /proc/PID/maps | sort -n'],
  [
    /^(mnt_cache|net_namespace|nsproxy|uts_namespace|user_namespace)$/,
    'mounts and namespaces',
    'containers that were not torn down; mnt_cache may be merged with POSIX timers',
    'lsns; wc -l /proc/self/mountinfo',
  ],
  [
    /^(bio|biovec|dm_|bio_post)|^blkdev_|^request_queue/,
    'disk requests in flight',
    'slow disks, device mapper',
    'iostat -x',
  ],
  [
    /^ebitmap_node$|^avtab_|^selinux_|^lsm_inode_cache$/,
    'security labels and policy',
    'inodes in the cache; policy reloads',
    DROP_CACHES,
  ],
  [/^bpf_|^trace_event|^ftrace_/, 'BPF and tracing', 'BPF programs and probes', 'bpftool prog; bpftool map'],
  [/^numa_policy$|^shared_policy/, 'memory policies', 'mbind on many ranges', FOLLOWS_LOAD],
  [/^khugepaged|^ksm_/, 'huge pages and merging', 'khugepaged, KSM', FOLLOWS_LOAD],
]

/**
 * Returns a command that shows which code allocates the objects of a cache. The trace event has their size, `bytes_alloc`, which is
 * the object size of slabinfo (mm/slub.c); only since 6.1 it has the name.
 */
export const formatTraceCommand = (objSize: number): string =>
  `perf record -a -g -e kmem:kmem_cache_alloc --filter bytes_alloc==${objSize} -- sleep 10; perf report --stdio | head -50`

/** Returns the facts about a cache; undefined if its name is not in the table. */
export function findCacheFacts(name: string): CacheFacts | undefined {
  const row = ROWS.find(([pattern]) => pattern.test(name))
  if (!row) return undefined
  const [, what, who, advice] = row
  return { what, who, advice }
}
