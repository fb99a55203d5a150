// The sampler: when it samples, which texts pass, and how it backs off from expensive sources.
import { describe, expect, test } from 'vitest'
import { createChangeFilter, createSampler } from '../../src/sampling/sampler.ts'
import { createHost, createInstantClock } from './fake-host.ts'

describe('an unchanged text', () => {
  test('does not pass', () => {
    const changes = createChangeFilter()
    expect(changes({ '/a': '1', '/b': '2' })).toEqual({ '/a': '1', '/b': '2' })
    expect(changes({ '/a': '1', '/b': '3' })).toEqual({ '/b': '3' })
    expect(changes({ '/a': '1', '/b': '3' })).toEqual({})
  })

  test('is recognized if it is long: one digit, one word, one file of many differ', () => {
    const changes = createChangeFilter()
    const stat = (i: number): string => `field_${i} ${i}\n`.repeat(50)
    const all = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`/g/file-${i}`, stat(i)]))
    expect(changes(all)).toEqual(all)
    expect(changes(all)).toEqual({})
    const other = { '/g/file-7': stat(7).replace(' 7\n', ' 8\n'), '/g/file-39': stat(39).replace('f', 'g') }
    expect(changes({ ...all, ...other })).toEqual(other)
    expect(changes({ '/g/file-3': null })).toEqual({ '/g/file-3': null })
    expect(changes({ ...all, ...other })).toEqual({ '/g/file-3': stat(3) })
  })

  test('of a file that was left out of a sample does not pass either', () => {
    const changes = createChangeFilter()
    changes({ '/a': '1' })
    expect(changes({})).toEqual({})
    expect(changes({ '/a': '1' })).toEqual({})
  })

  test('passes if the file vanished in between', () => {
    const changes = createChangeFilter()
    changes({ '/a': '1' })
    expect(changes({ '/a': null })).toEqual({ '/a': null })
    expect(changes({ '/a': '1' })).toEqual({ '/a': '1' })
  })

  test('passes if its directory vanished or was created again; directories below it have their own entries', () => {
    const changes = createChangeFilter()
    const all = { '/g/': '5\n', '/g/use': '1', '/g/sub/': '6\n', '/g/sub/use': '1', '/gg/use': '1' }
    changes(all)
    expect(changes({ '/g/': null, '/g/sub/': null })).toEqual({ '/g/': null, '/g/sub/': null })
    expect(changes(all)).toEqual({ '/g/': '5\n', '/g/use': '1', '/g/sub/': '6\n', '/g/sub/use': '1' })
    expect(changes({ '/g/': '7\n', '/g/use': '1' })).toEqual({ '/g/': '7\n', '/g/use': '1' })
  })

  test('of the kernel log passes: equal records are all kept', () => {
    const host = createHost({ '/dev/kmsg': '6,1,2,-;x\n' })
    const sampler = createSampler('kmsg', host, createInstantClock(), { interval: 1000 })
    expect(sampler.sample(false).files).toEqual({ '/dev/kmsg': '6,1,2,-;x\n' })
    expect(sampler.sample(false).files).toEqual({ '/dev/kmsg': '6,1,2,-;x\n' })
  })
})

describe('a sample', () => {
  /** meminfo that takes `cost` ms to read. */
  function costly(...costs: readonly number[]): ReturnType<typeof createSampler> {
    const clock = createInstantClock(5000)
    const left = [...costs]
    let n = 0
    const host = createHost({
      '/proc/meminfo': () => {
        clock.spend(left.shift() ?? 0)
        return `MemTotal: ${n++} kB\n`
      },
    })
    return createSampler('meminfo', host, clock, { interval: 1000 })
  }

  test('is a reading with its time and its cost, and the next is due an interval later', () => {
    const source = costly(3)
    expect(source.due).toBe(Number.NEGATIVE_INFINITY)
    const reading = source.sample(false)
    expect(reading).toEqual({
      time: 5000,
      collector: 'meminfo',
      files: { '/proc/meminfo': 'MemTotal: 0 kB\n' },
      cost: 3,
    })
    expect(source.due).toBe(6000)
  })

  test('that is slow twice is taken less often, so that it takes at most a hundredth of the time', () => {
    const source = costly(40, 40, 30)
    expect(source.sample(false)).not.toHaveProperty('next')
    expect(source.sample(false)).toMatchObject({ cost: 40, next: 4000 })
    expect(source.due).toBe(5040 + 4000)
    expect(source.sample(false)).toMatchObject({ next: 3000 })
  })

  test('that holds locks for half a second is repeated every ten minutes only', () => {
    const source = costly(600, 600)
    source.sample(false)
    expect(source.sample(false)).toMatchObject({ next: 600_000 })
  })

  test('is at its usual interval again when it is cheap again', () => {
    const source = costly(600, 600, 1, 1)
    for (let i = 0; i < 3; i++) source.sample(false)
    expect(source.sample(false)).not.toHaveProperty('next')
  })

  test('that seemed slow is measured by CPU time where that is known: waiting for a turn costs nothing', () => {
    const clock = createInstantClock()
    let cpuTime = 0
    const host = createHost({
      '/proc/meminfo': () => {
        clock.spend(400)
        cpuTime += 2
        return `MemTotal: ${clock.now()} kB\n`
      },
    })
    const sampler = createSampler('meminfo', host, { ...clock, readCpuTime: () => cpuTime }, { interval: 1000 })
    expect(sampler.sample(false)).toMatchObject({ cost: 400 })
    const second = sampler.sample(false)
    expect(second).toMatchObject({ cost: 2 })
    expect(second).not.toHaveProperty('next')
  })

  test('that is too expensive leaves the counts of cgroups at the usual interval', () => {
    const clock = createInstantClock()
    let dying = 0
    let walks = 0
    const host = {
      ...createHost({
        '/proc/1/mountinfo': '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
        '/sys/fs/cgroup/cgroup.controllers': 'memory\n',
        '/sys/fs/cgroup/cgroup.stat': () => `nr_descendants 0\nnr_dying_descendants ${dying++}\n`,
        '/proc/cgroups': () => {
          clock.spend(700)
          return `walk ${walks++}\n`
        },
      }),
      statFile: () => ({ inode: 1, links: 2 }),
    }
    const source = createSampler('cgroups', host, clock, { interval: 1000 })
    source.sample(false)
    clock.spend(1000)
    expect(source.sample(false)).toMatchObject({ next: 60_000 }) // many small files: no lock is held for long
    for (let second = 0; second < 20; second++) {
      clock.spend(Math.max(0, source.due - clock.now()))
      expect(Object.keys(source.sample(false).files)).toEqual(['/sys/fs/cgroup/cgroup.stat'])
    }
    expect(clock.now()).toBeLessThan(30_000)
    expect([walks, source.sample(true).files['/proc/cgroups']]).toEqual([2, 'walk 2\n'])
  })

  /** Reads the events of 2,000 cgroups; how many files each sample reads, of which one costs `price` ms. */
  function many(price: number, interval: number) {
    const clock = createInstantClock()
    const now = { price, files: 0 }
    const read = (): string => {
      now.files++
      clock.spend(now.price)
      return '1\n'
    }
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`)
    const host = {
      ...createHost({
        '/proc/1/mountinfo': '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
        '/sys/fs/cgroup/cgroup.controllers': 'memory\n',
        ...Object.fromEntries(names.map(name => [`/sys/fs/cgroup/${name}/memory.events`, read])),
      }),
      listSubdirectories: (path: string) => (path === '/sys/fs/cgroup' ? names : []),
      statFile: (path: string) => ({ inode: path.length, links: path === '/sys/fs/cgroup' ? names.length + 2 : 2 }),
      watchDirectory: () => () => {},
    }
    const source = createSampler('cgroups', host, clock, { interval })
    const samples = (count: number): readonly number[] =>
      Array.from({ length: count }, () => {
        now.files = 0
        clock.spend(Math.max(0, source.due - clock.now()))
        source.sample(false)
        return now.files
      })
    return { now, clock, samples }
  }

  test('of many files that is too expensive reads a share of them, and more again when it is cheap', () => {
    const { now, clock, samples } = many(0.1, 1000)
    expect(samples(1)[0]).toBeGreaterThan(300)
    samples(20) // it finds its share
    const begin = clock.now()
    const settled = samples(40)
    const perSecond = (settled.reduce((sum, count) => sum + count, 0) * 1000) / (clock.now() - begin)
    expect([perSecond > 60, perSecond < 120]).toEqual([true, true]) // of 0.1 ms each: about 1 % of the time
    expect(settled.filter(count => count > 0).length).toBeGreaterThan(30) // each second some, not each minute all
    now.price = 0.001
    expect(samples(40).at(-1)).toBeGreaterThan(300)
  })

  test('of many files ten times a second keeps its share: the files of every sample would use up the budget', () => {
    const { samples } = many(0.02, 100)
    samples(100)
    expect(Math.max(...samples(40))).toBeGreaterThan(300)
  })

  test('of many files reads at least an eighth of them, however expensive', () => {
    const { samples } = many(10, 1000)
    samples(2500) // all are new at first
    expect(Math.max(...samples(100))).toBe((3 * 400) / 8) // those of three seconds, each minute
  })

  test('that is urgent does not move the next one', () => {
    const source = costly(1, 1)
    source.sample(false)
    const { due } = source
    source.sample(true)
    expect(source.due).toBe(due)
  })

  test('that fails is a reading with the error of Node', () => {
    const reading = createSampler('slabinfo', createHost({}), createInstantClock(), { interval: 1000 }).sample(false)
    expect(reading).toMatchObject({ files: {}, error: "ENOENT: no such file or directory, open '/proc/slabinfo'" })
  })

  test('is never taken more often than the interval of its collector or of the session', () => {
    const due = (id: 'slabinfo' | 'meminfo', interval: number): number => {
      const source = createSampler(
        id,
        createHost({ '/proc/slabinfo': 'x', '/proc/meminfo': 'x' }),
        createInstantClock(),
        { interval },
      )
      source.sample(false)
      return source.due
    }
    expect([due('slabinfo', 1000), due('slabinfo', 60_000), due('meminfo', 1000), due('meminfo', 100)]).toEqual([
      10_000, 60_000, 1000, 100,
    ])
  })
})
