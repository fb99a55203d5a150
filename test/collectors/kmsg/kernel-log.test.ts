// The kernel log as a collector: what is kept, what is counted as lost, and when things happened.
import { describe, expect, test } from 'vitest'
import type { RecordingHeader } from '../../../src/collectors/collector.ts'
import { type KernelLog, kmsg } from '../../../src/collectors/kmsg/kernel-log.ts'
import { readCapture } from './captures.ts'

const session: RecordingHeader = {
  host: 'node',
  kernel: '6.18.44',
  bootId: 'b',
  wallClock: 0,
  monotonic: 60_000,
  interval: 1000,
  pageSize: 4096,
}

function folded(text: string, time: number, log: KernelLog = kmsg.empty, at: RecordingHeader = session): KernelLog {
  return kmsg.applyFiles(log, { '/dev/kmsg': text }, time, at)
}

/** Records with these numbers, a second apart from boot on. */
function numbered(...sequences: readonly number[]): string {
  return sequences.map(n => `6,${n},${n}000000,-;record ${n}\n`).join('')
}

describe('the number of lost records', () => {
  test('is 0 while the sequence numbers rise by one, whatever the first is', () => {
    expect(folded(numbered(7, 8, 9), 0)).toMatchObject({ read: 3, lost: 0, lostAt: null, nextSequence: 10 })
  })

  test('is counted within a reading and between two', () => {
    const first = folded(numbered(7, 8, 11), 0)
    expect(first).toMatchObject({ read: 3, lost: 2 })
    expect(folded(numbered(15), 1000, first)).toMatchObject({ read: 4, lost: 5 })
  })

  test('is dated by the record after the gap', () => {
    expect(folded(numbered(61, 62, 65), 30_000)).toMatchObject({ lost: 2, lostAt: 5000 })
  })
})

describe('records', () => {
  test('that come a second time are skipped', () => {
    const once = folded(numbered(7, 8), 0)
    const twice = folded(numbered(7, 8, 9), 1000, once)
    expect(twice.records.map(({ sequence }) => sequence)).toEqual([7, 8, 9])
    expect(twice).toMatchObject({ read: 3, lost: 0 })
  })

  test('from before the session have negative time', () => {
    expect(folded(numbered(10, 59, 61), 2000).records.map(({ time }) => time)).toEqual([-50_000, -1000, 1000])
  })

  test('are never from the future, because the printk clock may run ahead', () => {
    expect(folded(numbered(90), 2000).records.map(({ time }) => time)).toEqual([2000])
  })

  test('are dated by when they were read where the session does not know the kernel clock', () => {
    const { monotonic, ...unknown } = session
    expect(monotonic).toBeDefined()
    expect(folded(numbered(5, 6), 2000, kmsg.empty, unknown).records.map(({ time }) => time)).toEqual([2000, 2000])
  })

  test('are kept up to a bound, the newest', () => {
    const numbers = Array.from({ length: 9000 }, (_, i) => i)
    const log = folded(numbered(...numbers), 0)
    expect(log.read).toBe(9000)
    expect(log.records.length).toBeLessThan(5000)
    expect(log.records.at(-1)?.sequence).toBe(8999)
    expect(log.lost).toBe(0)
  })

  test('do not change the log when there are none', () => {
    const log = folded(numbered(1, 2), 0)
    expect(folded('', 9000, log)).toBe(log)
    expect(kmsg.applyFiles(log, {}, 9000, session)).toBe(log)
  })
})

describe('OOM kills', () => {
  const text = readCapture('oom-repeated.v1-6.18')
  const lines = text.split(/(?<=\n)/)
  const now = 1e12

  test('are the same whether the log came at once, by the record or in pieces', () => {
    const whole = folded(text, now)
    const byRecord = lines.reduce((log, line) => folded(line, now, log), kmsg.empty)
    expect(byRecord).toEqual({ ...whole, reports: byRecord.reports })
    for (const size of [7, 78, 79, 512]) {
      const pieces = lines
        .filter((_, i) => i % size === 0)
        .map((_, i) => lines.slice(i * size, (i + 1) * size).join(''))
      const { oomKills, suppressed } = pieces.reduce((log, piece) => folded(piece, now, log), kmsg.empty)
      expect({ oomKills, suppressed }).toEqual({ oomKills: whole.oomKills, suppressed: whole.suppressed })
    }
  })

  test('are complete although the kernel clock is minutes behind and the report comes in two readings', () => {
    const report = readCapture('oom-nested.v1-6.18').split(/(?<=\n)/)
    const first = folded(report.slice(0, 40).join(''), 300_000)
    const { oomKills } = folded(report.slice(40).join(''), 301_000, first)
    expect(oomKills.map(({ complete }) => complete)).toEqual([true, true])
  })

  test('do not keep a report open that got no line for two seconds', () => {
    const half = readCapture('oom-nested.v1-6.18')
      .split(/(?<=\n)/)
      .slice(0, 40)
      .join('')
    const open = folded(half, now)
    expect(open.reports).toHaveLength(1)
    const later = folded('', now + 1900, open)
    expect(later.reports).toHaveLength(1)
    expect(folded('', now + 2100, later).reports).toEqual([])
  })

  test('leave nothing open at the end', () => {
    const log = folded('', now + 2001, folded(text, now))
    expect(log.reports).toEqual([])
    expect(folded('', now + 9000, log)).toBe(log)
  })
})

describe('the hint for an error of /dev/kmsg', () => {
  test('exists for every known code', () => {
    expect(kmsg.explainError?.('EPERM', '/dev/kmsg')).toContain('dmesg_restrict')
    expect(kmsg.explainError?.('ENOENT', '/dev/kmsg')).toContain('mount')
    expect(kmsg.explainError?.('EIO', '/dev/kmsg')).toBeUndefined()
  })
})
