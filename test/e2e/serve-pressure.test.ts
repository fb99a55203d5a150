// kmemtop serve where memory is short: a group with a limit, which a neighbour's page cache fills all the time.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, vi } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import {
  canMakeGroup,
  countLimitHits,
  countOomKills,
  findMemoryTree,
  type Group,
  limitMemory,
  makeGroup,
  removeGroup,
} from '../helpers/trouble/memory-tree.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'

const MIB = 2 ** 20
const LIMIT = 80 * MIB // it takes 50 to 55 MiB itself
const REQUESTS = 100
const LIMIT_HITS = 50 // by the neighbour, before they are counted as pressure
const programs: ChildProcess[] = []
let group: Group | undefined

/** Starts a program in the group. */
function start(command: string, ...args: readonly string[]): ChildProcess {
  const words = ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group!.directory, command, ...args]
  const program = spawn('sh', words, { env: createTerminalEnv(), stdio: 'ignore' })
  programs.push(program)
  return program
}

afterEach(async () => {
  // all at once: one may end by itself while another is waited for
  const running = programs.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  const exits = running.map(program => once(program, 'exit'))
  for (const program of running) program.kill('SIGKILL')
  await Promise.all(exits)
  if (group) await removeGroup(group)
})

testUnless(canMakeGroup())('every scrape is answered while its group is at its limit', async () => {
  group = makeGroup(findMemoryTree()!, `kmt-pressure-${process.pid}`)
  limitMemory(group, LIMIT, { limitsSwap: false })
  const port = await findFreePort()
  const server = start(PROGRAM, 'serve', '--listen', `127.0.0.1:${port}`)
  const scrape = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
    await answer.text()
    return answer.status
  }
  await vi.waitFor(async () => expect(await scrape()).toBe(200), { timeout: 60_000, interval: 100 })
  const file = join(createTemporaryFolder(), 'cache')
  writeFileSync(file, '')
  truncateSync(file, 200 * MIB)
  start('sh', '-c', 'while cat "$0" >/dev/null; do :; done', file)
  const before = countLimitHits(group)
  await vi.waitFor(() => expect(countLimitHits(group!) - before).toBeGreaterThan(LIMIT_HITS), {
    timeout: 60_000,
    interval: 100,
  })
  for (let i = 0; i < REQUESTS; i++) expect(await scrape()).toBe(200)
  rmSync(file)
  expect([countOomKills(group), server.exitCode, server.signalCode]).toEqual([0, null, null])
})
