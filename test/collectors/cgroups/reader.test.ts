// The cgroup reader: every file is read in time, however many cgroups there are.
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openCgroups } from '../../../src/collectors/cgroups/reader.ts'
import { countReadCgroups } from '../../../src/collectors/cgroups/tree-queries.ts'
import { appendReading } from '../../../src/history.ts'
import { buildHistory } from '../../fixtures.ts'
import { CGROUP_FILES, createTree } from './tree.ts'

const ROOT = '/sys/fs/cgroup'

describe('a sample', () => {
  test('of a small tree has every file of every cgroup, and can be applied', () => {
    const { host, makeCgroup: make } = createTree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const files = openCgroups(host)(0, false)
    for (const path of ['/a', '/a/b', '/c'])
      for (const name of CGROUP_FILES) expect(files[`${ROOT}${path}/${name}`], `${path}/${name}`).toBeTypeOf('string')
    const { cgroups } = buildHistory([{ time: 0, collector: 'cgroups', files }])
    expect(cgroups).toMatchObject({ mode: 'v2', directories: 4 })
    expect(cgroups.cgroups.get('/a/b')).toMatchObject({
      current: 4096,
      limit: Number.POSITIVE_INFINITY,
      oomKill: 0,
      anon: 1024,
    })
  })

  test('reports a removed cgroup, and reads no more of it', () => {
    const { host, makeCgroup: make, remove } = createTree()
    for (const path of ['/a', '/c']) make(path)
    const sample = openCgroups({ ...host, watchDirectory: () => undefined })
    sample(0, false)
    remove('/a')
    expect(() => sample(1000, false)).not.toThrow() // not yet walked: reading it fails, and that is no error
    const files = sample(6000, false)
    expect(files[`${ROOT}/a/`]).toBeNull()
    expect(Object.keys(files).filter(path => path.startsWith(`${ROOT}/a/m`))).toEqual([])
    expect(files[`${ROOT}/c/memory.current`]).toBe('4096\n')
  })

  test('accepts a cgroup without some of the files', () => {
    const { host, makeCgroup: make, remove } = createTree()
    make('/a')
    remove('/a/memory.swap.current')
    const files = openCgroups(host)(0, false)
    expect(files[`${ROOT}/a/memory.current`]).toBe('4096\n')
    expect(files).not.toHaveProperty([`${ROOT}/a/memory.swap.current`])
  })

  test('finds the memory files behind many directories without the controller', () => {
    const { host, makeCgroup: make, write } = createTree()
    for (let i = 0; i < 40; i++) write(`/sys/fs/cgroup/a${i}/cgroup.procs`, '')
    for (const path of ['/b', '/b/c', '/zz']) make(path)
    for (let i = 0; i < 40; i++) write(`/sys/fs/cgroup/zz/z${i}/cgroup.procs`, '')
    const sample = openCgroups(host)
    const texts = Object.assign({}, ...[0, 1000, 2000, 3000].map(time => sample(time, false)))
    for (const path of ['/b', '/b/c', '/zz'])
      for (const name of CGROUP_FILES) expect(texts, path).toHaveProperty([`/sys/fs/cgroup${path}/${name}`])
  })

  test('of a node without cgroups has the other files; without mountinfo it fails', () => {
    const { host, write, remove } = createTree()
    write('/proc/1/mountinfo', '22 1 253:0 / / rw - ext4 /dev/vda1 rw\n')
    write('/proc/self/mountinfo', '22 1 253:0 / / rw - ext4 /dev/vda1 rw\n')
    const files = openCgroups(host)(0, false)
    expect(files).toHaveProperty(['/proc/cgroups'])
    expect(buildHistory([{ time: 0, collector: 'cgroups', files }]).cgroups.mode).toBe('none')
    remove('/../../../proc')
    const sample = openCgroups(host)
    for (const time of [0, 1000, 2000, 40_000]) expect(() => sample(time, false)).toThrow(/ENOENT.*mountinfo/)
  })
})

test('on v1 a changed count is compared with the directories of the same sample', () => {
  const { host, write, root } = createTree()
  const at = '/sys/fs/cgroup/memory'
  const made = (...names: readonly string[]): void => {
    for (const name of names) write(`${at}/${name}/memory.usage_in_bytes`, '4096\n')
    write(
      '/proc/cgroups',
      `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t${readdirSync(root + at).length + 1}\t1\n`,
    )
  }
  write('/proc/1/mountinfo', `35 31 0:32 / ${at} rw - cgroup cgroup rw,memory\n`)
  made('a', 'b')
  const sample = openCgroups({ ...host, watchDirectory: () => undefined })
  let history = buildHistory([])
  const dying = (time: number): number | null => {
    history = appendReading(history, { time, collector: 'cgroups', files: sample(time, false) })
    return history.cgroups.dying
  }
  expect(dying(0)).toBe(0)
  made('c', 'd', 'e')
  expect(dying(1000)).toBe(0)
  expect(history.cgroups.directories).toBe(6)
})

test('in a container the root is its own cgroup, read in full like others', () => {
  const { root, host, makeCgroup: make, write } = createTree()
  make('')
  make('/a')
  write(`${ROOT}/cgroup.events`, 'populated 1\n') // the root of all has none
  mkdirSync(`${root}/proc/1/ns`)
  symlinkSync('cgroup:[4026532999]', `${root}/proc/1/ns/cgroup`)
  const { cgroups } = buildHistory([{ time: 0, collector: 'cgroups', files: openCgroups(host)(0, false) }])
  expect(cgroups.cgroups.get('/')).toMatchObject({ current: 4096, anon: 1024 })
  expect(countReadCgroups(cgroups)).toBe(2)
})

test('a single sample has the usage of every cgroup, and the slow files of the largest', () => {
  const { host, makeCgroup: make, write } = createTree()
  for (let i = 0; i < 1500; i++) make(`/pod${i % 40}/c${i}`)
  write(`${ROOT}/pod3/c1403/memory.current`, '999999488\n')
  const cgroupsSeen = (once: boolean) => {
    const files = openCgroups({ ...host, watchDirectory: () => undefined }, { once })(0, false)
    return buildHistory([{ time: 0, collector: 'cgroups', files }]).cgroups
  }
  expect(countReadCgroups(cgroupsSeen(false))).toBeLessThan(1500)
  const whole = cgroupsSeen(true)
  expect(countReadCgroups(whole)).toBe(1500)
  expect(whole.cgroups.get('/pod3/c1403')).toMatchObject({ current: 999_999_488, anon: 1024 })
  expect([...whole.cgroups.values()].filter(({ anon }) => anon !== null).length).toBeLessThanOrEqual(400)
})

/** A node of `count` cgroups in 40 pods, looked at without notices of changes; and what it read, sample by sample. */
function node(count: number) {
  const { host, makeCgroup: make, write } = createTree()
  for (let i = 0; i < count; i++) make(`/pod${i % 40}/c${i}`)
  const sample = openCgroups({ ...host, watchDirectory: () => undefined })
  const read = (time: number, urgent = false, share = 1): readonly string[] =>
    Object.keys(sample(time, urgent, share)).filter(path => /\/c\d+\/memory/.test(path))
  const use = (cgroup: number, bytes: number): void =>
    write(`${ROOT}/pod${cgroup % 40}/c${cgroup}/memory.current`, `${bytes}\n`)
  const events = (cgroup: number, text: string): void =>
    write(`${ROOT}/pod${cgroup % 40}/c${cgroup}/memory.events`, text)
  return { read, use, events, make }
}
const named = (name: string, paths: readonly string[]): readonly string[] => paths.filter(path => path.endsWith(name))
const of = (cgroup: number, paths: readonly string[]): readonly string[] =>
  paths.filter(path => path.includes(`/c${cgroup}/`)).map(path => path.slice(path.lastIndexOf('/') + 1))

describe('200 cgroups', () => {
  test('are all read at first; then events every second, usage every 5 s, the rest every 30 s, a share in each sample', () => {
    const { read } = node(200)
    expect(read(0)).toHaveLength(200 * CGROUP_FILES.length)
    const seen = { use: new Set<string>(), slow: new Set<string>() }
    for (let second = 1; second <= 30; second++) {
      const paths = read(second * 1000)
      expect(named('/memory.events', paths)).toHaveLength(200)
      expect(named('/memory.current', paths).length).toBeLessThanOrEqual(45)
      expect(named('/memory.stat', paths).length).toBeLessThanOrEqual(9)
      if (second <= 6) for (const path of named('/memory.current', paths)) seen.use.add(path)
      for (const path of named('/memory.stat', paths)) seen.slow.add(path)
    }
    expect([seen.use.size, seen.slow.size]).toEqual([200, 200])
  })

  test('sampled ten times a second are read as often as with one sample a second', () => {
    const { read } = node(200)
    read(0)
    let paths = 0
    for (let tenth = 1; tenth <= 100; tenth++) paths += read(tenth * 100).length
    const once = node(200)
    once.read(0)
    let expected = 0
    for (let second = 1; second <= 10; second++) expected += once.read(second * 1000).length
    expect(Math.abs(paths - expected)).toBeLessThan(expected * 0.05)
  })

  test('sampled every ten seconds are read as far as they are due', () => {
    const { read } = node(200)
    read(0)
    const paths = read(10_000)
    expect(named('/memory.events', paths)).toHaveLength(200)
    expect(named('/memory.current', paths)).toHaveLength(200)
    expect(named('/memory.stat', paths)).toHaveLength(65) // a third, not all at once (40 pods have their turn too)
  })
})

describe('a cgroup among many', () => {
  test('whose usage moved is hot for half a minute', () => {
    const { read, use } = node(200)
    read(0)
    use(7, 50 * 2 ** 20)
    for (let second = 1; second <= 6; second++) read(second * 1000)
    let slow = 0
    for (let second = 7; second <= 26; second++) {
      const files = of(7, read(second * 1000))
      expect(files).toContain('memory.current')
      if (files.includes('memory.stat')) slow++
    }
    expect(slow).toBe(2)
  })

  test('that is no longer hot has no pressure of the last seconds', () => {
    const { host, makeCgroup: make, write } = createTree()
    for (let i = 0; i < 60; i++) make(`/c${i}`)
    write(`${ROOT}/c7/memory.pressure`, 'some avg10=55.00 avg60=5.00 avg300=0.00 total=9\n')
    const sample = openCgroups({ ...host, watchDirectory: () => undefined })
    let history = buildHistory([])
    const pressures: (number | undefined)[] = []
    for (let second = 0; second <= 40; second++) {
      if (second === 5) write(`${ROOT}/c7/memory.current`, `${50 * 2 ** 20}\n`)
      history = appendReading(history, {
        time: second * 1000,
        collector: 'cgroups',
        files: sample(second * 1000, false),
      })
      pressures.push(history.cgroups.cgroups.get('/c7')?.pressure?.some.avg10)
    }
    expect([pressures[0], pressures[3], pressures[20], pressures[40]]).toEqual([55, undefined, 55, undefined])
  })

  test('that had an OOM kill is read in full at once', () => {
    const { read, events } = node(200)
    read(0)
    events(133, 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n')
    expect(of(133, read(1000)).toSorted()).toEqual(CGROUP_FILES.toSorted())
  })

  test('that is at its limit is hot; limit hits alone are not an event', () => {
    const { read, events } = node(200)
    read(0)
    events(133, 'low 0\nhigh 0\nmax 9\noom 0\noom_kill 0\n')
    expect(of(133, read(1000))).not.toContain('memory.stat')
  })

  test('that is new is read in full at once', () => {
    const { read, make } = node(200)
    read(0)
    make('/pod1/c900')
    const paths = [1, 2, 3, 4, 5, 6].flatMap(second => of(900, read(second * 1000)))
    expect(paths).toEqual(expect.arrayContaining([...CGROUP_FILES]))
  })
})

describe('2,000 cgroups', () => {
  test('are read in part in each sample, all within a minute, and all their events if it is urgent', () => {
    const { read } = node(2000)
    const first = read(0)
    const news = named('/memory.current', first).length
    expect([news > 450, news <= 500]).toEqual([true, true]) // so many in a sample, so that no fold is felt
    expect(named('/memory.stat', first).length).toBeLessThanOrEqual(400)
    const seen = new Set(first)
    for (let second = 1; second <= 60; second++) {
      const paths = read(second * 1000)
      if (second > 4) expect(paths.length).toBeLessThan(1000) // all have been found and read once
      for (const path of paths) seen.add(path)
    }
    expect(seen.size).toBe(2000 * CGROUP_FILES.length)
    expect(named('memory.events', read(60_500, true))).toHaveLength(2000)
    expect(named('memory.events', read(60_600, true)).length).toBeLessThan(100) // not again at once
  })

  test('that are removed before they were read do not delay new ones', () => {
    const { host, makeCgroup: make, remove } = createTree()
    for (let i = 0; i < 2000; i++) make(`/pod${i % 40}/c${i}`)
    const sample = openCgroups({ ...host, watchDirectory: () => undefined })
    sample(0, false, 0.1)
    for (let pod = 0; pod < 40; pod++) remove(`/pod${pod}`)
    for (let i = 0; i < 50; i++) make(`/late${i}`)
    const whole = Object.keys(sample(60_000, false, 0.1)).filter(path => /late\d+\/memory/.test(path))
    expect(whole).toHaveLength(50 * CGROUP_FILES.length)
  })

  test('with a share below 1 are read in that share, except for hot ones', () => {
    const { read, use } = node(2000)
    expect(named('/memory.current', read(0, false, 0.1)).length).toBeLessThanOrEqual(50)
    for (let second = 1; second <= 40; second++) read(second * 1000, false, 0.1)
    const [few, all] = [read(41_000, false, 0.1), read(42_000, false, 1)].map(
      paths => named('/memory.events', paths).length,
    )
    expect([few! < 150, all! > 350]).toEqual([true, true]) // some are new, and hot for that
    for (let second = 43; second < 80; second++) read(second * 1000) // new no more
    use(7, 50 * 2 ** 20)
    let second = 80
    while (!of(7, read(second * 1000)).includes('memory.current')) expect(second++).toBeLessThan(95)
    for (let after = 1; after <= 5; after++)
      expect(of(7, read((second + after) * 1000, false, 0.1))).toContain('memory.current')
  })
})
