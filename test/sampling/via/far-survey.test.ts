// Who holds the memory of a far node: the same survey as on this machine, in every shell, in few requests.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSurvey, type Survey } from '../../../src/collectors/holders/survey.ts'
import type { SurveyHost } from '../../../src/sampling/holders/survey-host.ts'
import { takeSurvey } from '../../../src/sampling/holders/take-survey.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { Link } from '../../../src/sampling/via/link/link.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { buildTree, repeat } from '../survey-tree.ts'
import { createThread, shells } from './shells.ts'

type Facts = Omit<Survey, 'time' | 'cost'>

async function survey(host: SurveyHost, now = () => 0): Promise<Facts> {
  const clock = { now, sleepUntil: () => Promise.resolve() }
  const reading = await takeSurvey(host, clock, 'slab-growth SUnreclaim', () => Promise.resolve())
  const { cost: _, ...facts } = parseSurvey(reading.files['/survey']!)
  return facts
}

async function surveyFar(command: string, root: string, now?: () => number): Promise<Facts> {
  const thread = createThread()
  const link = thread.block(Link.open({ command, reconnects: false }, thread))
  const host = new RemoteHost(link, thread, root)
  try {
    return await survey(host.createSurveyHost(), now)
  } finally {
    host.close()
  }
}

function buildNode(): string {
  const root = buildTree({
    2: { name: 'kthreadd', kernelThread: true },
    7: { name: 'leak $HOME `id`', links: [...repeat(300, 'anon_inode:[eventfd]'), ...repeat(20, 'socket:[77]')] },
    8: { name: 'watch', links: [...repeat(4, 'anon_inode:inotify'), ...repeat(120, '/etc/a -> b')], threads: 90 },
    9: { name: 'quiet' },
  })
  for (const pid of ['7', '8']) {
    mkdirSync(join(root, 'proc', pid, 'ns'))
    mkdirSync(join(root, 'proc', pid, 'net'))
    symlinkSync('net:[4026531840]', join(root, 'proc', pid, 'ns/net'))
    symlinkSync(`mnt:[402653184${pid}]`, join(root, 'proc', pid, 'ns/mnt'))
    symlinkSync('/', join(root, 'proc', pid, 'root'))
  }
  const line = '   0: 0100007F:1F90 0100007F:C350 01 00A00000:00000000 00:00000000 00000000     0        0 77 1\n'
  writeFileSync(join(root, 'proc/7/net/tcp'), `  sl  local_address\n${line}`)
  const mounts =
    '35 24 0:31 / /dev/shm rw - tmpfs tmpfs rw\n36 24 0:32 / /x rw - nfs s:/ rw\n37 24 0:33 / /x/y rw - tmpfs t rw\n'
  writeFileSync(join(root, 'proc/7/mountinfo'), mounts)
  writeFileSync(join(root, 'proc/uptime'), '77.5 1\n')
  mkdirSync(join(root, 'proc/sys/kernel/random'), { recursive: true })
  writeFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'boot-1\n')
  return root
}

// the mount is the real /dev/shm of this machine, which others use too
const withoutUse = ({ tmpfs, ...facts }: Facts) => ({
  ...facts,
  tmpfs: tmpfs.map(({ path, device, pid, cgroup }) => ({ path, device, pid, cgroup })),
})

describe.each(shells)('over %s', shell => {
  test('a survey is the same as on this machine', async () => {
    const root = buildNode()
    const local = await survey(createLocalHost(root))
    expect(local.byProcess.find(({ pid }) => pid === 7)).toMatchObject({
      kinds: { eventfd: 300, socket: 20 },
      queued: 20 * 0xa0_00_00,
    })
    expect(local.tmpfs.map(({ path }) => path)).toEqual(['/dev/shm'])
    const far = await surveyFar(shell, root)
    expect(far.tmpfs.map(({ bytes }) => typeof bytes)).toEqual(['number'])
    expect(withoutUse(far)).toEqual(withoutUse(local))
  })
})

test('a node with nothing to survey, or without /proc, is no error', async () => {
  const root = createTemporaryFolder()
  mkdirSync(join(root, 'proc'))
  writeFileSync(join(root, 'proc/uptime'), '77.5 1\n')
  expect(await surveyFar('sh', root)).toMatchObject({ processes: 0, byProcess: [], tmpfs: [], openFiles: null })
})

test('what did not get through within the budget is counted as not read', async () => {
  let time = 0
  const facts = await surveyFar('sh', buildNode(), () => (time += 2000))
  expect(facts.processes).toBe(4)
  expect(facts.processesRead).toBe(0)
})
