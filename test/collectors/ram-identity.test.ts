// The identity of all RAM: what is left over when every term is taken off is small and not negative, on every kernel there is a capture of.
import { describe, expect, test } from 'vitest'
import { accountForRam, RAM_TERMS, type RamInputs } from '../../src/collectors/ram-identity.ts'
import { accountForCapture, RAM_CAPTURES } from '../ram-captures.ts'

const KiB = 1024
const MiB = 2 ** 20
const GiB = 2 ** 30

// As CentOS 7 prints it: no MemAvailable before 7.2, no Percpu, no KReclaimable; stacks are not in VmallocUsed.
const LINES_3_10 = {
  MemTotal: 8_000_000,
  MemFree: 2_000_000,
  Buffers: 100_000,
  Cached: 3_000_000,
  AnonPages: 1_500_000,
  Slab: 900_000,
  SReclaimable: 300_000,
  SUnreclaim: 600_000,
  KernelStack: 16_000,
  PageTables: 40_000,
  VmallocUsed: 60_000,
}
const LEFT_3_10 = 384_000

const account = (lines: Readonly<Record<string, number>>, more: Partial<RamInputs> = {}) =>
  accountForRam({
    meminfo: new Map(Object.entries({ ...LINES_3_10, ...lines }).map(([name, value]) => [name, value * KiB])),
    kernel: '3.10.0-1062.el7.x86_64',
    ...more,
  })!
const getLeft = (lines: Readonly<Record<string, number>>, more: Partial<RamInputs> = {}): number =>
  account(lines, more).unaccounted / KiB

describe('on captures of real kernels', () => {
  test.each(RAM_CAPTURES)('$kernel, $name: unaccounted is small and never negative', capture => {
    const { total, unaccounted, hasCpuLists } = accountForCapture(capture)
    expect(unaccounted).toBeGreaterThan(-0.002 * total) // counters of one CPU are up to 125 pages behind
    // without zoneinfo the free lists of each CPU are in it: from 6.7 on up to an eighth of a zone
    const isTuned = capture.kernel.startsWith('6.12')
    const withoutLists = isTuned ? total / 8 : 0.012 * total
    const withLists = total < GiB ? 0.012 * total : 0.001 * total // some MiB on every node: firmware tables, pages of processes
    const most = hasCpuLists ? withLists : withoutLists
    expect(unaccounted).toBeLessThan(most)
  })
})

test('the terms and the rest make MemTotal', () => {
  const { total, terms, unaccounted } = account({})
  expect(terms.reduce((sum, { bytes }) => sum + bytes, unaccounted)).toBe(total)
  expect(unaccounted).toBe(LEFT_3_10 * KiB)
})

test('every term names its source and its kernels, and no name comes twice', () => {
  for (const term of RAM_TERMS) expect(Object.values(term).every(Boolean), term.name).toBe(true)
  expect(new Set(RAM_TERMS.map(({ name }) => name)).size).toBe(RAM_TERMS.length)
})

test('without a line that every kernel has there is no account', () => {
  expect(accountForRam({ meminfo: new Map([['MemTotal', GiB]]), kernel: '6.6' })).toBeUndefined()
})

describe('kernel stacks', () => {
  test('count on their own where VmallocUsed is 0 or the kernel has no VMAP_STACK', () => {
    expect(getLeft({ VmallocUsed: 0 }, { kernel: '4.19.0' })).toBe(LEFT_3_10 + 60_000)
    expect(getLeft({}, { kernel: '6.6.0' })).toBe(LEFT_3_10 + 16_000)
    expect(getLeft({}, { kernel: '4.4.121' })).toBe(LEFT_3_10)
  })
})

describe('vmalloc before 4.4', () => {
  test('is what its areas hold: VmallocUsed counts the address space of ioremap too', () => {
    const lines = { VmallocUsed: 700_000 }
    expect(getLeft(lines)).toBe(LEFT_3_10 - 640_000)
    expect(getLeft(lines, { vmallocPages: 60_000 * KiB })).toBe(LEFT_3_10)
    expect(getLeft(lines, { vmallocPages: 60_000 * KiB, kernel: '5.15.0' })).toBe(LEFT_3_10 - 640_000 + 16_000)
  })
})

describe('swap cache', () => {
  const lists = (bytes: number) => ({ Active: bytes - 1_000_000, Inactive: 900_000, Unevictable: 100_000 })
  test('counts only where nothing maps its pages: mapped ones are in AnonPages', () => {
    const mapped = { SwapCached: 300_000, ...lists(4_600_000) }
    expect(getLeft(mapped)).toBe(LEFT_3_10)
    const unmapped = { SwapCached: 300_000, AnonPages: 1_200_000, ...lists(4_600_000) }
    expect(getLeft(unmapped)).toBe(LEFT_3_10)
    const half = { SwapCached: 300_000, AnonPages: 1_350_000, ...lists(4_600_000) }
    expect(getLeft(half)).toBe(LEFT_3_10)
  })

  test('never counts more than SwapCached, whatever else the lists hold', () => {
    expect(getLeft({ SwapCached: 1000, ...lists(4_900_000) })).toBe(LEFT_3_10 - 1000)
  })
})

describe('huge pages', () => {
  test('count once: Hugetlb, else the pools of every size, else the default size', () => {
    const huge = { HugePages_Total: 100 / KiB, Hugepagesize: 2048 } // a count, no kilobytes
    expect(getLeft(huge)).toBe(LEFT_3_10 - 204_800)
    expect(getLeft(huge, { hugetlb: 204_800 * KiB + GiB })).toBe(LEFT_3_10 - 204_800 - 1_048_576)
    expect(getLeft({ ...huge, Hugetlb: 1_253_376 })).toBe(LEFT_3_10 - 1_253_376)
  })
})

describe('compressed swap', () => {
  test('is what zsmalloc holds, and zswap in it only where zsmalloc is its allocator', () => {
    const zspages = 80_000 * KiB
    expect(getLeft({}, { zspages })).toBe(LEFT_3_10 - 80_000)
    expect(getLeft({ Zswap: 30_000 }, { zspages, zswapPool: 'zsmalloc' })).toBe(LEFT_3_10 - 80_000)
    expect(getLeft({ Zswap: 30_000 }, { zspages, zswapPool: 'zbud' })).toBe(LEFT_3_10 - 110_000)
    expect(getLeft({ Zswap: 30_000 }, { zspages })).toBe(LEFT_3_10 - 80_000)
  })

  test('is what zram devices report before 4.8', () => {
    expect(getLeft({}, { zram: 80_000 * KiB })).toBe(LEFT_3_10 - 80_000)
  })

  test('is Zswap where nothing else is known', () => {
    expect(getLeft({ Zswap: 84_000 })).toBe(LEFT_3_10 - 84_000)
  })
})

test('free pages in the lists of each CPU are free', () => {
  expect(getLeft({}, { cpuLists: 64 * MiB })).toBe(LEFT_3_10 - 65_536)
})

test('graphics memory, reclaimable pages that are no slab, and the ARC of ZFS are known', () => {
  expect(getLeft({ GPUActive: 200_000, GPUReclaim: 50_000 }, { kernel: '7.3.4' })).toBe(LEFT_3_10 + 16_000 - 250_000)
  expect(getLeft({ KReclaimable: 310_000 })).toBe(LEFT_3_10 - 10_000)
  expect(getLeft({}, { zfsPages: 128 * MiB })).toBe(LEFT_3_10 - 131_072)
})
