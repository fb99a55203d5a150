// /proc/meminfo of four kernels: what is taken, and what is left over when all that is known is taken off.
import { describe, expect, test } from 'vitest'
import { getLatest } from '../../src/base/series.ts'
import { meminfo, parseMeminfo } from '../../src/collectors/meminfo.ts'
import { appendReading } from '../../src/history.ts'
import { buildHistory, readFixture, session } from '../fixtures.ts'

const PATH = '/proc/meminfo'

// As CentOS 7 prints it: no MemAvailable before 7.2, no Percpu, no KReclaimable; stacks are not in VmallocUsed.
const LINES_3_10 = {
  MemTotal: 8_000_000,
  MemFree: 2_000_000,
  Buffers: 100_000,
  Cached: 3_000_000,
  SwapCached: 0,
  SwapTotal: 2_097_148,
  SwapFree: 2_000_000,
  AnonPages: 1_500_000,
  Slab: 900_000,
  SReclaimable: 300_000,
  SUnreclaim: 600_000,
  KernelStack: 16_000,
  PageTables: 40_000,
  Bounce: 0,
  VmallocTotal: 34_359_738_367,
  VmallocUsed: 60_000,
}
const textOf = (lines: Readonly<Record<string, number>>): string =>
  Object.entries(lines)
    .map(([name, value]) => `${`${name}:`.padEnd(15)} ${String(value).padStart(8)} kB\n`)
    .join('')

describe('MemAvailable', () => {
  test('is the kernel’s if it prints it', () => {
    expect(parseMeminfo(textOf({ ...LINES_3_10, MemAvailable: 4_000_000 })).values.get('MemAvailable')).toBe(
      4_000_000 * 1024,
    )
  })

  test('is computed if the kernel does not print it: free, reclaimable file pages, half of reclaimable slab', () => {
    const of = (lines: Readonly<Record<string, number>>): number =>
      parseMeminfo(textOf({ ...LINES_3_10, ...lines })).values.get('MemAvailable')! / 1024
    expect(of({ 'Active(file)': 1_000_000, 'Inactive(file)': 1_500_000, Shmem: 600_000, Mlocked: 1_400_000 })).toBe(
      2_000_000 + 2_500_000 + 150_000,
    )
    expect(of({ Shmem: 600_000 })).toBe(2_000_000 + 2_500_000 + 150_000)
  })
})

test('sizes are bytes, and counts of huge pages are counts', () => {
  const { values } = parseMeminfo(readFixture('6.18', PATH))
  expect(values.get('MemTotal')).toBe(24_683_656 * 1024)
  expect(values.get('HugePages_Total')).toBe(0)
  expect(values.get('SwapUsed')).toBe(0)
  expect(values.get('VmallocTotal')).toBe(34_359_738_367 * 1024)
  expect(parseMeminfo(textOf(LINES_3_10)).values.get('SwapUsed')).toBe(97_148 * 1024)
})

test('a kernel without a line has no series of it, and a line that disappears keeps its history', () => {
  const old = meminfo.applyFiles(meminfo.empty, { [PATH]: textOf(LINES_3_10) }, 1000, session)
  expect(old.series.Percpu).toBeUndefined()
  expect(getLatest(old.series.SUnreclaim)).toBe(600_000 * 1024)
  const { SUnreclaim: _, ...without } = LINES_3_10
  const next = meminfo.applyFiles(old, { [PATH]: textOf(without) }, 2000, session)
  expect(getLatest(next.series.SUnreclaim)).toBe(600_000 * 1024)
  expect(next.values.has('SUnreclaim')).toBe(false)
})

describe('a text that is none', () => {
  test.each(['', 'cat: /proc/meminfo: No such file or directory\n', '\x00\x00\x00', '<html>'])('%j is an error', text =>
    expect(() => parseMeminfo(text)).toThrow('/proc/meminfo, line 1: expected'),
  )

  test('without MemTotal is an error', () => {
    expect(() => parseMeminfo('MemFree: 12 kB\n')).toThrow(/MemTotal/)
  })

  test('keeps the last state, and is a problem until a valid text comes', () => {
    const good = { time: 0, collector: 'meminfo', files: { [PATH]: readFixture('6.18', PATH) } } as const
    const before = buildHistory([good])
    const garbled = appendReading(before, { time: 1000, collector: 'meminfo', files: { [PATH]: '\x00garbage' } })
    expect(garbled.meminfo).toBe(before.meminfo)
    expect(garbled.sources.meminfo).toMatchObject({
      parseError: expect.any(String),
      error: expect.stringContaining('/proc/meminfo'),
    })
    const after = appendReading(garbled, { ...good, time: 2000 })
    expect(after.sources.meminfo?.error).toBeUndefined()
  })
})
