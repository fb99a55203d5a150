// Real kills on a node over a command: shown like those of this machine, also after a link that died, and over ssh.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { describe, expect } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canOomKill, triggerOomKill } from '../helpers/trouble.ts'
import { runProgram } from './program.ts'
import { canRunSshd, startSshd } from './sshd.ts'

testUnless(canOomKill())('a kill on the node is red, with process, pid and limit', async () => {
  await runProgram({ columns: 160, rows: 40, args: ['--via', 'sh'] }, async terminal => {
    expect(terminal.screen()[0]).toMatch(/^ kmemtop {2}\S+ over sh \([\d.]+ ms\)/)
    const { pid, comm, taskMemcg } = await triggerOomKill({ name: 'via', limitBytes: 24 << 20 })
    const killedAt = performance.now()
    const screen = await terminal.waitFor(new RegExp(`OOM KILL .*${comm}\\[${pid}\\]`))
    console.info(`red ${Math.round(performance.now() - killedAt)} ms after the kill had been reaped`)
    expect(screen).toMatch(new RegExp(`${taskMemcg}.*24\\.0 MiB`))
  })
})

testUnless(canOomKill())('a link that dies is said on the screen, and made again', async () => {
  const folder = createTemporaryFolder()
  const command = `echo $$ >${folder}/pid; exec sh`
  await runProgram({ columns: 160, rows: 40, args: ['--via', command] }, async terminal => {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
    await terminal.waitFor(/link down for .*reconnecting/)
    await terminal.waitFor(/● LIVE/)
    const { pid } = await triggerOomKill({ name: 'again', limitBytes: 16 << 20 })
    await terminal.waitFor(new RegExp(`OOM KILL .*\\[${pid}\\]`))
  })
})

describe('over a real sshd', () => {
  testUnless(canRunSshd() ?? canOomKill())('a kill is red, and nothing of the collector stays', async () => {
    const sshd = await startSshd()
    try {
      await runProgram({ columns: 160, rows: 40, args: ['--via', sshd.command] }, async terminal => {
        expect(terminal.screen()[0]).toMatch(/over ssh /)
        const { pid } = await triggerOomKill({ name: 'ssh', limitBytes: 16 << 20 })
        const killedAt = performance.now()
        await terminal.waitFor(new RegExp(`OOM KILL .*\\[${pid}\\]`))
        console.info(`red over ssh ${Math.round(performance.now() - killedAt)} ms after the kill had been reaped`)
      })
      await expect.poll(() => sshd.listSessions()).toEqual([])
    } finally {
      await sshd.stop()
    }
  })
})
