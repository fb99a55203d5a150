// OOM kills in the kernel log and in the counters, for tests of their correlation.
import type { Files } from '../../src/collectors/collector.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const V1 = '/sys/fs/cgroup/memory'

let sequence = 0

function formatRecord(time: number, level: number, text: string): string {
  const escaped = [...Buffer.from(text, 'utf8')]
    .map(byte => (byte < 0x20 || byte >= 0x7f ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte)))
    .join('')
  return `${level},${sequence++},${Math.round((session.monotonic! + time) * 1000)},-;${escaped}\n`
}

const formatKilledLine = (comm: string, pid: number): string =>
  `Killed process ${pid} (${comm}) total-vm:4096kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:10kB oom_score_adj:0`

export interface ReportedKill {
  readonly comm?: string
  readonly pid?: number
  readonly oomMemcg?: string
  readonly taskMemcg?: string
}

/** The records of a report without stacks and tables. */
export function formatReport(
  time: number,
  { comm = 'java', pid = 4121, oomMemcg = '/pod', taskMemcg = '/pod/c1' }: ReportedKill = {},
): string {
  const summary = `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${oomMemcg},task_memcg=${taskMemcg},task=${comm},pid=${pid},uid=0`
  return [
    formatRecord(time, 4, `${comm} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`),
    formatRecord(time, 6, `memory: usage 65536kB, limit 65536kB, failcnt 18`),
    formatRecord(time, 6, summary),
    formatRecord(time, 3, `Memory cgroup out of memory: ${formatKilledLine(comm, pid)}`),
  ].join('')
}

/** The only line of a rate-limited report. */
export const formatBareKill = (time: number, comm = 'java', pid = 4121): string =>
  formatRecord(time, 3, `Memory cgroup out of memory: ${formatKilledLine(comm, pid)}`)

export const createLogReading = (time: number, text: string): Reading => ({
  time,
  collector: 'kmsg',
  files: text === '' ? {} : { '/dev/kmsg': text },
})

export const createVmstatReading = (time: number, kills: number): Reading => ({
  time,
  collector: 'vmstat',
  files: { '/proc/vmstat': `oom_kill ${kills}\n` },
})

/** The first sample of a v2 tree with these cgroups, without kills. */
export function createV2Tree(time: number, ...paths: readonly string[]): Reading {
  const files: Record<string, string> = {
    '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
    [`${V2}/cgroup.controllers`]: 'memory\n',
  }
  for (const [i, path] of paths.entries()) files[`${V2}${path}/`] = `${i + 10}\n`
  return {
    time,
    collector: 'cgroups',
    files: { ...files, ...createEventFiles(Object.fromEntries(paths.map(path => [path, 0]))) },
  }
}

const createEventFiles = (kills: Readonly<Record<string, number>>): Files =>
  Object.fromEntries(
    Object.entries(kills).map(([path, n]) => [
      `${V2}${path}/memory.events`,
      `low 0\nhigh 0\nmax ${n}\noom ${n}\noom_kill ${n}\n`,
    ]),
  )

export const createV2Events = (time: number, kills: Readonly<Record<string, number>>): Reading => ({
  time,
  collector: 'cgroups',
  files: createEventFiles(kills),
})

const createControlFiles = (kills: Readonly<Record<string, number>>): Files =>
  Object.fromEntries(
    Object.entries(kills).map(([path, n]) => [
      `${V1}${path}/memory.oom_control`,
      `oom_kill_disable 0\nunder_oom 0\noom_kill ${n}\n`,
    ]),
  )

/** The first sample of a v1 tree. */
export function createV1Tree(time: number, ...paths: readonly string[]): Reading {
  const files: Record<string, string> = { '/proc/1/mountinfo': `35 31 0:32 / ${V1} rw - cgroup cgroup rw,memory\n` }
  for (const [i, path] of paths.entries()) files[`${V1}${path}/`] = `${i + 10}\n`
  return {
    time,
    collector: 'cgroups',
    files: { ...files, ...createControlFiles(Object.fromEntries(paths.map(path => [path, 0]))) },
  }
}

export const createV1Control = (time: number, kills: Readonly<Record<string, number>>): Reading => ({
  time,
  collector: 'cgroups',
  files: createControlFiles(kills),
})

/** A later reading of another source. */
export const createLaterReading = (time: number): Reading => ({
  time,
  collector: 'vmstat',
  files: { '/proc/vmstat': 'pgfault 1\n' },
})
