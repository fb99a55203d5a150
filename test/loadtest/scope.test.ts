// Whose memory it is: cgroups under test, neighbours on the node, and kmemtop itself.
import { expect, test } from 'vitest'
import { GiB, MiB } from '../../src/base/units.ts'
import { appendReading, createHistory } from '../../src/history.ts'
import type { Observations } from '../../src/loadtest/observations.ts'
import { RunObserver } from '../../src/loadtest/observer.ts'
import { measureQuantities, type Quantity } from '../../src/loadtest/quantities.ts'
import { judgeRun } from '../../src/loadtest/verdict.ts'
import { createV2Tree } from '../detectors/kills.ts'
import { buildHistory } from '../fixtures.ts'
import { buildIteration } from './iteration.ts'

const REQUIRED = ['AnonPages', 'SUnreclaim', 'KernelStack', 'PageTables']

function build(group: Quantity['group'], name: string, value: number, isJudged: boolean): Quantity {
  return { id: `${group} ${name}`, group, name, unit: 'bytes', value, isJudged }
}

/** A node with two cgroups; values in MiB at each trough, the first one before the first iteration. */
function observe(
  troughs: {
    shop: number[]
    batch: number[]
    pageTables?: number[]
    kernel?: number[]
    slab?: number[]
    marks?: number[]
  },
  scope: readonly string[],
): Observations {
  const hasScope = scope.length > 0
  const at = (values: number[] | undefined, i: number): number => (values?.[i] ?? 50) * MiB
  const measure = (i: number): ReadonlyMap<string, Quantity> => {
    const [shop, batch] = [troughs.shop[i]! * MiB, troughs.batch[i]! * MiB]
    const all = [
      ...REQUIRED.slice(1).map(name =>
        build('memory', name, at({ PageTables: troughs.pageTables, SUnreclaim: troughs.slab }[name], i), true),
      ),
      ...(troughs.marks ? [build('cache', 'inotify_inode_mark', at(troughs.marks, i), true)] : []),
      ...(troughs.kernel ? [build('cgroup', '/apps/shop kernel', at(troughs.kernel, i), false)] : []),
      build('memory', 'AnonPages', GiB + shop + batch, !hasScope),
      build('cgroup', '/apps anon', shop + batch, false),
      build('cgroup', '/apps/shop anon', shop, hasScope),
      build('cgroup', '/apps/batch anon', batch, false),
    ]
    return new Map(all.map(quantity => [quantity.id, quantity]))
  }
  const iterations = troughs.shop.slice(1).map((_, i) => buildIteration(i * 10_000, 10_000, measure(i + 1)))
  return { control: [{ time: 0, quantities: measure(0) }], iterations, warmup: 0, scope }
}

const level = [100, 100, 101, 100, 101, 100, 100]
const leak = [100, 110, 120, 130, 140, 150, 160]
const wild = [100, 900, 300, 1200, 50, 800, 200]

test('a neighbour that moves makes the whole node unclear, and is named', () => {
  const { outcome, reasons } = judgeRun(observe({ shop: level, batch: wild }, []))
  expect(outcome).toBe('cannot tell')
  expect(reasons[0]).toMatch(
    /^AnonPages moves too much .*; what moved most: \/apps\/batch \(1\.12 GiB\); --cgroup PATH/,
  )
})

test('the service under test is judged beside that neighbour: it returned', () => {
  expect(judgeRun(observe({ shop: level, batch: wild }, ['/apps/shop'])).outcome).toBe('returned')
})

test('the service under test is judged beside that neighbour: it leaks', () => {
  const { outcome, summary } = judgeRun(observe({ shop: leak, batch: wild }, ['/apps/shop']))
  expect([outcome, summary]).toEqual(['leaks', 'Leaks +10.0 MiB per iteration in /apps/shop anon.'])
})

test('page tables of other programs do not blur the service under test, unless its own kernel memory moves too or is unknown', () => {
  const judge = (pageTables: number[], kernel?: number[]) =>
    judgeRun(observe({ shop: level, batch: level, pageTables, ...(kernel ? { kernel } : {}) }, ['/apps/shop']))
  expect(judge(wild, level).outcome).toBe('returned')
  const calm = level.map(value => 50 + (value - 100) / 10)
  expect(judge(wild, calm).smallestDetectable).toBeLessThan(2 * MiB)
  expect(judge(leak, level).outcome).toBe('returned')
  const { judged, smallestDetectable } = judge(wild, level)
  const kernel = judged.find(({ quantity }) => quantity.id === 'cgroup /apps/shop kernel')
  expect([kernel?.judgement, kernel?.detectable]).toEqual(['steady', smallestDetectable])
  expect(judge(leak, leak).leaks.map(({ quantity }) => quantity.id)).toContain('memory PageTables')
  for (const kernel of [undefined, wild, level.map(() => 0)]) expect(judge(wild, kernel).outcome).toBe('cannot tell')
})

// cgroup v1: kernel memory of a cgroup includes dentries and inodes that can be reclaimed. MiB, of a server that creates files and watches them
test('kernel memory of a cgroup bounds what it can have leaked; a growth that nothing else shows is unclear', () => {
  const judge = (kernelStep: number, markPages = 0) =>
    judgeRun(
      observe(
        {
          shop: level,
          batch: level,
          pageTables: wild,
          slab: [74, 75, 74.2, 75.4, 74.6, 75.1, 74.3],
          kernel: level.map((_, i) => 2 + kernelStep * i),
          marks: level.map((_, i) => 0.05 + (markPages * i) / 256),
        },
        ['/apps/shop'],
      ),
    )
  const small = judge(0.12)
  expect(small.outcome).toBe('returned')
  expect(small.judged.find(({ quantity: { name } }) => name === 'PageTables')?.detectable).toBeLessThan(0.3 * MiB)
  expect(judge(0.7).reasons[0]).toMatch(
    /^\/apps\/shop kernel memory grows \(\+717 KiB per iteration\); cgroup v1 does not/,
  )
  expect(judge(0.7, 10).summary).toBe('Leaks +40.0 KiB per iteration in inotify_inode_mark.')
  expect(judge(0.01, 10).outcome).toBe('returned') // a neighbour's: the kernel memory of the cgroup did not grow by as much
})

// troughs of a server that keeps 1 MiB of the 200 MiB that it takes and drops in each execution; its heap widens meanwhile
test('a service that rose most times, and may have by chance, is not said to have returned', () => {
  const slow = [43.3, 84.8, 90, 99.9, 107.8, 110.4, 111.7, 111.7, 133.1]
  const { outcome, reasons } = judgeRun(observe({ shop: slow, batch: slow.map(() => 100) }, ['/apps/shop']))
  expect([outcome, reasons[0]]).toEqual([
    'cannot tell',
    expect.stringMatching(/^\/apps\/shop anon rose in most iterations \(\+[\d.]+ MiB each\).*more iterations/),
  ])
})

// anon of a healthy server under 200 requests per execution
test('a heap that fills up over all executions, each time by less, is not called a leak', () => {
  const filling = [20.86, 22.24, 23.52, 24.83, 25.8, 26.86, 27.64]
  const { outcome, reasons } = judgeRun(observe({ shop: filling, batch: level }, ['/apps/shop']))
  expect([outcome, reasons[0]]).toEqual([
    'cannot tell',
    expect.stringMatching(/^\/apps\/shop anon is still warming up/),
  ])
})

test('a growth of the whole node names the cgroup that holds it', () => {
  const { summary } = judgeRun(observe({ shop: level, batch: leak }, []))
  expect(summary).toMatch(/^Leaks \+10\.0 MiB per iteration in AnonPages \(.*cgroup \/apps\/batch anon \+10\.0 MiB/)
})

test('a cgroup under test that is not there cannot tell', () => {
  const { outcome, reasons } = judgeRun(observe({ shop: level, batch: level }, ['/apps/shopp']))
  expect([outcome, reasons[0]]).toEqual(['cannot tell', expect.stringContaining('--cgroup /apps/shopp: its memory')])
})

test('a cgroup that was not read in a settle cannot tell, and the execution is named', () => {
  const observations = observe({ shop: leak, batch: level }, ['/apps/shop'])
  const iterations = observations.iterations.map((one, i) =>
    i === 2 ? { ...one, trough: new Map([...one.trough].filter(([id]) => !id.startsWith('cgroup '))) } : one,
  )
  const { outcome, reasons } = judgeRun({ ...observations, iterations })
  expect([outcome, reasons[0]]).toEqual([
    'cannot tell',
    expect.stringMatching(/^--cgroup \/apps\/shop: its memory was not read after execution 3; .*longer --settle$/),
  ])
})

test('what a cgroup held before the command ended is no value of the settle', () => {
  const session = { host: 'n', kernel: '6.1.0', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
  const observer = new RunObserver({ scope: ['/shop'], getOwnMemory: () => 0 })
  let history = appendReading(createHistory(session), createV2Tree(0, '/', '/shop'))
  const read = (time: number, anon?: number): void => {
    const files = { '/proc/meminfo': `MemTotal: 1000000 kB\nAnonPages: ${time} kB\n` }
    history = appendReading(history, { time, collector: 'meminfo', files })
    const stat = { '/sys/fs/cgroup/shop/memory.stat': `anon ${anon}\n` }
    if (anon !== undefined) history = appendReading(history, { time, collector: 'cgroups', files: stat })
    observer.add(history)
  }
  read(1000, 100)
  observer.startIteration(1000)
  observer.endCommand(4000, 0, 0)
  for (let time = 5000; time <= 12_000; time += 1000) read(time)
  expect(observer.hasReadAll()).toBe(false)
  read(13_000, 700)
  expect(observer.hasReadAll()).toBe(true)
  observer.endSettle(13_000)
  const [{ trough } = { trough: new Map() }] = observer.getObservations(0).iterations
  expect(trough.get('cgroup /shop anon')?.value).toBe(700)
  expect(trough.get('memory AnonPages')?.value).toBe(9000 * 1024)
})

test('a service that is quiet after the load is read, although nothing of it changes', () => {
  const session = { host: 'n', kernel: '6.1.0', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
  const observer = new RunObserver({ scope: ['/shop'], getOwnMemory: () => 0 })
  let history = appendReading(createHistory(session), createV2Tree(0, '/', '/shop'))
  const read = (time: number, files: Readonly<Record<string, string>>): void => {
    history = appendReading(history, { time, collector: 'cgroups', files })
    observer.add(history)
  }
  read(1000, { '/sys/fs/cgroup/shop/memory.stat': 'anon 700\n' })
  observer.startIteration(1000)
  observer.endCommand(2000, 0, 1000)
  read(2500, {})
  expect(observer.hasReadAll()).toBe(false)
  for (let time = 3000; time <= 14_000; time += 1000) read(time, {})
  expect([observer.hasReadAll(), observer.hasSettled()]).toEqual([true, true])
  observer.endSettle(14_000)
  expect(observer.getObservations(0).iterations[0]?.trough.get('cgroup /shop anon')?.value).toBe(700)
})

test('where no cgroups can be read a settle does not wait for them', () => {
  const session = { host: 'n', kernel: '6.1.0', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
  const observer = new RunObserver({ scope: ['/shop'], getOwnMemory: () => 0 })
  observer.startIteration(1000)
  observer.endCommand(2000, 0, 0)
  observer.add(createHistory(session))
  expect(observer.hasReadAll()).toBe(true)
})

test('the memory of kmemtop itself is not counted', () => {
  const session = { host: 'n', kernel: '6.1.0', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
  const files = { '/proc/meminfo': 'MemTotal: 1000000 kB\nMemFree: 500000 kB\nAnonPages: 200000 kB\n' }
  const history = appendReading(createHistory(session), { time: 0, collector: 'meminfo', files })
  const quantities = measureQuantities(history, { scope: [], getOwnMemory: () => 1000 * 1024 })
  expect(quantities.get('memory AnonPages')?.value).toBe(199_000 * 1024)
})

test('memory that is 0 on most nodes is judged where it is not', () => {
  const measure = (kB: number) => {
    const files = { '/proc/meminfo': `MemTotal: 8000000 kB\nGPUActive: ${kB} kB\nSecPageTables: 0 kB\n` }
    const history = buildHistory([{ time: 0, collector: 'meminfo', files }])
    return measureQuantities(history, { scope: [], getOwnMemory: () => 0 })
  }
  expect(measure(4096).get('memory GPUActive')).toMatchObject({ isJudged: true, value: 4 * MiB })
  expect(measure(4096).get('memory SecPageTables')).toMatchObject({ isJudged: false, value: 0 })
  expect(measure(0).get('memory GPUActive')).toMatchObject({ isJudged: false, value: 0 })
})
