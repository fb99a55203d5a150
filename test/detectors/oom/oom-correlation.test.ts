// Correlation of OOM kills: each kill is reported once, however many counters saw it, and none is missed.
import { describe, expect, test } from 'vitest'
import { type CorrelatedKill, getCorrelatedKills } from '../../../src/detectors/oom/oom-correlation.ts'
import type { Reading } from '../../../src/history.ts'
import { buildHistory } from '../../fixtures.ts'
import {
  createLaterReading,
  createLogReading,
  createV1Control,
  createV1Tree,
  createV2Events,
  createV2Tree,
  createVmstatReading,
  formatBareKill,
  formatReport,
} from '../kills.ts'

const seen = (...readings: readonly Reading[]): readonly CorrelatedKill[] => getCorrelatedKills(buildHistory(readings))

const inShort = (kills: readonly CorrelatedKill[]): readonly string[] =>
  kills.map(
    ({ kill, count, cgroup, confirmedBy }) =>
      `${kill ? kill.victim.comm : `${count} unnamed`} in ${cgroup}: ${confirmedBy.join(' ')}`,
  )

const v2Start = [
  createLogReading(0, ''),
  createVmstatReading(0, 42),
  createV2Tree(0, '/pod', '/pod/c1', '/pod/c2', '/other'),
]
const v1Start = [createLogReading(0, ''), createVmstatReading(0, 42), createV1Tree(0, '/pod', '/pod/c1', '/other')]

describe('a kill in the log', () => {
  test('on v2 is confirmed by its own cgroup and counted once with its ancestors', () => {
    const kills = seen(
      ...v2Start,
      createLogReading(1500, formatReport(1400)),
      createVmstatReading(1600, 43),
      createV2Events(1600, { '/pod/c1': 1, '/pod': 1 }),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual(['java in /pod/c1: kmsg memory.events vmstat'])
  })

  test('on v1 is confirmed by the cgroup of the victim alone', () => {
    const kills = seen(
      ...v1Start,
      createLogReading(1500, formatReport(1400)),
      createVmstatReading(1600, 43),
      createV1Control(1600, { '/pod/c1': 1 }),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual(['java in /pod/c1: kmsg memory.oom_control vmstat'])
  })

  test('is reported once when the counters are read before the log', () => {
    const kills = seen(
      ...v2Start,
      createVmstatReading(1600, 43),
      createV2Events(1600, { '/pod/c1': 1, '/pod': 1 }),
      createLogReading(1900, formatReport(1400)),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual(['java in /pod/c1: kmsg memory.events vmstat'])
  })

  test('of a cgroup removed before its counter was read is confirmed by the parent', () => {
    const kills = seen(
      ...v2Start,
      createLogReading(1500, formatReport(1400)),
      createVmstatReading(1600, 43),
      createV2Events(1600, { '/pod': 1 }),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual(['java in /pod/c1: kmsg memory.events vmstat'])
  })

  test('is reported once in a container, where the log has longer paths than the tree', () => {
    const part = { '/proc/1/mountinfo': '31 22 0:26 /docker/x /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n' }
    const tree = createV2Tree(0, '/pod', '/pod/c1')
    const of = (taskMemcg: string, rises: Readonly<Record<string, number>>) =>
      seen(
        createLogReading(0, ''),
        createVmstatReading(0, 42),
        { ...tree, files: { ...tree.files, ...part } },
        createLogReading(1500, formatReport(1400, { taskMemcg })),
        createVmstatReading(1600, 43),
        createV2Events(1600, rises),
        createLaterReading(9000),
      )
    expect(inShort(of('/docker/x/pod/c1', { '/pod/c1': 1, '/pod': 1 }))).toEqual([
      'java in /docker/x/pod/c1: kmsg memory.events vmstat',
    ])
    expect(inShort(of('/docker/x/pod/gone', { '/pod': 1 }))).toEqual([
      'java in /docker/x/pod/gone: kmsg memory.events vmstat',
    ])
  })

  test('and another within a second in another cgroup are two, each with its own counter', () => {
    const both = formatReport(1400, { pid: 7 }) + formatReport(1450, { pid: 8, comm: 'node', taskMemcg: '/pod/c2' })
    const kills = seen(
      ...v2Start,
      createLogReading(1500, both),
      createVmstatReading(1600, 44),
      createV2Events(1600, { '/pod/c1': 1, '/pod/c2': 1, '/pod': 2 }),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual([
      'java in /pod/c1: kmsg memory.events vmstat',
      'node in /pod/c2: kmsg memory.events vmstat',
    ])
  })

  test('from before the session has no counter', () => {
    expect(
      inShort(
        seen(
          createLogReading(0, formatReport(-50_000)),
          createVmstatReading(0, 42),
          createV2Tree(0, '/pod/c1'),
          createLaterReading(9000),
        ),
      ),
    ).toEqual(['java in /pod/c1: kmsg'])
  })

  test('whose report was rate-limited gets its cgroup from the counter', () => {
    const kills = seen(
      ...v2Start,
      createLogReading(1500, formatBareKill(1400)),
      createVmstatReading(1600, 43),
      createV2Events(1600, { '/pod/c1': 1, '/pod': 1 }),
      createLaterReading(9000),
    )
    expect(inShort(kills)).toEqual(['java in /pod/c1: kmsg memory.events vmstat'])
  })

  test('in a cgroup whose name is not ASCII is confirmed by it', () => {
    const listed = { oomMemcg: '/pod', taskMemcg: '/pod/b\u00fcro' }
    const bytes = Buffer.from(listed.taskMemcg, 'utf8').toString('latin1') // as the Host gives names
    const kills = seen(
      createLogReading(0, ''),
      createV2Tree(0, '/pod', bytes),
      createLogReading(1500, formatReport(1400, listed)),
      createV2Events(1600, { [bytes]: 1, '/pod': 1 }),
      createLaterReading(9000),
    )
    expect(kills.map(({ kill, confirmedBy }) => [kill?.victim.comm, ...confirmedBy])).toEqual([
      ['java', 'kmsg', 'memory.events'],
    ])
  })
})

describe('a kill known from counters only', () => {
  test('is reported after waiting for its log line', () => {
    const readings = [
      ...v2Start,
      createLogReading(1500, ''),
      createVmstatReading(1600, 43),
      createV2Events(1600, { '/pod/c1': 1, '/pod': 1 }),
    ]
    expect(seen(...readings)).toEqual([])
    expect(seen(...readings, createLaterReading(3000))).toEqual([])
    expect(inShort(seen(...readings, createLaterReading(3200)))).toEqual(['1 unnamed in /pod/c1: memory.events vmstat'])
  })

  test('is reported at once where the log is not read', () => {
    const error = "EPERM: operation not permitted, open '/dev/kmsg'"
    const refused: Reading = { time: 0, collector: 'kmsg', files: {}, error }
    const counted = [createV1Tree(0, '/pod/c1'), createV1Control(1600, { '/pod/c1': 2 })]
    expect(inShort(seen(refused, ...counted))).toEqual(['2 unnamed in /pod/c1: memory.oom_control'])
    expect(inShort(seen(...counted))).toEqual(['2 unnamed in /pod/c1: memory.oom_control'])
  })

  test('belongs to the node if no cgroup counted it', () => {
    expect(inShort(seen(...v2Start, createVmstatReading(1600, 44), createLaterReading(9000)))).toEqual([
      '2 unnamed in null: vmstat',
    ])
  })

  test('is the remainder if some of a burst are in the log', () => {
    const kills = seen(
      ...v2Start,
      createLogReading(1500, formatReport(1400)),
      createVmstatReading(1600, 47),
      createV2Events(1600, { '/pod/c1': 5, '/pod': 5 }),
      createLaterReading(9000),
    )
    expect(kills.reduce((sum, { count }) => sum + count, 0)).toBe(5)
    expect(inShort(kills)).toContain('java in /pod/c1: kmsg memory.events vmstat')
  })
})

test('a count that is left over while the line of the next kill is awaited is no kill', () => {
  const first = [...v2Start, createVmstatReading(1000, 43), createLogReading(1020, formatReport(1010))]
  const awaiting = seen(...first, createVmstatReading(2600, 44))
  expect(awaiting.map(({ kill, count }) => [kill?.victim.comm, count])).toEqual([['java', 1]])
  const unlogged = seen(...first, createVmstatReading(2600, 44), createLaterReading(9000))
  expect(unlogged.map(({ kill, count }) => [kill?.victim.comm, count])).toEqual([
    [undefined, 1],
    ['java', 1],
  ])
})

test('a count of a cgroup that is left over while lines come seconds late is no kill', () => {
  const kill = (time: number, pid: number) => createLogReading(time, formatReport(time, { pid, taskMemcg: '/pod/c1' }))
  const storm = [
    ...v2Start,
    createVmstatReading(1000, 43),
    createV2Events(1000, { '/pod/c1': 1, '/pod': 1 }),
    createVmstatReading(1500, 44),
    createV2Events(1500, { '/pod/c1': 2, '/pod': 2 }),
    kill(3000, 100), // both lines come, with their stamps, after their counts
    kill(3400, 101),
  ]
  const count = (readings: readonly Reading[]) => seen(...readings).reduce((sum, one) => sum + one.count, 0)
  expect(count([...storm, createLaterReading(9000)])).toBe(2)
  const unlogged = [createVmstatReading(5000, 45), createV2Events(5000, { '/pod/c1': 3, '/pod': 3 })]
  expect(count([...storm, ...unlogged, createLaterReading(9000)])).toBe(3)
})

test('counters that were high before the session are no kills', () => {
  expect(
    seen(createVmstatReading(0, 42), createV2Tree(0, '/pod'), createLogReading(0, ''), createLaterReading(9000)),
  ).toEqual([])
})

test('the result is cached per history', () => {
  const history = buildHistory([...v2Start, createLogReading(1500, formatReport(1400)), createLaterReading(9000)])
  expect(getCorrelatedKills(history)).toBe(getCorrelatedKills(history))
  expect(getCorrelatedKills(buildHistory(v2Start))).toEqual([])
  expect(getCorrelatedKills(history)).toHaveLength(1)
})
