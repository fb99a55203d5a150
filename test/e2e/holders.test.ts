// Who holds it, in real trouble: objects held by known processes among decoys, and the alert names those processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
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

async function startDecoy(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', DECOY], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

/** Waits for a sample in which the slab alert has holders that `isWanted` takes; returns them. */
async function waitForHolders(
  samples: AsyncIterable<string>,
  isWanted: (holders: readonly HolderJson[]) => boolean,
): Promise<readonly HolderJson[]> {
  for await (const line of samples) {
    const { alerts } = JSON.parse(line) as SampleJson
    const holders = alerts.find(({ detector }) => detector === 'slab-growth')?.holders
    if (holders && isWanted(holders)) return holders
  }
  throw new Error('kmemtop ended before it named a holder')
}

const HOLDS: readonly (readonly [LeakKind, kind: string, RegExp, RegExp])[] = [
  ['eventfd', 'process', /^perl\[\d+\]/, /eventfd/],
  ['tcp', 'process', /^perl\[\d+\]/, /socket/],
  ['tmpfs', 'tmpfs', /^\/dev\/shm$/, /files and directories in tmpfs/],
  ['lock', 'process', /^perl\[\d+\]/, /file locks/],
]

for (const [kind, holderKind, name, holds] of HOLDS)
  testUnless(canLeak())(
    `${kind}: its holder is named, not the decoy`,
    async ({ skip }) => {
      await waitUntilSlabSettles()
      const decoy = await startDecoy()
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
    },
    120_000,
  )
