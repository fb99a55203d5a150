// The worst minute of a node, in a virtual machine: a screen with -w and a recorder outlive what happens, and what they report is so.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canRunInVm, runInVm, toVmPath, type VmOptions } from '../helpers/trouble.ts'
import { PROGRAM } from './program.ts'

const SCRIPT = join(import.meta.dirname, '../helpers/trouble/worst-minute.sh')

/** What `kmemtop info --json` says of a recording. */
interface Info {
  readonly complete: boolean
  readonly samples: number
  readonly kernelLog: { readonly read: number; readonly lost: number }
  readonly clockSteps: readonly { readonly kind: string; readonly by: number }[]
  readonly alerts: readonly { readonly title: string; readonly count?: number; readonly summary: string }[]
}

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  /** exit codes */
  readonly screen: string
  readonly record: string
  /** what the recorder said */
  readonly words: string
  /** the last screen */
  readonly lastScreen: string
  /** of the recording of -w and of that of the recorder; undefined: there is none */
  readonly recordings: readonly (Info | undefined)[]
}

async function suffer(trouble: string, options: VmOptions = {}): Promise<Outcome> {
  const share = createTemporaryFolder()
  const command = [SCRIPT, PROGRAM].map(path => `'${toVmPath(path)}'`).join(' ')
  const vm = await runInVm(`#!/bin/sh\nexec ${command} ${trouble} 5\n`, {
    mem: '512M',
    ...options,
    share,
  })
  const read = (name: string): string => (existsSync(join(share, name)) ? readFileSync(join(share, name), 'utf8') : '')
  const inspect = (name: string): Info | undefined => {
    const { status, stdout } = spawnSync(PROGRAM, ['info', '--json', join(share, name)], { encoding: 'utf8' })
    return status === 0 ? JSON.parse(stdout) : undefined
  }
  return {
    code: vm.code,
    stdout: vm.stdout + vm.stderr,
    screen: read('screen.exit').trim(),
    record: read('record.exit').trim(),
    words: read('record.err'),
    lastScreen: read('screen.txt'),
    recordings: ['screen.kmem', 'record.kmem'].map(inspect),
  }
}

const testInVm = testUnless(skipUnlessFull() ?? canRunInVm())
const COMPLETE = { complete: true }
const getKills = ({ recordings }: Outcome): readonly number[] =>
  recordings.map(info =>
    (info?.alerts ?? []).reduce((sum, { title, count = 1 }) => (title.endsWith('OOM KILL') ? sum + count : sum), 0),
  )

testInVm('memory of the whole node runs out twice: both go on, and each kill is reported once', async () => {
  const outcome = await suffer('global-oom', { mem: '300M' })
  expect(outcome).toMatchObject({ code: 0, screen: '0', record: '0', recordings: [COMPLETE, COMPLETE] })
  expect(getKills(outcome)).toEqual([2, 2])
})

testInVm('100 kills in ten seconds: all are reported, none twice, none as unknown', async () => {
  const outcome = await suffer('kills', { mem: '300M' })
  expect(outcome).toMatchObject({ code: 0, screen: '0', record: '0', recordings: [COMPLETE, COMPLETE] })
  const killed = Number(/killed: oom_kill (\d+)/.exec(outcome.stdout)?.[1])
  expect(killed).toBeGreaterThan(50)
  expect(getKills(outcome)).toEqual([killed, killed])
  expect(outcome.words).not.toContain('victim unknown')
})

testInVm('50,000 kernel records: each is recorded or counted as lost', async () => {
  const outcome = await suffer('flood')
  expect(outcome).toMatchObject({ code: 0, screen: '0', record: '0', recordings: [COMPLETE, COMPLETE] })
  for (const info of outcome.recordings)
    expect(info!.kernelLog.read + info!.kernelLog.lost).toBeGreaterThanOrEqual(50_000)
})

const DISKS: readonly (readonly [string, RegExp])[] = [
  ['disk-full', /nearly full|no space left/],
  ['disk-gone', /EIO/],
  ['unmounted', /was unmounted/],
  ['read-only', /is read-only|EROFS/],
]
for (const [trouble, why] of DISKS)
  testInVm(
    `${trouble}: the recorder ends and says why, the screen goes on and does not say that it records`,
    async () => {
      const outcome = await suffer(trouble, { swap: '64M' })
      expect(outcome).toMatchObject({ code: 0, screen: '0', record: '2' })
      expect(outcome.words).toMatch(why)
      expect(outcome.lastScreen).toContain('LIVE')
      expect(outcome.lastScreen).toContain('not recording')
      expect(outcome.lastScreen).not.toMatch(/● REC/)
    },
  )

testInVm('the wall clock is set: both go on, and each step is in the recordings', async () => {
  const outcome = await suffer('clock')
  expect(outcome).toMatchObject({ code: 0, screen: '0', record: '0', recordings: [COMPLETE, COMPLETE] })
  for (const info of outcome.recordings)
    expect(JSON.stringify(info)).toMatch(/clockSteps.*3600\d\d\d.*-7200\d\d\d|clock/)
})
