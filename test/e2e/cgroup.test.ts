// A real cgroup that grows towards its limit, and one that is created again under the same name.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { testUnless } from '../helpers/test-unless.ts'
import { canGrow, startGrowingCgroup } from '../helpers/trouble.ts'
import { PROGRAM, runProgram } from './program.ts'

const MIB = 2 ** 20
const [LIMIT, PACE] = [180 * MIB, 2 * MIB]

testUnless(canGrow())('the time to the limit of a cgroup follows from its growth rate', async () => {
  const program = spawn(PROGRAM, ['-b', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const samples = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
  await samples.next()
  const held = await startGrowingCgroup({ limitBytes: LIMIT, bytesPerSecond: PACE })
  try {
    for (let tries = 0; ; tries++) {
      const { value } = await samples.next()
      const cgroup = JSON.parse(value ?? '{}').cgroups.find(({ path }: { path: string }) => path === held.path)
      const { limit, secondsLeft = null } = cgroup?.tightestLimit ?? {}
      expect(tries).toBeLessThan(60)
      if (secondsLeft === null) continue
      expect(limit).toBe(LIMIT)
      const truth = (LIMIT - cgroup.memory.current) / PACE
      expect(secondsLeft / truth).toBeGreaterThan(0.8)
      expect(secondsLeft / truth).toBeLessThan(1.25)
      return
    }
  } finally {
    program.kill()
    await held.release()
  }
})

testUnless(canGrow())('a cgroup that is deleted and created again is another, and is marked', async () => {
  const held = await startGrowingCgroup({ limitBytes: LIMIT, bytesPerSecond: PACE })
  try {
    await runProgram({ columns: 160, rows: 50 }, async terminal => {
      terminal.write('2/kmt-growing')
      await terminal.waitFor(/kmt-growing-\d+ .*180M/)
      await held.remake()
      terminal.write('\r')
      terminal.write('\r')
      await terminal.waitFor(/1 earlier cgroups? of this name/)
    })
  } finally {
    await held.release()
  }
})
