// `kmemtop run` on docs/examples/leaky-server under a real load generator: the leak is found, the fixed twin is not accused.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { type LeakyCase, runLeakyServer } from '../../bench/leaky-server.ts'
import { pickCases, skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canMakeGroup } from '../helpers/trouble/memory-tree.ts'

const SHORT: LeakyCase = {
  kind: 'tmpfs',
  isFixed: false,
  hasNeighbour: false,
  requests: 400,
  repeat: 6,
  options: ['-i', '250ms', '--control', '1s', '--settle', '1500ms'],
}

const LEAKS: readonly (readonly [kind: string, id: RegExp])[] = pickCases(
  [['tmpfs', /^cgroup .* shmem$/]],
  [
    ['tmpfs', /^cgroup .* shmem$/],
    ['sockets', /^(count TCP sockets|memory SUnreclaim|cgroup .* kernel)$/], // which of them, other sockets of the node decide
    ['heap', /^cgroup .* anon$/],
  ],
)

/** Sockets are expensive, and a heap hides a leak that is smaller than its garbage. */
const REQUESTS: Readonly<Record<string, number>> = { sockets: 100, heap: 2000 }

const MAX_RUNS = 3

/** Judges a server. Where the rest of the node moves too much for a verdict, it is judged again; a wrong verdict stays one. */
async function judgeServer(server: LeakyCase) {
  for (let run = 1; ; run++) {
    const { report } = await runLeakyServer(server, createTemporaryFolder())
    if (report.outcome !== 'cannot tell' || run >= MAX_RUNS) return report
    console.info(`${server.kind}: ${report.summary}`)
  }
}

for (const [kind, id] of LEAKS)
  testUnless(canMakeGroup())(`a server that leaks (${kind}) is found`, async () => {
    const report = await judgeServer({ ...SHORT, kind, requests: REQUESTS[kind] ?? 400 })
    expect([report.outcome, report.summary]).toEqual(['leaks', expect.any(String)])
    expect(report.leaks).toContainEqual(expect.stringMatching(id))
  })

testUnless(skipUnlessFull() ?? canMakeGroup())('its fixed twin is not accused', async () => {
  const { report } = await runLeakyServer({ ...SHORT, isFixed: true }, createTemporaryFolder())
  const own = report.leaks.filter(name => name.startsWith('cgroup ') || name === 'memory Shmem')
  expect(own).toEqual([])
})

test('an unknown kind is one list of the kinds', () => {
  const path = new URL('../../docs/examples/leaky-server/server.mjs', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, [path, 'no-such-kind'], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr).toMatch(/usage: node server\.mjs KIND[\s\S]*sockets[\s\S]*tmpfs/)
})
