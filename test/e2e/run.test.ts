// kmemtop run: real load on the real kernel, and its verdict.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canMakeGroup, findMemoryTree, makeGroup, removeGroup } from '../helpers/trouble/memory-tree.ts'
import { PROGRAM } from './program.ts'

const SHM = `/dev/shm/kmt-run-${process.pid}`
const noShm = existsSync('/dev/shm') ? undefined : '/dev/shm is missing'

afterAll(() => rmSync(SHM, { recursive: true, force: true }))

// In a cgroup of its own: what others on this machine leave on tmpfs meanwhile is not of this load.
testUnless(noShm ?? canMakeGroup())(
  'files that each execution leaves on tmpfs are a leak, found and named',
  async () => {
    mkdirSync(SHM, { recursive: true })
    const group = makeGroup(findMemoryTree()!, `kmt-run-${process.pid}`)
    const json = join(createTemporaryFolder(), 'run.json')
    const load = `echo $$ > ${group.directory}/cgroup.procs; head -c 6000000 /dev/zero > ${SHM}/$$; echo requests done`
    const phases = ['--control', '2s', '--settle', '2s', '--repeat', '5', '--warmup', '1']
    const options = ['-q', '-i', '200ms', '--kmsg', 'off', ...phases, '--json', json, '--cgroup', group.path]
    const { status, stdout, stderr } = spawnSync(PROGRAM, ['run', ...options, '--', 'sh', '-c', load], {
      encoding: 'utf8',
      env: createTerminalEnv(),
    })
    rmSync(SHM, { recursive: true })
    await removeGroup(group)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report.leaks).toContain(`cgroup ${group.path} shmem`)
    const shmem = report.quantities.find(({ id }: { id: string }) => id === `cgroup ${group.path} shmem`)
    expect(shmem.growthPerIteration / 6_000_000).toBeGreaterThan(0.9)
    expect(shmem.growthPerIteration / 6_000_000).toBeLessThan(1.2)
    expect(stderr).toMatch(/✖ {2}Leaks .* per iteration in /)
    expect(stdout).toBe('requests done\n'.repeat(5))
    expect(status).toBe(1)
  },
)
