// A real unreclaimable cache that grows raises the slab alert with its name, and resolves when it has gone.
import { performance } from 'node:perf_hooks'
import { expect } from 'vitest'
import { testUnless } from '../helpers/test-unless.ts'
import { canLeak, startLeak } from '../helpers/trouble.ts'
import { runProgram } from './program.ts'

testUnless(canLeak())(
  'tmpfs inodes raise the alert that names shmem_inode_cache, and it resolves after they are deleted',
  async () => {
    await runProgram({ columns: 160, rows: 50 }, async terminal => {
      await terminal.waitFor(/in \d+ caches/)
      const begun = performance.now()
      const slab = await startLeak('tmpfs')
      try {
        await terminal.waitFor(/SLAB GROWTH .*shmem_inode_cache/)
        console.info(`raised ${Math.round((performance.now() - begun) / 1000)} s after the growth began`)
      } finally {
        await slab.release()
      }
      terminal.write('6')
      const screen = await terminal.waitFor(/ended .*SLAB GROWTH/, 120_000)
      expect(screen).not.toMatch(/[▲✖] SLAB GROWTH +(?!ended| )/)
    })
  },
)
