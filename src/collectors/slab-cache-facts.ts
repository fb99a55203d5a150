// What slab caches are for, who usually fills them, and what helps: the telling ones. Names as of mm/, fs/, net/ from 3.10 on.

/** What is known of a cache by its name. */
export interface CacheFacts {
  readonly what: string
  /** who usually fills it */
  readonly who: string
  readonly advice: string
}

const DROP_CACHES = 'echo 2 > /proc/sys/vm/drop_caches in a test shows whether it can be freed'
const COUNT_FILES = 'count open files: /proc/sys/fs/file-nr, then ls /proc/PID/fd of the largest'
const TRACE_KMALLOC =
  'perf record -e kmem:kmalloc -g names the caller; with allocation profiling (6.10 on) so does /proc/allocinfo'
const COMPARE_CGROUPS = 'compare cgroups in the kernel with directories in view 2'
const LIST_SOCKETS = 'ss -s, then ss -tanp for who holds them'
const FOLLOWS_LOAD = 'follows the load'

type CacheFactsRow = readonly [pattern: RegExp, what: string, who: string, advice: string]

// kmalloc-rnd-03-64: CONFIG_RANDOM_KMALLOC_CACHES (6.6 on) has 16 caches of a size
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
    'open files that are no disk files',
    COUNT_FILES,
  ],
  [/^ext4_inode_cache$/, 'ext4 inodes', 'file walks, many small files', DROP_CACHES],
  [/^xfs_inode$/, 'XFS inodes', 'file walks, many small files', DROP_CACHES],
  [/^xfs_ili$/, 'XFS inodes that were changed', 'writing many files; kept as long as the inode', DROP_CACHES],
  [/^xfs_buf/, 'XFS metadata buffers (the pages are elsewhere)', 'metadata load', FOLLOWS_LOAD],
  [/^btrfs_(inode|extent|delayed|path)/, 'btrfs metadata', 'file walks, snapshots', DROP_CACHES],
  [/^nfs_inode_cache$/, 'NFS inodes', 'walks over NFS mounts', DROP_CACHES],
  [/^ovl_inode$/, 'overlayfs inodes: files of containers', 'containers that touch many files', DROP_CACHES],
  [/^fuse_inode$/, 'FUSE inodes', 'a FUSE mount', DROP_CACHES],
  [
    /^proc_inode_cache$/,
    'inodes of /proc',
    'monitors that walk /proc, dead processes whose files are open',
    DROP_CACHES,
  ],
  [
    /^shmem_inode_cache$/,
    'tmpfs files, shared memory, memfds',
    'emptyDir of medium Memory, /dev/shm, memfd',
    'df -i of tmpfs mounts; lsof +L1 for deleted ones; it cannot be reclaimed',
  ],
  [/^hugetlbfs_inode_cache$/, 'hugetlbfs files', 'programs with huge pages', FOLLOWS_LOAD],
  [
    /^sock_inode_cache$/,
    'a socket’s inode: one for each open socket',
    'socket leaks; it cannot go while the socket is open',
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
    'memory.stat slab of the cgroups in view 2 says whose',
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
  [/^mem_cgroup(_per_node)?$/, 'memory cgroups', 'cgroups, dead ones too', COMPARE_CGROUPS],
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
  [/^fanotify_(mark|event|perm)/, 'fanotify marks and events', 'virus scanners', 'stop the scanner and look again'],
  [/^dnotify_(mark|struct)$/, 'dnotify watches', 'old file watchers', COUNT_FILES],
  [/^posix_timers_cache$/, 'POSIX timers', 'timer_create without timer_delete', '/proc/PID/timers'],
  [/^sigqueue$/, 'queued signals', 'processes that block signals others send', 'SigQ in /proc/PID/status'],
  [/^file_lock_(cache|ctx)$/, 'file locks', 'databases, lock leaks', '/proc/locks'],
  [/^msg_msg/, 'System V and POSIX messages', 'queues that nobody reads', 'ipcs -q'],
  [/^mqueue_inode_cache$/, 'POSIX message queues', 'queues that nobody removes', 'ls /dev/mqueue'],
  [/^pipe_inode|^pipe/, 'pipes', 'pipe leaks', COUNT_FILES],
  [/^TCP(v6)?$/, 'TCP sockets', 'connections, socket leaks', LIST_SOCKETS],
  [/^UDP(v6|Lite)?$|^PING$|^RAW(v6)?$/, 'UDP and raw sockets', 'socket leaks', LIST_SOCKETS],
  [/^UNIX/, 'Unix sockets', 'local connections, socket leaks', 'ss -xp'],
  [
    /^(tw|request)_sock_TCP/,
    'TCP connections that close or open',
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
  [/^pid(_\d)?(_namespace)?$/, 'process IDs', 'processes, held pidfds', 'ls /proc/PID/fd of who holds pidfds'],
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
    'containers that were not torn down; mnt_cache may be POSIX timers in truth',
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

/** What is known of a cache of this name; undefined for one that is not in the table. */
export function findCacheFacts(name: string): CacheFacts | undefined {
  const row = ROWS.find(([pattern]) => pattern.test(name))
  if (!row) return undefined
  const [, what, who, advice] = row
  return { what, who, advice }
}
