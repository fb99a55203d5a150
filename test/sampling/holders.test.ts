// A survey of a node: processes by what they hold, tmpfs mounts, within a budget, in slices that let sampling go on.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSurvey } from '../../src/collectors/holders/survey.ts'
import { classifyLink } from '../../src/sampling/holders/process-files.ts'
import { readCgroup } from '../../src/sampling/holders/processes.ts'
import { takeSurvey } from '../../src/sampling/holders/take-survey.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { buildTree, repeat } from './survey-tree.ts'

const REASON = 'slab-growth SUnreclaim'

/** A clock that goes on by `step` ms each time it is asked. */
function createSteppingClock(step: number) {
  let time = 0
  return {
    now: () => {
      time += step
      return time
    },
    sleepUntil: () => Promise.resolve(),
  }
}

async function surveyTree(root: string, step = 0.001) {
  let pauses = 0
  const reading = await takeSurvey(createLocalHost(root), createSteppingClock(step), REASON, () => {
    pauses++
    return Promise.resolve()
  })
  return { reading, survey: parseSurvey(reading.files['/survey']!), pauses }
}

describe('a survey', () => {
  test('has of each process its descriptors by kind, threads, page tables, watches and locks', async () => {
    const root = buildTree({
      2: { name: 'kthreadd', kernelThread: true },
      7: {
        name: 'leak',
        links: [...repeat(300, 'anon_inode:[eventfd]'), ...repeat(100, 'socket:[77]')],
        cgroup: '4:memory:/pod\n1:cpu:/x\n',
      },
      8: {
        name: 'watch',
        links: [...repeat(4, 'anon_inode:inotify'), ...repeat(120, '/etc/passwd')],
        threads: 90,
        pageTables: 9000,
      },
    })
    const { survey } = await surveyTree(root)
    expect(survey).toMatchObject({ reason: REASON, processes: 3, processesRead: 3, refused: 0, openFiles: 3424 })
    const byName = Object.fromEntries(survey.byProcess.map(one => [one.name, one]))
    expect(Object.keys(byName).toSorted()).toEqual(['leak', 'watch'])
    expect(byName.leak).toMatchObject({
      pid: 7,
      cgroup: '/pod',
      files: 400,
      locks: 2,
      kinds: { eventfd: 300, socket: 100 },
    })
    expect(byName.watch).toMatchObject({ files: 124, threads: 90, pageTables: 9000 * 1024, watches: 8, locks: 1 })
  })

  test('reads some of many descriptors, and scales up', async () => {
    const links = Array.from({ length: 900 }, (_, i) => (i % 3 === 0 ? 'pipe:[5]' : 'anon_inode:[timerfd]'))
    const { survey } = await surveyTree(buildTree({ 9: { name: 'many', links } }))
    const { kinds } = survey.byProcess[0]!
    expect(kinds.timerfd! + kinds.pipe!).toBe(900)
    expect(kinds.timerfd).toBeGreaterThan(500)
  })

  test('pauses after each slice, and stops at the end of its budget and says so', async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i + 1, { name: `p${i}` }]))
    const { survey, pauses } = await surveyTree(buildTree(many), 7)
    expect(pauses).toBeGreaterThan(5)
    expect(survey.processes).toBe(60)
    expect(survey.processesRead).toBeLessThan(60)
    expect(survey.cost).toBeGreaterThan(400)
  })

  test('reads all processes of a node that is busy: waiting for a turn is no work, but it ends after ten seconds', async () => {
    const root = buildTree(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i + 1, { name: `p${i}` }])))
    const read = async (step: number) => {
      const clock = createSteppingClock(step)
      const busy = { ...clock, readCpuTime: () => clock.now() / 100 }
      const reading = await takeSurvey(createLocalHost(root), busy, REASON, () => Promise.resolve())
      return parseSurvey(reading.files['/survey']!)
    }
    expect(await read(7)).toMatchObject({ processes: 60, processesRead: 60 })
    expect((await read(200)).processesRead).toBeLessThan(60)
  })

  test('of a node without /proc is no survey of anything, and no error', async () => {
    const root = createTemporaryFolder()
    mkdirSync(join(root, 'proc'))
    const { survey } = await surveyTree(root)
    expect(survey).toMatchObject({ processes: 0, byProcess: [], tmpfs: [], openFiles: null })
  })
})

test.each([
  ['socket:[123]', 'socket'],
  ['pipe:[5]', 'pipe'],
  ['anon_inode:[eventfd]', 'eventfd'],
  ['anon_inode:inotify', 'inotify'],
  ['anon_inode:bpf-map', 'bpf-map'],
  ['/memfd:jit (deleted)', 'memfd'],
  ['/var/log/messages', 'file'],
  ['', 'file'],
])('a descriptor %j is %s', (link, kind) => {
  expect(classifyLink(link)).toBe(kind)
})

test.each([
  ['0::/kubepods/pod1\n', '/kubepods/pod1'],
  ['9:cpu,cpuacct:/b\n4:memory:/a b:c\n0::/\n', '/a b:c'],
  ['7:hugetlb,memory:/x\n1:name=systemd:/y\n', '/x'],
  ['', ''],
])('the memory cgroup in %j is %s', (text, path) => {
  expect(readCgroup({ readOnce: () => text } as never, 1)).toBe(path)
})
