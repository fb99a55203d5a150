// Who holds it, in real trouble: objects held by known processes among decoys, and the alert names those processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { pickCases } from '../full.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canLeak, type LeakKind, startLeak, waitUntilSlabSettles } from '../helpers/trouble.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/kmemtop', import.meta.url))
/** Holds files and sockets without growing: as many as one of the processes that leak. */
const DECOY = `
  const { openSync } = require('node:fs')
  for (let i = 0; i < 9000; i++) openSync('/etc/passwd', 'r')
  console.log('ready')
  process.stdin.resume().on('end', () => process.exit())
`

interface HolderJson {
  readonly kind: string
  readonly name: string
  readonly holds: string
  readonly share: number
  readonly confidence: string
}
interface SampleJson {
  readonly alerts: readonly { readonly detector: string; readonly holders: readonly HolderJson[] | null }[]
}

async function startScript(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

/** Waits for a sample in which the slab alert has holders that `isWanted` takes; returns them. */
async function waitForHolders(
  samples: AsyncIterable<string>,
  isWanted: (holders: readonly HolderJson[]) => boolean,
  wanted = 'slab-growth',
): Promise<readonly HolderJson[]> {
  for await (const line of samples) {
    const { alerts } = JSON.parse(line) as SampleJson
    const holders = alerts.find(({ detector }) => detector === wanted)?.holders
    if (holders && isWanted(holders)) return holders
  }
  throw new Error('kmemtop ended before it named a holder')
}

/** Sends into sockets that nobody reads; ready when they are full, which the kernel's count of pages shows. */
const FILL_SOCKETS = `
  const net = require('node:net')
  const { readFileSync } = require('node:fs')
  const countPages = () => Number(/^TCP:.* mem (\\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))[1])
  const server = net.createServer({ pauseOnConnect: true }, () => {}).listen(0, '127.0.0.1', () => {
    for (let i = 0; i < 60; i++) {
      const client = net.connect(server.address().port, '127.0.0.1')
      client.on('connect', () => client.write(Buffer.alloc(8 * 2 ** 20)))
    }
    let before = countPages()
    const least = before + 1000
    const timer = setInterval(() => {
      const now = countPages()
      if (now > least && now === before) {
        clearInterval(timer)
        console.log('ready')
      }
      before = now
    }, 400)
  })
  process.stdin.resume().on('end', () => process.exit())
`

/** Maps much address space and touches little of each 2 MiB: page tables. */
const FILL_PAGE_TABLES = `
  const blocks = Array.from({ length: 4 }, () => new Uint8Array(new ArrayBuffer(4 * 2 ** 30)))
  for (const block of blocks) for (let at = 0; at < block.length; at += 2 ** 21) block[at] = 1
  console.log('ready')
  process.stdin.resume().on('end', () => blocks.length && process.exit())
`

const HOLDS: readonly (readonly [LeakKind, kind: string, RegExp, RegExp])[] = [
  ['eventfd', 'process', /^perl\[\d+\]/, /eventfd/],
  ['tcp', 'process', /^perl\[\d+\]/, /socket/],
  ['tmpfs', 'tmpfs', /^\/dev\/shm$/, /files and directories in tmpfs/],
  ['lock', 'process', /^perl\[\d+\]/, /file locks/],
]

// by default one kind of a process and one of a file system
for (const [kind, holderKind, name, holds] of pickCases(
  HOLDS.filter(([leak]) => leak === 'tcp' || leak === 'tmpfs'),
  HOLDS,
))
  testUnless(canLeak())(`${kind}: its holder is named, not the decoy`, async ({ skip }) => {
    await waitUntilSlabSettles()
    const decoy = await startScript(DECOY)
    const program = spawn(PROGRAM, ['--json', '--set', 'slab-growth.warmUpMinutes=0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const samples = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
    try {
      for (let i = 0; i < 6; i++) await samples.next() // the level before the leak is known
      const held = await startLeak(kind).catch(({ message }: Error) => skip(message))
      try {
        const isNamed = (holders: readonly HolderJson[]): boolean => holders.some(one => one.kind === holderKind)
        const holders = await waitForHolders({ [Symbol.asyncIterator]: () => samples }, isNamed)
        const [holder] = holders.filter(one => one.kind === holderKind)
        console.info(`${kind}: ${holders.map(one => `${one.name} ${one.holds} (${one.confidence})`).join('; ')}`)
        expect(holder!.name).toMatch(name)
        expect(holder!.holds).toMatch(holds)
        expect(holder!.confidence).toBe('high')
      } finally {
        await held.release()
      }
    } finally {
      program.kill()
      decoy.stdin!.end()
      await Promise.all([once(program, 'exit'), once(decoy, 'exit')])
    }
  })

const BY_LEVEL: readonly (readonly [what: string, script: string, detector: string, setting: string, RegExp])[] = [
  [
    'sockets full of data',
    FILL_SOCKETS,
    'network-limits',
    'network-limits.warningLevel=0.02',
    /waiting in its sockets/,
  ],
  ['page tables', FILL_PAGE_TABLES, 'kernel-memory', 'kernel-memory.pageTables=0.0015', /of page tables/],
]

for (const [what, script, detector, setting, holds] of pickCases(BY_LEVEL.slice(0, 1), BY_LEVEL))
  testUnless(canLeak())(`${what}: the process is named, not the decoy`, async () => {
    const decoy = await startScript(DECOY)
    const holder = await startScript(script)
    const program = spawn(PROGRAM, ['--json', '--set', setting], { stdio: ['ignore', 'pipe', 'inherit'] })
    const samples = createInterface({ input: program.stdout })
    try {
      const holders = await waitForHolders(samples, list => list.some(({ kind }) => kind === 'process'), detector)
      console.info(`${what}: ${holders.map(one => `${one.name} ${one.holds} (${one.confidence})`).join('; ')}`)
      expect(holders[0]!.name).toContain(`[${holder.pid}]`)
      expect(holders[0]!.holds).toMatch(holds)
    } finally {
      program.kill()
      holder.stdin!.end()
      decoy.stdin!.end()
      await Promise.all([program, holder, decoy].map(child => once(child, 'exit')))
    }
  })

for (const via of [[], ['--via', 'sh']])
  testUnless(canLeak())(`check ${via.join(' ')}: one sample is enough to name the process`, async () => {
    const decoy = await startScript(DECOY)
    const holder = await startScript(FILL_PAGE_TABLES)
    try {
      const args = ['check', '--json', '--kmsg', 'off', '--set', 'kernel-memory.pageTables=0.0015', ...via]
      const program = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const { alerts } = JSON.parse(await text(program.stdout)) as SampleJson
      const [first] = alerts.find(({ detector }) => detector === 'kernel-memory')!.holders!
      expect(first).toMatchObject({ name: expect.stringContaining(`[${holder.pid}]`), kind: 'process' })
    } finally {
      for (const child of [holder, decoy]) child.stdin!.end()
      await Promise.all([holder, decoy].map(child => once(child, 'exit')))
    }
  })
