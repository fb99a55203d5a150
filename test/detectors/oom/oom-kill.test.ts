// OOM kills as alerts: one for what keeps happening, for a quarter of an hour.
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { oomKill } from '../../../src/detectors/oom/oom-kill.ts'
import type { Reading } from '../../../src/history.ts'
import { buildHistory } from '../../fixtures.ts'
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

test('a kill is critical, and tells who died, where, and at whose limit', () => {
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
  expect(finding!.summary).toBe('java[4121] had 2.00 MiB; /pod used 64.0 MiB of 64.0 MiB; died in /pod/c1')
  expect(finding!.evidence).toMatchObject({ failcnt: 18, limit: 64 * 2 ** 20, witnesses: 'kmsg' })
  expect(finding!.remedy.length).toBeGreaterThan(0)
})

describe('kills are one alert', () => {
  test('while the same process dies at the same limit', () => {
    const loop = [1000, 61_000, 121_000].map((time, i) =>
      createLogReading(time + 500, formatReport(time, { pid: 100 + i })),
    )
    expect(found(...loop)).toMatchObject([{ count: 3, since: 1000, at: 121_000 }])
  })

  test('whatever the processes are called: the last is told, and who died before it', () => {
    const kills = ['a', 'b', 'java', 'c', 'd', 'e'].map((comm, i) => formatReport(1000 + 100 * i, { comm })).join('')
    const [finding, ...others] = found(createLogReading(2000, kills))
    expect(others).toEqual([])
    expect(finding).toMatchObject({ count: 6, evidence: { 'died before it': 'd, c and 3 more' } })
    expect(finding!.summary).toMatch(/^e\[4121\] had .*; before it d, c and 3 more$/)
  })

  test('while the containers of one pod are made anew', () => {
    const pod = '/kubepods/burstable/pod3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
    const kills = ['1', '2', '3'].map((digit, i) => {
      const container = `${pod}/${digit.repeat(64)}`
      return formatReport(1000 + 100 * i, { oomMemcg: container, taskMemcg: container })
    })
    expect(found(createLogReading(2000, kills.join('')))).toMatchObject([{ subject: pod, count: 3 }])
  })

  test('with those whose report was left out, when one of their name died there just before', () => {
    const kills = [formatReport(1000), formatBareKill(1100), formatBareKill(1200, 'other'), formatReport(1300)].join('')
    expect(found(createLogReading(2000, kills)).map(({ subject, count }) => [subject, count])).toEqual([
      ['/pod', 3],
      ['unknown', 1],
    ])
    const late = found(createLogReading(1500, formatReport(1000)), createLogReading(70_000, formatBareKill(69_000)))
    expect(late.map(({ count }) => count)).toEqual([1, 1])
  })

  test('each where the limit is another', () => {
    const kills = [formatReport(1000), formatReport(1200, { oomMemcg: '/other', taskMemcg: '/other/c9' })].join('')
    expect(found(createLogReading(2000, kills)).map(({ subject }) => subject)).toEqual(['/pod', '/other'])
  })
})

describe('a kill is marked for a quarter of an hour', () => {
  const killed = createLogReading(2000, formatReport(1400))

  test('and not a moment longer', () => {
    expect(found(killed, createLaterReading(1400 + 15 * MINUTE))).toHaveLength(1)
    expect(found(killed, createLaterReading(1401 + 15 * MINUTE))).toEqual([])
  })

  test('from before the session too', () => {
    expect(found(createLogReading(0, formatReport(-14 * MINUTE)))).toHaveLength(1)
    expect(found(createLogReading(0, formatReport(-16 * MINUTE)))).toEqual([])
  })

  test('or as long as the threshold says', () => {
    expect(oomKill.detect(buildHistory([killed, createLaterReading(3 * MINUTE)]), { markedMinutes: 2 })).toEqual([])
  })
})

test('a kill that only counters saw says so, and why nobody knows more', () => {
  const [finding] = found(
    createLogReading(0, ''),
    createV2Tree(0, '/pod/c1'),
    createV2Events(1600, { '/pod/c1': 2 }),
    createLaterReading(9000),
  )
  expect(finding!.summary).toBe('2 processes killed in /pod/c1: seen only in memory.events, the log does not tell who')
  const [unplaced] = found(createVmstatReading(0, 1), createVmstatReading(1000, 2), createLaterReading(9000))
  expect(unplaced!.summary).toBe(
    '1 process killed somewhere on this node: seen only in vmstat, the kernel log is not read',
  )
})

test('a rate-limited report says that it is only a part', () => {
  const [finding] = found(createLogReading(2000, formatBareKill(1400)))
  expect(finding!.evidence.report).toContain('partial')
  expect(finding!.summary).toContain('cgroup not told')
})

test('up to 5.2 the last line of a report, alone, does not say that it was a cgroup', () => {
  const [finding] = found(createLogReading(2000, formatBareKill(1400).replace('Memory cgroup out of memory: ', '')))
  expect(finding!.summary).toMatch(/^java\[4121\] had \d.*; limit not told \(report rate-limited or lost\)$/)
  expect(finding!.short).toMatch(/^java\[4121\] \d\S+ limit not told$/)
})

test('a cgroup name from the log is drawn as it is written, not decoded twice', () => {
  const [finding] = found(
    createLogReading(2000, formatReport(1400, { oomMemcg: '/b\u00fcro', taskMemcg: '/b\u00fcro' })),
  )
  expect(finding!.summary).toContain('/b\u00fcro')
})
