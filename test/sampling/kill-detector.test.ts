// Signs of OOM kills in readings, and what the live source reads because of one.
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Reading } from '../../src/history.ts'
import { createKillDetector, hasKillLine } from '../../src/sampling/kill-detector.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'
import { sampleLive } from '../../src/sampling/sample-live.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { createInstantClock } from './fake-host.ts'

const vmstat = (text: string): Reading => ({ time: 0, collector: 'vmstat', files: { '/proc/vmstat': text } })

test('the total of vmstat is a sign when it rises, and not in the first sample', () => {
  const detectKill = createKillDetector()
  const total = (count: number): boolean => detectKill([vmstat(`pgfault 9\noom_kill ${count}\ndrop_pagecache 0\n`)])
  expect([total(3), total(3), total(4), total(4), total(6)]).toEqual([false, false, true, false, true])
  expect(detectKill([{ time: 0, collector: 'vmstat', files: {} }])).toBe(false)
  expect(total(6)).toBe(false)
})

test('a line of the kernel log is a sign only if the kernel wrote it about a kill', () => {
  const log = (text: string): Reading => ({ time: 0, collector: 'kmsg', files: { '/dev/kmsg': text } })
  expect(hasKillLine(log('3,9,1,-;Memory cgroup out of memory: Killed process 7 (a) total-vm:8kB\n'))).toBe(true)
  expect(hasKillLine(log('6,9,1,-;eth0: link up\n'))).toBe(false)
})

test('on v1 a kill that only the total shows is found in its cgroup in the same sample', async () => {
  const { root, write } = createV1Tree(200)
  const host = createLocalHost(root)
  const clock = createInstantClock()
  let isStopped = false
  let ticks = 0
  const seen: string[] = []
  const plan = { collectors: ['vmstat', 'cgroups'], interval: 1000 } as const
  for await (const readings of sampleLive(host, clock, plan, () => isStopped)) {
    ticks++
    const events = readings.flatMap(({ files }) =>
      Object.entries(files).filter(([path]) => path.endsWith('/c150/memory.oom_control')),
    )
    if (ticks > 3) seen.push(...events.map(([, text]) => `tick ${ticks}: ${/oom_kill \d/.exec(text ?? '')?.[0]}`))
    if (ticks === 3) {
      write('/sys/fs/cgroup/memory/c150/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n')
      write('/proc/vmstat', 'pgfault 1\noom_kill 1\n')
    }
    isStopped = ticks === 5
  }
  host.close()
  expect(seen).toEqual(['tick 4: oom_kill 1'])
})

function createV1Tree(count: number): { root: string; write: (path: string, text: string) => void } {
  const root = createTemporaryFolder()
  const write = (path: string, text: string): void => {
    mkdirSync(root + path.slice(0, path.lastIndexOf('/')), { recursive: true })
    writeFileSync(root + path, text)
  }
  write('/proc/1/mountinfo', '33 24 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n')
  write('/proc/cgroups', `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t${count + 1}\t1\n`)
  write('/proc/vmstat', 'pgfault 1\noom_kill 0\n')
  write('/sys/fs/cgroup/memory/release_agent', '\n')
  for (const name of ['', ...Array.from({ length: count }, (_, i) => `/c${i}`)]) {
    write(`/sys/fs/cgroup/memory${name}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n')
    write(`/sys/fs/cgroup/memory${name}/memory.usage_in_bytes`, '4096\n')
    write(`/sys/fs/cgroup/memory${name}/memory.limit_in_bytes`, '9223372036854771712\n')
  }
  return { root, write }
}
