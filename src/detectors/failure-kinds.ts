// The failures in the kernel log that raise an alert: title, meaning, advice.
import type { EventKind } from '../collectors/kmsg/memory-event.ts'
import type { Severity } from './detector.ts'
import { COUNT_CGROUPS } from './remedies/cgroup-remedies.ts'

/** A kind of line in the kernel log that reports a failure. */
export interface FailureKind {
  /** one is enough: the kernel logs it only once */
  readonly isLoggedOnce?: boolean
  readonly title: string
  readonly what: string
  readonly advice: string
  readonly command?: string
  readonly severity?: Severity
  readonly cost?: string
}

/** The lines that raise an alert by themselves; other detectors handle OOM kills, TCP memory and conntrack. */
export const FAILURE_KINDS: Partial<Record<EventKind, FailureKind>> = {
  'slab-allocation-failure': {
    title: 'SLUB FAILURE',
    what: 'no page for a slab cache',
    advice: 'check the memory available, and whether the cache belongs to a cgroup: name(id:cgroup)',
    command: 'dmesg | grep -A3 "Unable to allocate memory"',
  },
  'page-allocation-failure': {
    title: 'PAGE FAILURE',
    what: 'no contiguous pages',
    advice: 'order 0 in atomic context: raise vm.min_free_kbytes; order 3 and above: fragmentation',
    command: 'cat /proc/buddyinfo; sysctl vm.min_free_kbytes',
  },
  'page-allocation-stall': {
    title: 'PAGE STALL',
    what: 'an allocation stalled for seconds',
    advice: 'the node reclaims all the time: move load to another node',
    command: 'cat /proc/meminfo',
  },
  'percpu-allocation-failure': {
    isLoggedOnce: true,
    title: 'PERCPU FAILURE',
    what: 'no per-CPU memory left',
    advice: 'count cgroups and network devices: tens of thousands of them use it up',
    command: `${COUNT_CGROUPS}; grep Percpu /proc/meminfo`,
  },
  'cma-failure': {
    title: 'CMA FAILURE',
    what: 'no contiguous pages in the area of a device (CMA)',
    advice: 'see the size of the area and what is free of it: cma= on the command line of the kernel sets it',
    command: 'grep -i cma /proc/meminfo; cat /proc/cmdline',
    cost: 'a device (camera, GPU, video codec) did not get its buffer',
  },
  'vmalloc-failure': {
    isLoggedOnce: true,
    title: 'VMALLOC FAILURE',
    what: 'no vmalloc space left',
    advice: 'find the largest holders',
    command: 'sort -k2 -n -r /proc/vmallocinfo | head',
  },
  'vmalloc-no-pages': {
    title: 'VMALLOC NO PAGES',
    what: 'a mapping of the kernel did not get its pages',
    advice: 'find what fills memory at that time: the address space for mappings is not used up',
    command: 'cat /proc/meminfo',
  },
  'subsystem-without-memory': {
    title: 'KERNEL PART SHORT',
    what: 'a part of the kernel got no memory',
    advice:
      'see which part the line names: a file system retries, a driver or buffer for devices has a size of its own',
    command: 'dmesg | tail -50; cat /proc/buddyinfo; cat /proc/cmdline',
    cost: 'what it was asked to do waits or fails',
  },
  'hung-task': {
    isLoggedOnce: true,
    title: 'TASK STUCK',
    what: 'a task is blocked while memory is short',
    advice: 'treat the memory trouble; see whether storage is slow to write back or swap',
    command: 'cat /proc/pressure/memory /proc/pressure/io; dmesg | grep -A20 "blocked for more than"',
    cost: 'what the task holds keeps others waiting',
  },
  'soft-lockup': {
    isLoggedOnce: true,
    title: 'CPU STUCK',
    what: 'a CPU is stuck while memory is short',
    advice: 'treat the memory trouble: reclaim that finds nothing keeps CPUs busy',
    command: 'cat /proc/pressure/memory; dmesg | grep -A20 "soft lockup"',
    cost: 'nothing else runs on that CPU',
  },
  'rcu-stall': {
    isLoggedOnce: true,
    title: 'RCU STALL',
    what: 'a CPU keeps RCU waiting while memory is short',
    advice: 'treat the memory trouble: what RCU is to free stays in use until the CPU goes on',
    command: 'cat /proc/pressure/memory; dmesg | grep -A30 "rcu.*detected"',
    cost: 'memory that the kernel wants to free later is not freed',
  },
  'rcu-starved': {
    isLoggedOnce: true,
    title: 'RCU STARVED',
    what: 'RCU gets no CPU time: the kernel expects to run out of memory',
    advice: 'find what keeps the CPUs busy, or whether a hypervisor gives this guest too little CPU time',
    command: 'top -b -n 1 | head -30; vmstat 1 5; dmesg | grep -A30 "rcu.*starved"',
    cost: 'memory that the kernel wants to free later is not freed, and slab grows until memory is full',
  },
  'fault-without-memory': {
    isLoggedOnce: true,
    severity: 'critical',
    title: 'FAULT LOOP',
    what: 'page faults go in circles without memory',
    advice: 'raise the limit of the cgroup, or end its processes: it has nothing to kill',
    cost: 'processes of the cgroup stand still and use CPU',
  },
  'kmem-cache-create-failed': {
    isLoggedOnce: true,
    title: 'CACHE FAILURE',
    what: 'a slab cache could not be created',
    advice: 'count caches and cgroups',
    command: `ls /sys/kernel/slab | wc -l; ${COUNT_CGROUPS}`,
  },
  'fork-rejected': {
    isLoggedOnce: true,
    title: 'PIDS LIMIT',
    what: 'a cgroup is at its pids limit: fork is refused',
    advice: 'find what forks (ps in that cgroup), then raise pids.max',
    command: 'grep -rH . /sys/fs/cgroup --include=pids.current --include=pids.max | grep CGROUP',
  },
  'commit-refused': {
    title: 'COMMIT REFUSED',
    what: 'the kernel refused to commit memory (vm.overcommit_memory)',
    advice: 'compare the commit limit with what is committed; one huge request is enough',
    command: 'grep -i commit /proc/meminfo; sysctl vm.overcommit_memory vm.overcommit_ratio',
    cost: 'programs see "Cannot allocate memory" although memory is free, and nothing is killed',
  },
  'memcg-failure': {
    title: 'CGROUP FAILURE',
    what: 'the kernel could not set up a memory cgroup',
    advice: 'count the memory cgroups: tens of thousands of them are the usual cause',
    command: COUNT_CGROUPS,
    cost: 'containers cannot start',
  },
  'tcp-orphans': {
    title: 'TCP ORPHANS',
    what: 'too many TCP sockets that no process holds (orphans)',
    advice: 'find who leaves connections half closed; raise net.ipv4.tcp_max_orphans if the load needs it',
    command: 'cat /proc/net/sockstat; sysctl net.ipv4.tcp_max_orphans net.ipv4.tcp_mem',
    cost: 'the kernel resets such connections before all their data is sent',
  },
  'neighbours-full': {
    title: 'NEIGHBOURS FULL',
    what: 'the table of neighbours (ARP, NDP) is full',
    advice: 'count the entries; raise gc_thresh3 if there are that many neighbours',
    command:
      'ip -4 neigh | wc -l; ip -6 neigh | wc -l; sysctl net.ipv4.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_thresh3',
    cost: 'packets to addresses that are not in the table are dropped',
  },
  'route-cache-full': {
    title: 'ROUTES FULL',
    what: 'the kernel may make no more entries for routes',
    advice: 'see whether the slab caches of routes only grow, which is a leak; if not, raise route.max_size',
    command: 'grep dst_cache /proc/slabinfo; sysctl net.ipv4.route.max_size net.ipv6.route.max_size',
    cost: 'new connections fail',
  },
  'file-limit': {
    isLoggedOnce: true,
    title: 'FILES LIMIT',
    what: 'all files that the kernel may open are open (fs.file-max)',
    advice: 'find what keeps them open; raise fs.file-max if the load needs it',
    command: 'cat /proc/sys/fs/file-nr; lsof -n 2>/dev/null | cut -d" " -f1 | sort | uniq -c | sort -rn | head',
    cost: 'programs see "Too many open files in system"',
  },
  'swap-error': {
    isLoggedOnce: true,
    severity: 'critical',
    title: 'SWAP ERROR',
    what: 'swap could not be read or written',
    advice: 'see whether the device has errors; take swap off it and replace it',
    command: 'swapon --show; dmesg | grep -i "i/o error"',
    cost: 'a process whose page cannot be read back is killed',
  },
  'bad-page': {
    isLoggedOnce: true,
    severity: 'critical',
    title: 'BAD PAGE',
    what: 'the data of the kernel about its pages is wrong',
    advice: 'test the memory (memtest); if it is sound, update the kernel and drivers that are not part of it',
    command: 'dmesg | grep -A20 "BUG: Bad"; cat /proc/sys/kernel/tainted',
    cost: 'programs or the kernel may crash, and data may be wrong',
  },
  'hardware-memory-error': {
    isLoggedOnce: true,
    severity: 'critical',
    title: 'MEMORY HARDWARE',
    what: 'the memory hardware reports errors',
    advice: 'find the DIMM, drain the node and replace it',
    command: 'ras-mc-ctl --errors; grep . /sys/devices/system/edac/mc/mc*/dimm*/dimm_*_count',
    cost: 'pages are taken out of use, and processes may be killed because of them',
  },
  kmemleak: {
    isLoggedOnce: true,
    title: 'KMEMLEAK',
    what: 'kmemleak suspects leaks in the kernel',
    advice: 'see where the objects were allocated',
    command: 'cat /sys/kernel/debug/kmemleak',
    cost: 'kernel memory that nothing refers to is lost until the next reboot',
  },
}
