// Output of programs and kernel files that people paste alone: what it shows is found, and nothing in healthy output.
import { expect, test } from 'vitest'
import { analyzeText } from '../analyze-text.ts'

const FREE_OLD = (free: number): string => `             total       used       free     shared    buffers     cached
Mem:       8061404    7983120      78284          0      12032     104112
-/+ buffers/cache:    7866976     ${free}
Swap:            0          0          0
`

const TOP = (
  available: string,
): string => `top - 10:01:12 up 40 days,  2:11,  3 users,  load average: 42.10, 38.22, 30.11
Tasks: 412 total,   3 running, 409 sleeping,   0 stopped,   0 zombie
MiB Mem :  15886.4 total,    112.2 free,  15210.9 used,    563.3 buff/cache
MiB Swap:   2048.0 total,      0.0 free,   2048.0 used.    ${available} avail Mem
`

const EVENTS = (kills: number): string => `$ cat /sys/fs/cgroup/system.slice/app.service/memory.events
low 0
high 0
max 91223
oom ${kills}
oom_kill ${kills}
oom_group_kill 0
`

const PRESSURE = (full: string): string => `some avg10=81.20 avg60=70.11 avg300=40.00 total=812012012
full avg10=70.10 avg60=${full} avg300=33.00 total=612012012
`

const HTOP = (used: string): string => `  CPU[||||||||||98.7%]   Tasks: 123, 456 thr; 2 running
  Mem[|||||||||${used}/7.70G]   Load average: 12.11 8.33 4.22
  Swp[|||||||||2.00G/2.00G]   Uptime: 12 days, 03:04:05
`

const DSTAT = (cache: string): string => `------memory-usage----- ----swap--- ---paging--
 used  free  buf   cach| used  free|  in   out
7523M   98M 1424k ${cache}|4000M   95M|   0     0
`

// Kernel text is latin1
const SAR = (available: number): string =>
  Buffer.from(`00時00分01秒 kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached
00時10分01秒    102400     ${available}   7700000     95,37       100     12000
平均時間:       102400     60000   7700000     95,37       100     12000
`).toString('latin1')

const SAR_SWAP = (free: number): string => `12:00:01 AM kbswpfree kbswpused  %swpused  kbswpcad   %swpcad
12:10:01 AM   2097148         0      0.00         0      0.00
12:20:01 AM   ${free}   ${2_097_148 - free}     99.94      1200      0.06
`

const SWAPS = (used: string): string => `NAME      TYPE      SIZE  USED PRIO
/dev/dm-1 partition   2G  ${used}   -2
/swapfile file        4G  ${used}   -3
`

const UNIT = (memory: string): string => `* app.service - App
   Loaded: loaded (/etc/systemd/system/app.service; enabled)
   Active: active (running) since Thu 2026-11-05 11:00:01 UTC; 3min ago
 Main PID: 4123 (app)
   Memory: ${memory} (limit: 512.0M)
`

const PODMAN = (used: string): string => `ID            NAME   CPU %   MEM USAGE / LIMIT  MEM %   NET IO      BLOCK IO
ab12cd34ef56  web    9.12%   ${used} / 536.9MB  99.80%  1.2kB / 3kB  0B / 0B
`

const DOCKER = (used: string): string => `NAME      MEM USAGE / LIMIT     MEM %
web       ${used} / 512MiB     99.96%
`

const VMSTAT = (swapIn: number): string => `procs -----------memory---------- ---swap-- -----io----
 r  b   swpd   free   buff  cache   si   so    bi    bo
12  8   2047     98      1    122    ${swapIn}    ${swapIn}    45  2300
`

const HUGE = (free: number): string => `AnonHugePages:         0 kB
HugePages_Total:   12000
HugePages_Free:    ${free}
Hugepagesize:       2048 kB
`

test.each([
  ['free before -/+ buffers/cache went', FREE_OLD(194_428), 'memory-nearly-used', /190 MiB of 7\.69 GiB/],
  ['top', TOP('120.5'), 'memory-nearly-used', /121 MiB of 15\.5 GiB/],
  ['memory.events', EVENTS(44), 'cgroup-oom-kills-counted', /^44 OOM kills in \/system\.slice\/app\.service/],
  ['/proc/pressure/memory', PRESSURE('60.02'), 'memory-pressure', /stalled on memory 60\.02 %/],
  ['htop', HTOP('7.61G'), 'memory-nearly-used', /92\.2 MiB of 7\.70 GiB/],
  ['dstat', DSTAT(' 122M'), 'memory-nearly-used', /221 MiB of 7\.56 GiB/],
  ['sar -r in another language', SAR(60_000), 'memory-nearly-used', /58\.6 MiB of 7\.70 GiB/],
  ['sar -S', SAR_SWAP(1200), 'swap-nearly-used', /2\.00 GiB of 2\.00 GiB swap/],
  ['swapon', SWAPS('2.8G'), 'swap-nearly-used', /5\.60 GiB of 6\.00 GiB/],
  ['systemctl status', UNIT('511.9M'), 'cgroup-at-limit', /unit app\.service used 512 MiB/],
  ['podman stats', PODMAN('535.8MB'), 'cgroup-at-limit', /web used 511 MiB of its limit of 512 MiB/],
  ['docker stats --format', DOCKER('511.8MiB'), 'cgroup-at-limit', /web used 512 MiB of its limit of 512 MiB/],
  ['vmstat -S M', VMSTAT(7), 'swapping', /7,168 KiB/],
  ['a part of meminfo', HUGE(12_000), 'huge-pages-unused', /23\.4 GiB/],
])('%s alone', async (_, text, name, title) => {
  const { diagnoses, evidence } = await analyzeText(text)
  expect(diagnoses).toEqual([expect.objectContaining({ name, title: expect.stringMatching(title) })])
  expect(evidence.inputs[0]!.skipped).toBeNull()
})

test.each([
  ['free', FREE_OLD(5_194_428)],
  ['top', TOP('9120.5')],
  ['memory.events', EVENTS(0)],
  ['/proc/pressure/memory', PRESSURE('0.02')],
  ['htop', HTOP('2.61G')],
  ['dstat', DSTAT('4122M')],
  ['sar -r', SAR(4_060_000)],
  ['sar -S', SAR_SWAP(2_000_000)],
  ['swapon', SWAPS('20M')],
  ['systemctl status', UNIT('11.9M')],
  ['podman stats', PODMAN('35.8MB')],
  ['docker stats --format', DOCKER('11.8MiB')],
  ['vmstat -S M', VMSTAT(0)],
  ['meminfo', HUGE(0)],
])('%s of a healthy node', async (_, text) => {
  const { diagnoses, evidence } = await analyzeText(text)
  expect(diagnoses).toEqual([])
  expect(evidence.inputs[0]!.skipped).toBeNull()
})
