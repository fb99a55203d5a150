// check: the verdict, its one line, and what it says of what it could not see.
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { type CheckInput, computeVerdict, formatCheck, formatVerdict, toCheckJson } from '../../src/export/check.ts'
import type { Reading } from '../../src/history.ts'
import { readFixture, session } from '../fixtures.ts'

const FINE: readonly Reading[] = [
  { time: 0, collector: 'meminfo', files: { '/proc/meminfo': readFixture('6.18', '/proc/meminfo') } },
  { time: 0, collector: 'vmstat', files: { '/proc/vmstat': readFixture('6.18', '/proc/vmstat') } },
  { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': readFixture('6.18', '/proc/slabinfo') } },
  { time: 0, collector: 'cgroups', files: { '/proc/cgroups': readFixture('6.18', '/proc/cgroups') } },
  { time: 0, collector: 'kmsg', files: {} },
]

const KILL: Reading = {
  time: 10,
  collector: 'kmsg',
  files: {
    '/dev/kmsg': `3,1,3600005000,-;Memory cgroup out of memory: Killed process 77 (a\\x1b[31m${'é'.repeat(40)}) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n`,
  },
}

function checked(readings: readonly Reading[], of: Partial<CheckInput> = {}): CheckInput {
  const watch = readings.reduce(
    (before, one) => applyReading(before, one, defaultThresholds),
    createMonitorState(session),
  )
  return { ...watch, past: false, off: [], ...of }
}

const refused = (collector: 'slabinfo' | 'kmsg', code: string): Reading => ({
  time: 1,
  collector,
  files: {},
  error: `${code}: no, open '/proc/${collector}'`,
})

describe('the verdict', () => {
  test('is ok if nothing was found and every required source was read', () => {
    expect(computeVerdict(checked(FINE))).toBe('ok')
  })

  test('is unknown when nothing was found but an important source is missing', () => {
    const one = checked([...FINE.filter(({ collector }) => collector !== 'slabinfo'), refused('slabinfo', 'EACCES')])
    expect(computeVerdict(one)).toBe('unknown')
    expect(formatCheck(one)).toMatch(/^unknown: slabinfo not readable/)
    expect(formatCheck(one)).toContain('run as root')
  })

  test('is a problem if one was found, whatever could not be read', () => {
    const one = checked([...FINE, refused('slabinfo', 'EACCES'), KILL, { ...KILL, time: 5000, files: {} }])
    expect(computeVerdict(one)).toBe('problem')
    expect(formatCheck(one)).toContain('could not be read:\n  slabinfo')
  })

  test('does not need a source that was switched off', () => {
    const readings = FINE.filter(({ collector }) => collector !== 'kmsg')
    expect(computeVerdict(checked(readings))).toBe('unknown')
    expect(computeVerdict(checked(readings, { off: ['kmsg'] }))).toBe('ok')
  })
})

test('the verdict comes first, with at most 80 bytes and no control characters', () => {
  const one = checked([...FINE, KILL])
  expect(Buffer.byteLength(formatVerdict(one))).toBeLessThanOrEqual(80)
  expect(formatVerdict(one)).toMatch(/^OOM KILL/)
  expect(formatCheck(one).split('\n')[0]).toBe(formatVerdict(one))
  expect(formatCheck(one).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('a repeated alert of a recording is listed once', () => {
  const { history, alerts } = checked([...FINE, KILL])
  const again = alerts.map(alert => ({ ...alert, raisedAt: 99_000 }))
  const text = formatCheck({ history, alerts: [...alerts, ...again], past: true, off: [] })
  expect(text.match(/^OOM KILL \(critical\)/gm)).toHaveLength(1)
  expect(text).toContain('2 times in all')
})

test('JSON has the verdict, alerts with their evidence, kills and sources', () => {
  const json = JSON.parse(JSON.stringify(toCheckJson(checked([...FINE, KILL]))))
  expect(json).toMatchObject({ verdict: 'problem', oomKills: [{ victim: { pid: 77 } }] })
  expect(json.alerts[0]).toMatchObject({
    detector: 'oom-kill',
    confidence: expect.any(String),
    cost: expect.any(String),
  })
  expect(json.sources.length).toBeGreaterThan(5)
})
