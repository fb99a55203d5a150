// How often a node is asked: what one sample reads comes in a few requests, however late the sample is.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CollectorId } from '../../../src/collectors/index.ts'
import { createSampler } from '../../../src/sampling/sampler.ts'
import { Link } from '../../../src/sampling/via/link/link.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
import { skipUnlessFull } from '../../full.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { testUnless } from '../../helpers/test-unless.ts'
import { buildNodeTree, writeNodeFile } from './node-tree.ts'
import { createThread, shells, withRemoteHost } from './shells.ts'

const CGROUPS = 400
const PAGES = ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages']

function buildNode(): string {
  const root = buildNodeTree(CGROUPS)
  for (const size of [1024, 2048])
    for (const name of PAGES) writeNodeFile(root, `sys/kernel/mm/hugepages/hugepages-${size}kB/${name}`, '0\n')
  return root
}

/** Requests for files in the third sample of a source, `late` milliseconds after what it will read was chosen. */
function countRequests(id: CollectorId, late: number): number {
  const [root, log] = [buildNode(), join(createTemporaryFolder(), 'requests')]
  const count = (): number => readFileSync(log, 'latin1').match(/^#L \d/gm)?.length ?? 0
  const thread = createThread()
  let passed = 0
  const now = (): number => thread.now() + passed
  const link = thread.block(Link.open({ command: `tee ${log} | sh`, reconnects: false }, { ...thread, now }))
  const host = new RemoteHost(link, { ...thread, now }, root)
  try {
    const sampler = createSampler(id, host, { now, sleepUntil: () => Promise.resolve() }, { interval: 1000 })
    for (let i = 0; i < 2; i++) {
      host.link.beginSample(sampler.expectPaths(false), [sampler.expectAlone()])
      expect(sampler.sample(false).error).toBeUndefined()
      passed += 1000
    }
    const paths = sampler.expectPaths(false)
    passed += late
    const before = count()
    host.link.beginSample(paths, [sampler.expectAlone()])
    expect(sampler.sample(false).error).toBeUndefined()
    return count() - before
  } finally {
    host.close()
  }
}

test('a late sample of many cgroups asks for what it had not expected together', () => {
  expect(countRequests('cgroups', 30_000)).toBeLessThan(10) // it was one for each of 240 files
})

test('a source that is fetched on its own asks once for all its files', () => {
  expect(countRequests('hugepages', 30_000)).toBe(1)
})

const noStrace = (): string | undefined =>
  spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0 ? undefined : 'strace cannot trace here'

/**
 * Programs that a shell starts for a sample of two files, while it follows the kernel log: in the best of three rounds, because
 * what follows the log may start late on a busy machine.
 */
function countPrograms(shell: string, samples: number): number {
  const log = join(createTemporaryFolder(), 'programs')
  const count = (): number => readFileSync(log, 'latin1').match(/ execve\(.* = 0$/gm)?.length ?? 0
  return withRemoteHost({ command: `exec strace -f -qq -e trace=execve -o ${log} ${shell}` }, host => {
    host.drainDevice('/dev/kmsg')
    const sample = (): void => void host.link.beginSample(['/proc/meminfo', '/proc/vmstat'])
    sample()
    const rounds = Array.from({ length: 3 }, () => {
      const before = count()
      for (let i = 0; i < samples; i++) sample()
      return (count() - before) / samples
    })
    return Math.min(...rounds)
  })
}

testUnless(skipUnlessFull() ?? noStrace())(
  'a sample starts one program, in posh, which has no kill of its own, two',
  () => {
    for (const shell of shells) expect(countPrograms(shell, 5), shell).toBeLessThan(shell === 'posh' ? 3 : 1.1)
  },
)
