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
  ['meminfo', HUGE(0)],
])('%s of a healthy node', async (_, text) => {
  const { diagnoses, evidence } = await analyzeText(text)
  expect(diagnoses).toEqual([])
  expect(evidence.inputs[0]!.skipped).toBeNull()
})
