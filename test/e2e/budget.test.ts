// What a sample of a quiet node costs, in system calls: a figure that does not depend on the machine. It may not rise by a tenth.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { PROGRAM } from './program.ts'
import { makeTree } from './tree.ts'

const FILE_CALLS = ['openat', 'close', 'pread64', 'read', 'statx', 'newfstatat', 'getdents64', 'readlink', 'write']
/** Calls per sample of 200 cgroups on v1, one sample per second, as measured when this test was written. */
const CALLS_PER_SAMPLE = 182

const noStrace = (): string | undefined =>
  spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0 ? undefined : 'strace cannot trace here'

/** Counts the file calls of a run of some samples, all threads together. */
async function countCalls(root: string, samples: number): Promise<number> {
  const report = join(createTemporaryFolder(), 'calls')
  const words = ['-b', '--root', root, '--kmsg', 'off', '-n', `${samples}`]
  const options = ['-f', '-qq', '-c', '-o', report, '-e', `trace=${FILE_CALLS.join(',')}`]
  const child = spawn('strace', [...options, PROGRAM, ...words], { stdio: 'ignore' })
  await new Promise(resolve => child.on('exit', resolve))
  return Number(/^\s*100\.00\s+\S+\s+(?:\d+\s+)??(\d+)\s+(?:\d+\s+)?total$/m.exec(readFileSync(report, 'utf8'))?.[1])
}

function makeQuietNode(): ReturnType<typeof makeTree> {
  const mount = '/sys/fs/cgroup/memory'
  const files: Record<string, string> = {
    '/proc/1/mountinfo': `33 24 0:28 / ${mount} rw - cgroup cgroup rw,memory\n`,
    '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t211\t1\n',
    '/proc/meminfo': 'MemTotal: 8000000 kB\nMemFree: 4000000 kB\nMemAvailable: 5000000 kB\n',
    '/proc/vmstat': 'pgfault 1\noom_kill 0\n',
    [`${mount}/release_agent`]: '\n',
  }
  const paths = Array.from({ length: 200 }, (_, i) => `${mount}/p${i % 10}/c${i}`)
  for (const path of [mount, ...new Set(paths.map(path => path.replace(/\/c\d+$/, ''))), ...paths]) {
    files[`${path}/memory.usage_in_bytes`] = '4096\n'
    files[`${path}/memory.limit_in_bytes`] = '9223372036854771712\n'
    files[`${path}/memory.oom_control`] = 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n'
    files[`${path}/memory.failcnt`] = '0\n'
    files[`${path}/memory.kmem.usage_in_bytes`] = '0\n'
    files[`${path}/memory.kmem.tcp.usage_in_bytes`] = '0\n'
    files[`${path}/memory.stat`] = 'cache 0\nrss 4096\ntotal_cache 0\ntotal_rss 4096\n'
  }
  return makeTree(files)
}

testUnless(skipUnlessFull() ?? noStrace())(
  'a sample of 200 quiet v1 cgroups stays within its system calls',
  async () => {
    const tree = makeQuietNode()
    try {
      const [short, long] = await Promise.all([countCalls(tree.root, 20), countCalls(tree.root, 40)])
      const perSample = (long - short) / 20
      console.log(`${perSample.toFixed(1)} calls per sample`)
      expect(perSample).toBeLessThanOrEqual(CALLS_PER_SAMPLE * 1.1)
      expect(perSample, 'cheaper: lower the figure of this test').toBeGreaterThan(CALLS_PER_SAMPLE * 0.5)
    } finally {
      tree.remove()
    }
  },
)
