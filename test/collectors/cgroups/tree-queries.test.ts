// Queries of the tree: limits of ancestors, memory of deleted cgroups.
import { describe, expect, test } from 'vitest'
import { getDyingMemory } from '../../../src/collectors/cgroups/dying-memory.ts'
import {
  computeUnreclaimable,
  countLiveNames,
  estimateTimeToLimit,
  findTightestLimit,
} from '../../../src/collectors/cgroups/tree-queries.ts'
import type { Files } from '../../../src/collectors/collector.ts'
import type { History } from '../../../src/history.ts'
import { buildHistory } from '../../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const V1 = '/sys/fs/cgroup/memory'
const MIB = 2 ** 20
const v2: Files = {
  '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
  [`${V2}/cgroup.controllers`]: 'memory\n',
}
const v1: Files = { '/proc/1/mountinfo': `35 31 0:32 / ${V1} rw - cgroup cgroup rw,memory\n` }
const uses = (base: string, file: string, all: Readonly<Record<string, number>>): Files =>
  Object.fromEntries(Object.entries(all).map(([path, bytes]) => [`${base}${path}/${file}`, `${bytes}\n`]))
const of = (...samples: readonly (readonly [seconds: number, files: Files])[]): History =>
  buildHistory(samples.map(([seconds, files]) => ({ time: seconds * 1000, collector: 'cgroups', files })))

describe('the tightest limit', () => {
  const tree = {
    ...v2,
    ...uses(V2, 'memory.current', { '/p': 90 * MIB, '/p/c': 40 * MIB, '/q': 1 }),
    ...uses(V2, 'memory.max', { '/p': 100 * MIB, '/p/c': 64 * MIB }),
  }

  test('is the one with the least room, even an ancestor’s', () => {
    const { cgroups } = of([0, tree])
    expect(findTightestLimit(cgroups, '/p/c')).toEqual({ path: '/p', limit: 100 * MIB, current: 90 * MIB })
    expect(findTightestLimit(cgroups, '/q')).toBeUndefined()
  })

  test('may be the root’s, if the root is a container’s own cgroup', () => {
    const [current, limit] = [uses(V2, 'memory.current', { '': 9, '/a': 1 }), uses(V2, 'memory.max', { '': 10 })]
    const part = { ...current, ...limit, '/proc/1/mountinfo': `31 22 0:26 /docker/x ${V2} rw - cgroup2 cgroup2 rw\n` }
    const { cgroups } = of([0, { ...v2, ...part }])
    expect(findTightestLimit(cgroups, '/a')).toEqual({ path: '/', limit: 10, current: 9 })
  })

  test('is reached at the rate of its owner', () => {
    const { cgroups } = of(
      [0, { ...tree, ...uses(V2, 'memory.current', { '/p': 30 * MIB }) }],
      [60, uses(V2, 'memory.current', { '/p': 90 * MIB })],
    )
    expect(estimateTimeToLimit(cgroups, '/p/c', 60_000)).toBeCloseTo(10_000, 0)
    expect(estimateTimeToLimit(cgroups, '/p/c', 600_000)).toBeUndefined() // it has stood still for five minutes
  })

  test('is reached now if it was lowered below the usage; a limit of 0 without growth is not reached', () => {
    const over = (bytes: number): Files => uses(V2, 'memory.current', { '/p': bytes * MIB })
    const limit = (mib: number): Files => uses(V2, 'memory.max', { '/p': mib * MIB })
    expect(
      estimateTimeToLimit(of([0, { ...v2, ...over(60), ...limit(50) }], [60, over(90)]).cgroups, '/p', 60_000),
    ).toBe(0)
    const still = of([0, { ...v2, ...over(60), ...limit(0) }])
    expect(estimateTimeToLimit(still.cgroups, '/p', 60_000)).toBeUndefined()
  })
})

test('unreclaimable memory has neither page cache nor reclaimable slab: find / in a container fills its limit with both', () => {
  const stat = (text: string): Files => ({ [`${V2}/p/memory.stat`]: text })
  const held = (text: string) =>
    computeUnreclaimable(
      of([0, { ...v2, ...uses(V2, 'memory.current', { '/p': 100 }), ...stat(text) }]).cgroups.cgroups.get('/p')!,
    )
  expect(held('anon 10\nfile 30\nshmem 5\nslab_reclaimable 50\nslab_unreclaimable 2\nslab 52\n')).toBe(25)
  expect(held('anon 10\nfile 30\nslab 52\n')).toBe(70)
  expect(held('anon 10\n')).toBeUndefined()
})

test('the directories by name are known only for the whole tree', () => {
  const use = uses(V2, 'memory.current', { '/p/a': 1, '/q/a': 1 })
  expect(countLiveNames(of([0, { ...v2, ...use }]).cgroups)).toEqual(new Map([['a', 2]]))
  const part = { '/proc/1/mountinfo': `31 22 0:26 /docker/x ${V2} rw - cgroup2 cgroup2 rw\n` }
  expect(countLiveNames(of([0, { ...v2, ...use, ...part }]).cgroups)).toBeUndefined()
  expect(countLiveNames(of([0, v2]).cgroups)).toBeUndefined()
})

describe('memory of deleted cgroups', () => {
  test('is the usage of the parent minus that of its children', () => {
    const { cgroups } = of([
      0,
      { ...v2, ...uses(V2, 'memory.current', { '/p': 50 * MIB, '/p/a': 10 * MIB, '/p/b': 20 * MIB }) },
    ])
    expect(getDyingMemory(cgroups)).toEqual([{ path: '/p', bytes: 20 * MIB, exact: true }])
  })

  test('is known for a container’s own cgroup too, which is not its own child', () => {
    const use = uses(V2, 'memory.current', { '': 50 * MIB, '/a': 10 * MIB, '/b': 20 * MIB })
    const part = { '/proc/1/mountinfo': `31 22 0:26 /docker/x ${V2} rw - cgroup2 cgroup2 rw\n` }
    const { cgroups } = of([0, { ...v2, ...use, ...part }])
    expect(getDyingMemory(cgroups)).toEqual([{ path: '/', bytes: 20 * MIB, exact: true }])
    expect(getDyingMemory(of([0, { ...v2, ...use }]).cgroups)).toEqual([]) // of the node it is not asked
  })

  test('is constant: memory that moves between the reads of parent and children does not count', () => {
    const use = (all: Readonly<Record<string, number>>): Files => uses(V2, 'memory.current', all)
    const moves = of(
      [0, { ...v2, ...use({ '/p': 30 * MIB, '/p/a': 10 * MIB }) }],
      [40, use({ '/p': 90 * MIB })], // /p/a was read before it took 60 MiB
      [45, use({ '/p/a': 70 * MIB })],
      [60, use({ '/p/a': 10 * MIB })], // and now before /p
    )
    expect(getDyingMemory(moves.cgroups)).toEqual([{ path: '/p', bytes: 20 * MIB, exact: true }])
  })

  test('does not include what a v1 cgroup allocated after its own pages were read', () => {
    const stat = {
      [`${V1}/p/memory.stat`]: `cache 0\nrss ${5 * MIB}\n`,
      ...uses(V1, 'memory.kmem.usage_in_bytes', { '/p': 0 }),
    }
    const use = (mib: number): Files => uses(V1, 'memory.usage_in_bytes', { '/p': mib * MIB })
    const grows = of([0, { ...v1, ...stat, ...use(5) }], [20, use(80)])
    expect(getDyingMemory(grows.cgroups)).toEqual([])
  })

  test('on v1 does not include its own pages', () => {
    const stat = { [`${V1}/p/memory.stat`]: `cache ${5 * MIB}\nrss ${5 * MIB}\ntotal_cache 0\ntotal_rss 0\n` }
    const files = { ...v1, ...uses(V1, 'memory.usage_in_bytes', { '/p': 50 * MIB, '/p/a': 10 * MIB }) }
    expect(getDyingMemory(of([0, { ...files, ...stat }]).cgroups)).toEqual([
      { path: '/p', bytes: 30 * MIB, exact: true },
    ])
    expect(getDyingMemory(of([0, files]).cgroups)).toEqual([{ path: '/p', bytes: 40 * MIB, exact: false }])
  })

  test('does not include the kernel’s overhead of live children, which is charged to their parent', () => {
    const stat = (path: string, percpu: number): Files => ({
      [`${V2}${path}/memory.stat`]: `anon 0\npercpu ${percpu}\n`,
    })
    const node = (dying: number): Files => ({
      ...v2,
      ...uses(V2, 'memory.current', { '/p': 50 * MIB, '/p/a': 10 * MIB, '/p/b': 20 * MIB }),
      ...stat('/p', 20 * MIB),
      ...stat('/p/a', 0),
      ...stat('/p/b', 4 * MIB),
      [`${V2}/p/cgroup.stat`]: `nr_descendants 2\nnr_dying_descendants ${dying}\n`,
    })
    const [held] = getDyingMemory(of([0, node(0)]).cgroups)
    expect(held!.bytes / MIB).toBeCloseTo(4, 1) // 16 MiB of 20 are per-CPU counters of a and b
    const [half] = getDyingMemory(of([0, node(2)]).cgroups)
    expect(half!.bytes / MIB).toBeCloseTo(12, 1) // of two dead ones as well
  })

  test('on v1 is an upper bound if much is kernel memory: its own processes have some too', () => {
    const files = { ...v1, ...uses(V1, 'memory.usage_in_bytes', { '/p': 50 * MIB, '/p/a': 10 * MIB }) }
    const stat = { [`${V1}/p/memory.stat`]: `cache 0\nrss ${5 * MIB}\n` }
    const kernel = uses(V1, 'memory.kmem.usage_in_bytes', { '/p': 30 * MIB, '/p/a': 5 * MIB })
    expect(getDyingMemory(of([0, { ...files, ...stat, ...kernel }]).cgroups)).toEqual([
      { path: '/p', bytes: 35 * MIB, exact: false },
    ])
  })

  test('on v1 is known without children if it is more than the spare pages of the CPUs', () => {
    const stat = {
      [`${V1}/p/memory.stat`]: `cache ${5 * MIB}\nrss ${5 * MIB}\n`,
      [`${V1}/p/memory.kmem.usage_in_bytes`]: `${MIB}\n`,
    }
    const held = (use: number) =>
      getDyingMemory(of([0, { ...v1, ...uses(V1, 'memory.usage_in_bytes', { '/p': use * MIB }), ...stat }]).cgroups)
    expect(held(20)).toEqual([{ path: '/p', bytes: 9 * MIB, exact: false }])
    expect(held(13)).toEqual([])
  })

  test('is unknown while a child’s usage is unknown', () => {
    const files = { ...v2, ...uses(V2, 'memory.current', { '/p': 50 * MIB }), [`${V2}/p/a/`]: '7\n' }
    expect(getDyingMemory(of([0, files]).cgroups)).toEqual([])
  })
})
