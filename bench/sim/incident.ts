// The incident: a 377 GiB node on kernel 3.10 whose pods crash and are created again, from healthy to dead in 36 hours, sampled every
// five minutes. Each pod that ends leaves a memory cgroup with its slab caches behind: IDs and memory run out together.
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import type { Reading } from '../../src/history.ts'
import { createRandom } from '../../test/seeded-random.ts'
import { GiB, MiB } from './node.ts'
import { createNoise, HOUR, MINUTE } from './signals.ts'

const KERNEL = '3.10.0-862.el7.x86_64'
const BASE = '/sys/fs/cgroup/memory'
const POD = '/kubepods/burstable/pod3f0c9a51-7c2e-4d18-9a40-5b1f0e6d2c77'
const CONTAINER = `${POD}/9d1c6a0be7f29d1c6a0be7f29d1c6a0be7f29d1c6a0be7f29d1c6a0be7f20001`
const STEP = 5 * MINUTE
const END = 36 * HOUR
const TOTAL = 377 * GiB
const UPTIME = 40 * 60_000 // booted 40 minutes before: "minutes after a reboot"

export const incidentSession: RecordingHeader = {
  host: 'node-12',
  kernel: KERNEL,
  bootId: 'incident',
  wallClock: Date.UTC(2026, 2, 2, 20),
  monotonic: UPTIME,
  interval: STEP,
  pageSize: 4096,
  cpus: 64,
}

/** When what happens. */
const LOOP_BEGINS = 4 * HOUR // the application's loop: pods fail and are created again
const SLUB_FAILS = 27 * HOUR
const IDS_END = 31.5 * HOUR
const PEAK = 33 * HOUR // the traffic peak: java at its limit, again and again

/** Every sample of it. */
export function* generateIncident(seed = 12): Generator<readonly Reading[]> {
  const random = createRandom(seed)
  const jitter = createNoise(random, 30 * MiB, 10 * MINUTE)
  const log = new KmsgWriter()
  for (let time = 0; time <= END; time += STEP) {
    const state = computeState(time, jitter(time))
    writeLog(log, time)
    yield [...(time === 0 ? START : []), ...createReadings(time, state, log.drain())]
  }
}

interface IncidentState {
  readonly dead: number
  readonly live: number
  readonly unreclaimable: number
  readonly cached: number
  readonly shmem: number
  readonly anon: number
}

const RATE = 65_535 / ((IDS_END - LOOP_BEGINS) / HOUR) // memory cgroups left behind an hour

function computeState(time: number, jitter: number): IncidentState {
  const live = 620
  const looped = Math.max(0, time - LOOP_BEGINS) / HOUR
  const dead = Math.min(65_535 - live, Math.round(40 + (2 * time) / HOUR + looped * RATE))
  const unreclaimable = 1.6 * GiB + jitter + dead * 2.3 * MiB
  const anon = 52 * GiB + (time > PEAK ? ((time - PEAK) / HOUR) * 21 * GiB : 0)
  const shmem = 96 * GiB
  const cached = Math.max(shmem + 1.2 * GiB, Math.min(290 * GiB, TOTAL - anon - unreclaimable - 6 * GiB))
  return { dead, live, unreclaimable, cached, shmem, anon }
}

const formatKib = (name: string, bytes: number): string =>
  `${`${name}:`.padEnd(16)}${String(Math.round(Math.max(0, bytes) / 1024)).padStart(9)} kB\n`

function formatMeminfo({ unreclaimable, cached, shmem, anon }: IncidentState): string {
  const reclaimable = 3 * GiB
  const free = Math.max(0.4 * GiB, TOTAL - anon - cached - unreclaimable - reclaimable - 2.5 * GiB)
  const file = cached - shmem
  return [
    ['MemTotal', TOTAL],
    ['MemFree', free],
    ['MemAvailable', free + file * 0.97 + reclaimable / 2 - 0.4 * GiB],
    ['Buffers', 0.1 * GiB],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', anon + file / 2],
    ['Inactive', shmem + file / 2],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 20 * MiB],
    ['Writeback', 0],
    ['AnonPages', anon],
    ['Shmem', shmem],
    ['Slab', unreclaimable + reclaimable],
    ['SReclaimable', reclaimable],
    ['SUnreclaim', unreclaimable],
    ['KernelStack', 0.4 * GiB],
    ['PageTables', 0.9 * GiB],
    ['VmallocUsed', 0.7 * GiB],
  ]
    .map(([name, bytes]) => formatKib(name as string, bytes as number))
    .join('')
}

function formatSlabinfo({ dead, live, unreclaimable }: IncidentState): string {
  const leaked = unreclaimable - 1.6 * GiB
  const caches: readonly (readonly [name: string, bytes: number, size: number])[] = [
    ['kmalloc-1024', 0.31 * leaked + 0.4 * GiB, 1024],
    ['kmalloc-64', 0.27 * leaked + 0.2 * GiB, 64],
    ['task_struct', 0.2 * leaked + 0.3 * GiB, 4176],
    ['kmem_cache', (dead + live) * 38 * 512, 512],
    ['kmem_cache_node', (dead + live) * 76 * 64, 64],
    ['dentry', 1.6 * GiB, 192],
    ['xfs_inode', 1.2 * GiB, 960],
  ]
  const rows = caches.map(([name, bytes, size]) => {
    const slabs = Math.round(bytes / 8192)
    const objects = Math.floor(bytes / size)
    return `${name} ${objects} ${objects} ${size} ${Math.floor(8192 / size)} 2 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`
  })
  return `slabinfo - version: 2.1\n# name\n${rows.join('')}`
}

// 3.10 has no oom_kill counter: only the log reports kills.
const formatVmstat = (time: number): string =>
  `pgscan_direct_normal ${Math.round(Math.max(0, time - PEAK) / 20)}\nallocstall ${Math.round(Math.max(0, time - PEAK) / 3000)}\n`

const formatProcCgroups = ({ dead, live }: IncidentState): string =>
  `#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t4\t${live}\t1\nmemory\t9\t${dead + live}\t1\n`

const LIVE_COPIES = Array.from({ length: 615 }, (_, i) => `1 pod${i}\n`).join('')

const directories = Object.fromEntries(
  [
    '',
    '/kubepods',
    '/kubepods/burstable',
    POD,
    CONTAINER,
    ...Array.from({ length: 615 }, (_, i) => `/kubepods/burstable/pod${i}`),
  ].map((path, i) => [`${BASE}${path}/`, `${i + 1}\n`]),
)

const START: readonly Reading[] = [
  { time: 0, collector: 'uptime', files: { '/proc/uptime': `${UPTIME / 1000}.00 1.00\n` } },
  {
    time: 0,
    collector: 'cgroups',
    files: {
      '/proc/self/mountinfo': `31 25 0:27 / ${BASE} rw,nosuid - cgroup cgroup rw,memory\n`,
      ...directories,
      [`${BASE}${CONTAINER}/memory.limit_in_bytes`]: `${8 * GiB}\n`,
    },
  },
  {
    time: 0,
    collector: 'kmem',
    files: {
      [`${BASE}/kubepods/memory.kmem.slabinfo`]:
        'slabinfo - version: 2.1\n# name\nkmalloc-64 128 128 64 64 1 : tunables 0 0 0 : slabdata 2 2 0\n',
    },
  },
]

function createReadings(time: number, state: IncidentState, log: string): readonly Reading[] {
  const used = time > PEAK ? 7.98 : 5.4
  const copies = `${LIVE_COPIES}${state.dead} runc-wrapper\n`
  return [
    { time, collector: 'meminfo', files: { '/proc/meminfo': formatMeminfo(state) } },
    { time, collector: 'vmstat', files: { '/proc/vmstat': formatVmstat(time) } },
    { time, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(state) } },
    ...(time % HOUR === 0
      ? [{ time, collector: 'slab', files: { '/sys/kernel/slab/dentry/cgroup/': copies } } as Reading]
      : []),
    {
      time,
      collector: 'cgroups',
      files: {
        '/proc/cgroups': formatProcCgroups(state),
        [`${BASE}${CONTAINER}/memory.usage_in_bytes`]: `${Math.round(used * GiB)}\n`,
        [`${BASE}${CONTAINER}/memory.failcnt`]: `${time > PEAK ? Math.round((time - PEAK) / 1000) : 0}\n`,
      },
    },
    ...(log === '' ? [] : [{ time, collector: 'kmsg', files: { '/dev/kmsg': log } } as Reading]),
  ]
}

/** Writes records as /dev/kmsg gives them. */
class KmsgWriter {
  private sequence = 5000
  private text = ''

  append(time: number, priority: number, ...lines: readonly string[]): void {
    for (const line of lines)
      this.text += `${priority},${this.sequence++},${Math.round((time + UPTIME) * 1000)},-;${line}\n`
  }

  drain(): string {
    const { text } = this
    this.text = ''
    return text
  }
}

function writeLog(log: KmsgWriter, time: number): void {
  if (time >= SLUB_FAILS && time % (30 * MINUTE) === 0)
    for (let i = 0; i < 3; i++) {
      log.append(time - 1000, 4, 'SLUB: Unable to allocate memory on node -1 (gfp=0x8020)')
      log.append(
        time - 1000,
        4,
        `  cache: ip6_dst_cache(${41_000 + i}:18479a49f1c7), object size: 448, buffer size: 448, default order: 2, min order: 0`,
      )
      log.append(time - 1000, 4, '  node 0: slabs: 74, objs: 2610, free: 0')
    }
  if (time >= IDS_END && time % (30 * MINUTE) === 0)
    log.append(
      time - 900,
      30,
      `kubelet[2210]: failed to create container: mkdir ${BASE}/kubepods/burstable/pod7: cannot allocate memory`,
    )
  if (time >= PEAK && time % (20 * MINUTE) === 0)
    log.append(time - 500, 4, ...formatOomReport(Math.round(time / MINUTE)))
}

/** An OOM report as 3.10.0-862 prints it: a container at its limit. */
function formatOomReport(pid: number): readonly string[] {
  return [
    'java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=968',
    `java cpuset=${CONTAINER.split('/').at(-1)} mems_allowed=0-1`,
    `CPU: 9 PID: ${pid} Comm: java Tainted: G    B          ------------ T ${KERNEL} #1`,
    `Task in ${CONTAINER} killed as a result of limit of ${CONTAINER}`,
    'memory: usage 8388608kB, limit 8388608kB, failcnt 48211',
    'memory+swap: usage 8388608kB, limit 9007199254740988kB, failcnt 0',
    'kmem: usage 1048576kB, limit 9007199254740988kB, failcnt 0',
    '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
    `[${pid}]     0 ${pid}  5063909  1834961    4661        0           968 java`,
    `Memory cgroup out of memory: Kill process ${pid} (java) score 1926 or sacrifice child`,
    `Killed process ${pid} (java) total-vm:20255636kB, anon-rss:7339844kB, file-rss:0kB, shmem-rss:0kB`,
  ]
}
