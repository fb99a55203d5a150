// OOM kills as alerts: one per limit, open for a quarter of an hour.

import { describe, expect, test } from 'vitest'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'
import { formatOccurrences } from '../../../src/detectors/alerts.ts'
import { getEvidence, toEvidenceObject } from '../../../src/detectors/evidence.ts'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { computeMemoryParts } from '../../../src/detectors/oom/memory-parts.ts'
import { oomKill } from '../../../src/detectors/oom/oom-kill.ts'
import { appendReading, createHistory, type Reading } from '../../../src/history.ts'
import { loadPlayableLog } from '../../../src/postmortem/logs/playable-log.ts'
import { buildHistory } from '../../fixtures.ts'
import { getLogPath } from '../../postmortem/logs/log-formats.ts'
import {
  createLaterReading,
  createLogReading,
  createV2Events,
  createV2Tree,
  createVmstatReading,
  formatBareKill,
  formatReport,
} from '../kills.ts'

const MINUTE = 60_000
const found = (...readings: readonly Reading[]): ReturnType<typeof oomKill.detect> =>
  oomKill.detect(buildHistory(readings), defaultThresholds['oom-kill'])

test('a kill is critical and names the victim, its cgroup and whose limit was hit', () => {
  const [finding, ...others] = found(createLogReading(2000, formatReport(1400)))
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    kind: 'event',
    severity: 'critical',
    title: 'OOM KILL',
    count: 1,
    since: 1400,
    at: 1400,
  })
  expect(finding!.summary).toBe('java[4121] (2.00 MiB RSS) killed in /pod/c1: /pod hit its limit of 64.0 MiB')
  expect(toEvidenceObject(finding!.evidence)).toMatchObject({ failcnt: 18, limit: 64 * 2 ** 20, witnesses: 'kmsg' })
  expect(finding!.remedy.length).toBeGreaterThan(0)
})

test('a cgroup that was removed after the kill is not named as one whose memory to check', () => {
  const removal = { time: 3000, collector: 'cgroups', files: { '/sys/fs/cgroup/pod/': null } } as const
  const kill = [createV2Tree(0, '/pod', '/pod/c1'), createLogReading(2000, formatReport(1400))]
  const getTexts = (...readings: readonly Reading[]) => found(...readings)[0]!.remedy.map(({ text }) => text)
  expect(getTexts(...kill)).toContain('find what uses its memory: /pod in the Cgroups view of kmemtop')
  expect(getTexts(...kill, removal).join()).toContain('/pod was removed since')
  // the kernel names a cgroup outside of the tree that a container sees: whether it exists is not known
  const elsewhere = createLogReading(2000, formatReport(1400, { oomMemcg: '/other' }))
  const texts = getTexts(createV2Tree(0, '/pod'), elsewhere).join()
  expect(texts).not.toContain('was removed')
  expect(texts).toContain('/other is not among the cgroups now')
})

describe('kills are one alert', () => {
  test('while the same process is killed at the same limit', () => {
    const loop = [1000, 61_000, 121_000].map((time, i) =>
      createLogReading(time + 500, formatReport(time, { pid: 100 + i })),
    )
    expect(found(...loop)).toMatchObject([{ count: 3, since: 1000, at: 121_000 }])
  })

  test('whatever the processes are called: the last is described, those before it are listed', () => {
    const kills = ['a', 'b', 'java', 'c', 'd', 'e'].map((comm, i) => formatReport(1000 + 100 * i, { comm })).join('')
    const [finding, ...others] = found(createLogReading(2000, kills))
    expect(others).toEqual([])
    expect(finding!.count).toBe(6)
    expect(getEvidence(finding!.evidence, 'died before it')).toBe('d, c and 3 more')
    expect(finding!.summary).toMatch(/^e\[4121\] .* killed.*; killed before: d, c and 3 more$/)
  })

  test('while the containers of one pod are created again', () => {
    const pod = '/kubepods/burstable/pod3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
    const kills = ['1', '2', '3'].map((digit, i) => {
      const container = `${pod}/${digit.repeat(64)}`
      return formatReport(1000 + 100 * i, { oomMemcg: container, taskMemcg: container })
    })
    expect(found(createLogReading(2000, kills.join('')))).toMatchObject([{ subject: pod, count: 3 }])
  })

  test('with rate-limited kills, if a process of that name was killed there within a minute', () => {
    const kills = [formatReport(1000), formatBareKill(1100), formatBareKill(1200, 'other'), formatReport(1300)].join('')
    expect(found(createLogReading(2000, kills)).map(({ subject, count }) => [subject, count])).toEqual([
      ['/pod', 3],
      ['unknown', 1],
    ])
    const late = found(createLogReading(1500, formatReport(1000)), createLogReading(70_000, formatBareKill(69_000)))
    expect(late.map(({ count }) => count)).toEqual([1, 1])
  })

  test('per limit', () => {
    const kills = [formatReport(1000), formatReport(1200, { oomMemcg: '/other', taskMemcg: '/other/c9' })].join('')
    expect(found(createLogReading(2000, kills)).map(({ subject }) => subject)).toEqual(['/pod', '/other'])
  })
})

describe('a kill stays open for a quarter of an hour', () => {
  const killed = createLogReading(2000, formatReport(1400))

  test('and not longer', () => {
    expect(found(killed, createLaterReading(1400 + 15 * MINUTE))).toHaveLength(1)
    expect(found(killed, createLaterReading(1401 + 15 * MINUTE))).toEqual([])
  })

  test('also if it happened before the session', () => {
    expect(found(createLogReading(0, formatReport(-14 * MINUTE)))).toHaveLength(1)
    expect(found(createLogReading(0, formatReport(-16 * MINUTE)))).toEqual([])
  })

  test('or for the time set as threshold', () => {
    expect(oomKill.detect(buildHistory([killed, createLaterReading(3 * MINUTE)]), { markedMinutes: 2 })).toEqual([])
  })
})

test('a kill known from counters only says so, and why the victim is unknown', () => {
  const [finding] = found(
    createLogReading(0, ''),
    createV2Tree(0, '/pod/c1'),
    createV2Events(1600, { '/pod/c1': 2 }),
    createLaterReading(9000),
  )
  expect(finding!.summary).toBe(
    '2 processes killed in /pod/c1, victim unknown: counted by memory.events, not in the kernel log',
  )
  const [unplaced] = found(createVmstatReading(0, 1), createVmstatReading(1000, 2), createLaterReading(9000))
  expect(unplaced!.summary).toBe(
    '1 process killed on this node, victim unknown: counted by vmstat, the kernel log is not read',
  )
})

test('a rate-limited report is reported as incomplete', () => {
  const [finding] = found(createLogReading(2000, formatBareKill(1400)))
  expect(getEvidence(finding!.evidence, 'report')).toContain('partial')
  expect(finding!.summary).toContain('a cgroup hit its limit; report incomplete')
})

test('up to 5.2 the last line of a report alone does not claim that a cgroup hit its limit', () => {
  const [finding] = found(createLogReading(2000, formatBareKill(1400).replace('Memory cgroup out of memory: ', '')))
  expect(finding!.summary).toMatch(
    /^java\[4121\] .* killed: a cgroup or the whole node ran out of memory; report incomplete \(rate-limited or lost\)$/,
  )
  expect(finding!.short).toMatch(/^java\[4121\] \d\S+ limit unknown$/)
})

test('a cgroup name from the log is not decoded twice', () => {
  const [finding] = found(
    createLogReading(2000, formatReport(1400, { oomMemcg: '/b\u00fcro', taskMemcg: '/b\u00fcro' })),
  )
  expect(finding!.summary).toContain('/b\u00fcro')
})

test('a limit filled by tmpfs files says so, and the first remedy is about them', async () => {
  const log = await loadPlayableLog(getLogPath('oom-tmpfs.5.15.dmesg'), 0)
  const history = log.readings.reduce(appendReading, createHistory(log.session))
  const [finding] = oomKill.detect(history, { markedMinutes: 10_000 })
  expect(finding!.summary).toMatch(/ hit its limit of .*, 6\d % of it tmpfs files, which stay after the kill$/)
  expect(getEvidence(finding!.evidence, 'shared (tmpfs)')).toBeGreaterThan(600 * 2 ** 20)
  expect(finding!.remedy[0]?.text).toMatch(/^delete tmpfs files/)
})

test('of a report without statistics what is not kernel memory is a part too, and no filling is made up', () => {
  const kill = { stat: {}, kmem: { usage: 2 ** 30 }, memory: { usage: 8 * 2 ** 30 } } as unknown as OomKill
  expect(computeMemoryParts(kill)).toEqual([
    { name: 'processes and cache', bytes: 7 * 2 ** 30 },
    { name: 'kernel', bytes: 2 ** 30 },
  ])
})

test.each([
  [499, ' ×499'],
  [600, ' ×500+'],
])('%i kills at one limit are shown as%s: of more than are kept the number is a minimum', (kills, shown) => {
  const text = Array.from({ length: kills }, (_, i) => formatReport(1000 + i, { pid: 5000 + i })).join('')
  expect(formatOccurrences(found(createLogReading(2000, text))[0]!)).toBe(shown)
})
