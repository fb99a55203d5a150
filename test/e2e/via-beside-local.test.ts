// A node over commands beside a local run of the same machine: the same alerts, the same verdict of a load test.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canLeak, canOomKill, startLeak, triggerOomKill, waitUntilSlabSettles } from '../helpers/trouble.ts'
import { PROGRAM } from './program.ts'
import { canOpenWays, openWays } from './ways.ts'

const SHM = `/dev/shm/kmt-via-${process.pid}`
afterAll(() => rmSync(SHM, { recursive: true, force: true }))

interface Recorder {
  readonly child: ChildProcess
  readonly log: () => string
}

function startRecorder(...args: readonly string[]): Recorder {
  const child = spawn(PROGRAM, ['record', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    text += chunk
  })
  return { child, log: () => text }
}

const NAMED = expect.arrayContaining([expect.stringContaining('shmem_inode_cache')])

interface Verdict {
  readonly verdict: string
  readonly alerts: readonly { readonly detector: string; readonly summary: string }[]
  readonly sources: readonly { readonly id: string; readonly ok: boolean }[]
}

/** What a check says of a recording, as far as it is written. */
function checkRecording(file: string): Verdict {
  const words = ['check', file, '--json']
  const { stdout, stderr } = spawnSync(PROGRAM, words, { encoding: 'utf8', env: createTerminalEnv() })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const listSlabAlerts = (file: string): readonly string[] =>
  checkRecording(file).alerts.flatMap(({ detector, summary }) => (detector === 'slab-growth' ? [summary] : []))

/** What must not depend on the way: the verdict, and which sources were read. */
const summarize = ({ verdict, sources }: Verdict): unknown => ({
  verdict,
  sources: sources.map(({ id, ok }) => `${id} ${ok}`),
})

testUnless(canOomKill() ?? canLeak() ?? canOpenWays())(
  'a kill and a growing cache raise the same alerts over a shell, in a chroot with nothing but busybox, over nsenter, over sshd and in a local run',
  async () => {
    await waitUntilSlabSettles() // a fall from what a test before held would hide the growth
    const folder = createTemporaryFolder()
    const { ways: overCommands, close } = await openWays()
    const ways = [[], ...overCommands.map(({ command }) => ['--via', command])]
    const recorders = ways.map((via, i) => startRecorder('-o', join(folder, `${i}.kmem`), ...via))
    const waitForLogs = (pattern: RegExp, timeout: number): Promise<void> =>
      expect
        .poll(() => recorders.map(({ log }) => pattern.test(log())), { timeout, interval: 200 })
        .toEqual(ways.map(() => true))
    try {
      await waitForLogs(/recording into/, 20_000)
      const { pid } = await triggerOomKill({ name: 'beside', limitBytes: 16 << 20 })
      await waitForLogs(new RegExp(`OOM KILL {2}\\w+\\[${pid}\\]`), 20_000)
      const slab = await startLeak('tmpfs')
      try {
        // the alert comes with SUnreclaim, the cache with the next reading of slabinfo
        await waitForLogs(/SLAB GROWTH/, 90_000)
        const files = recorders.map((_, i) => join(folder, `${i}.kmem`))
        // one after another: each look is a process that reads a recording
        for (const file of files)
          await expect.poll(() => listSlabAlerts(file), { timeout: 60_000, interval: 2000 }).toEqual(NAMED)
        const verdicts = files.map(file => summarize(checkRecording(file)))
        expect(verdicts[0]).toMatchObject({ verdict: 'problem' })
        expect(verdicts).toEqual(ways.map(() => verdicts[0]))
      } finally {
        await slab.release()
      }
      const kills = recorders.map(({ log }) => log().match(new RegExp(`OOM KILL.*\\[${pid}\\].*`, 'g')))
      expect(kills[0]).toHaveLength(1)
      expect(kills).toEqual(ways.map(() => kills[0]))
    } finally {
      for (const { child } of recorders) child.kill()
      await Promise.all(recorders.map(({ child }) => child.exitCode ?? once(child, 'exit')))
      await close()
    }
  },
)

const BYTES_PER_EXECUTION = 24_000_000
const readShmem = (): number => Number(/^Shmem: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))![1]) * 1024

interface LoadTestRun {
  readonly status: number | null
  readonly stderr: string
  /** bytes that the program found per execution */
  readonly perIteration: number
  /** by how much Shmem of the node rose from one execution to the next, as the load itself saw it */
  readonly steps: readonly number[]
}

function runLoadTest(): LoadTestRun {
  mkdirSync(SHM, { recursive: true })
  const folder = createTemporaryFolder()
  const [json, seen] = [join(folder, 'run.json'), join(folder, 'shmem')]
  const load = `head -c ${BYTES_PER_EXECUTION} /dev/zero > ${SHM}/$$; sed -n 's/^Shmem: *\\([0-9]*\\) kB$/\\1/p' /proc/meminfo >> ${seen}`
  const options = ['-q', '-i', '200ms', '--control', '2s', '--settle', '2s', '--kmsg', 'off', '--via', 'sh']
  const before = readShmem()
  const { status, stderr } = spawnSync(
    PROGRAM,
    ['run', ...options, '--repeat', '5', '--warmup', '1', '--json', json, '--', 'sh', '-c', load],
    { encoding: 'utf8', env: createTerminalEnv() },
  )
  rmSync(SHM, { recursive: true })
  const { quantities } = JSON.parse(readFileSync(json, 'utf8'))
  const shmem = quantities.find(({ id }: { id: string }) => id === 'memory Shmem')
  const levels = [
    before,
    ...readFileSync(seen, 'utf8')
      .trimEnd()
      .split('\n')
      .map(kB => Number(kB) * 1024),
  ]
  const steps = levels.slice(1).map((level, i) => level - levels[i]!)
  return { status, stderr, perIteration: shmem.growthPerIteration, steps }
}

const isOwnStep = (step: number): boolean => Math.abs(step / BYTES_PER_EXECUTION - 1) < 0.05

// The growth is that of the whole node. Where other programs moved Shmem meanwhile, it is judged again; a wrong verdict stays one.
testUnless(existsSync('/dev/shm') ? undefined : '/dev/shm is missing')(
  'a load test measures what each execution leaves on tmpfs',
  () => {
    for (let run = 1; run <= 3; run++) {
      const { status, stderr, perIteration, steps } = runLoadTest()
      expect(stderr).toMatch(/[✖?] {2}(Leaks|Cannot tell)/)
      expect(status).toBe(/Leaks/.test(stderr) ? 1 : 2)
      expect(steps).toHaveLength(5)
      if (status === 2 || !steps.every(isOwnStep)) continue
      expect(perIteration / BYTES_PER_EXECUTION).toBeGreaterThan(0.9)
      expect(perIteration / BYTES_PER_EXECUTION).toBeLessThan(1.1)
      return
    }
  },
)
