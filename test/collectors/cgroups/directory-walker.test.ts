// The walk of directories: what exists, what was created and what was removed.
import { mkdirSync, renameSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DirectoryWalker } from '../../../src/collectors/cgroups/directory-walker.ts'
import type { Host } from '../../../src/collectors/collector.ts'
import { createTree } from './tree.ts'

const ROOT = '/sys/fs/cgroup'
const LATER = 6000 // ms: a walk of the whole tree is due again

/** The same machine without notices of changes: only the walk finds them. */
const unwatched = (host: Host): Host => ({ ...host, watchDirectory: () => undefined })

describe('a walk', () => {
  test('finds every directory in the first sample', () => {
    const { host, makeCgroup: make } = createTree()
    for (const path of ['/a', '/a/b', '/a/b/c', '/d']) make(path)
    const { added, removed } = new DirectoryWalker(host, ROOT).detectChanges(0)
    expect([...added.keys()].sort()).toEqual(['', '/a', '/a/b', '/a/b/c', '/d'].map(path => ROOT + path))
    expect(added.get(`${ROOT}/a`)).toBe(host.statFile(`${ROOT}/a`).inode)
    expect(removed).toEqual([])
  })

  test('finds changes since the last one, and not before it is due', () => {
    const { host, makeCgroup: make, remove } = createTree()
    for (const path of ['/a', '/a/b', '/d']) make(path)
    const walk = new DirectoryWalker(unwatched(host), ROOT)
    walk.detectChanges(0)
    remove('/a')
    make('/e')
    expect(walk.detectChanges(1000)).toEqual({ added: new Map(), removed: [] })
    const { added, removed } = walk.detectChanges(LATER)
    expect([...added.keys()]).toEqual([`${ROOT}/e`])
    expect(removed.toSorted()).toEqual([`${ROOT}/a`, `${ROOT}/a/b`])
    expect([...walk.known.keys()].sort()).toEqual([ROOT, `${ROOT}/d`, `${ROOT}/e`])
  })

  test('reports a directory that was created again under an old name', () => {
    const { root, host, makeCgroup: make, remove } = createTree()
    make('/a')
    const walk = new DirectoryWalker(unwatched(host), ROOT)
    walk.detectChanges(0)
    mkdirSync(`${root}/new`)
    remove('/a')
    renameSync(`${root}/new`, `${root}${ROOT}/a`)
    expect([...walk.detectChanges(LATER).added]).toEqual([[`${ROOT}/a`, host.statFile(`${ROOT}/a`).inode]])
  })

  test('continues if a directory vanishes, and fails if the root cannot be read', () => {
    const { host, makeCgroup: make } = createTree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const vanishing: Host = {
      ...host,
      listSubdirectories: path => {
        if (path === `${ROOT}/a`) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })
        return host.listSubdirectories(path)
      },
    }
    expect([...new DirectoryWalker(vanishing, ROOT).detectChanges(0).added.keys()]).toContain(`${ROOT}/c`)
    const nowhere = new DirectoryWalker(host, '/no/such')
    for (const time of [0, 1000, 2000]) expect(() => nowhere.detectChanges(time)).toThrow('ENOENT')
  })

  test('lists no leaf: its link count shows that it has no children', () => {
    const { host, makeCgroup: make } = createTree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const listed: string[] = []
    const counting: Host = {
      ...host,
      listSubdirectories: path => (listed.push(path) > 0 ? host.listSubdirectories(path) : []),
    }
    new DirectoryWalker(counting, ROOT).detectChanges(0)
    expect(listed.toSorted()).toEqual([ROOT, `${ROOT}/a`])
  })
})

/** Watches whose notices the test gives. */
function watched(host: Host): {
  host: Host
  notice(path: string, name: string): void
  watching(): readonly string[]
} {
  const callbacks = new Map<string, (name: string) => void>()
  return {
    host: {
      ...host,
      watchDirectory: (path, changed) => {
        callbacks.set(path, changed)
        return () => callbacks.delete(path)
      },
    },
    notice: (path, name) => callbacks.get(path)?.(name),
    watching: () => [...callbacks.keys()].toSorted(),
  }
}

describe('a watched directory', () => {
  test('has children, and is no longer watched when it is removed', () => {
    const { host, makeCgroup: make, remove } = createTree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const { host: watching, watching: list } = watched(host)
    const walk = new DirectoryWalker(watching, ROOT)
    walk.detectChanges(0)
    expect(list()).toEqual([ROOT, `${ROOT}/a`])
    remove('/a')
    walk.detectChanges(LATER)
    expect(list()).toEqual([ROOT])
  })

  test('causes a walk in the next sample', () => {
    const { host, makeCgroup: make } = createTree()
    const { host: watching, notice } = watched(host)
    const walk = new DirectoryWalker(watching, ROOT)
    walk.detectChanges(0)
    make('/new')
    notice(ROOT, 'new')
    expect([...walk.detectChanges(1000).added.keys()]).toEqual([`${ROOT}/new`])
  })

  test('reports a cgroup that was created and removed: added now, removed in the next sample', () => {
    const { host } = createTree()
    const { host: watching, notice } = watched(host)
    const walk = new DirectoryWalker(watching, ROOT)
    walk.detectChanges(0)
    notice(ROOT, 'short')
    expect(walk.detectChanges(1000)).toEqual({ added: new Map([[`${ROOT}/short`, 0]]), removed: [] })
    expect(walk.detectChanges(2000)).toEqual({ added: new Map(), removed: [`${ROOT}/short`] })
  })
})

test('a notice after the walk found the cgroup removed changes nothing', () => {
  const { host, makeCgroup: make, remove } = createTree()
  make('/a')
  const { host: watching, notice } = watched(host)
  const walk = new DirectoryWalker(watching, ROOT)
  walk.detectChanges(0)
  remove('/a')
  walk.requestFullWalk()
  expect(walk.detectChanges(1000).removed).toEqual([`${ROOT}/a`])
  notice(ROOT, 'a')
  expect(walk.detectChanges(2000)).toEqual({ added: new Map(), removed: [] })
  notice(ROOT, 'a') // another of this name
  expect([...walk.detectChanges(3000).added.keys()]).toEqual([`${ROOT}/a`])
})

describe('a large tree', () => {
  /** Ten thousand directories in one, without a file system. */
  function large() {
    const inodes = new Map([[ROOT, 1]])
    for (let i = 2; i <= 10_000; i++) inodes.set(`${ROOT}/c${i}`, i)
    let stats = 0
    const { host, notice } = watched({
      ...createTree().host,
      listSubdirectories: path => {
        if (path === ROOT) return [...inodes.keys()].slice(1).map(name => name.slice(ROOT.length + 1))
        if (inodes.has(path)) return []
        throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
      },
      statFile: path => {
        stats++
        const inode = inodes.get(path)
        if (inode === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
        return { inode, links: path === ROOT ? inodes.size + 1 : 2 }
      },
    })
    const walk = new DirectoryWalker(host, ROOT)
    const sample = (time: number) => {
      stats = 0
      const { added: came, removed: went } = walk.detectChanges(time)
      return { came: [...came.keys()], went, stats }
    }
    return { inodes, notice, walk, sample }
  }

  test('is walked as a whole at first, then in pieces with the same result', () => {
    const { inodes, walk, sample } = large()
    expect(sample(0)).toMatchObject({ stats: 10_000 })
    inodes.delete(`${ROOT}/c77`)
    inodes.set(`${ROOT}/late`, 20_000)
    const pieces = [60_000, 61_000, 62_000].map(sample)
    expect(Math.max(...pieces.map(({ stats }) => stats))).toBeLessThan(5000)
    expect(pieces.flatMap(({ came }) => came)).toEqual([`${ROOT}/late`])
    expect(pieces.flatMap(({ went }) => went)).toEqual([`${ROOT}/c77`])
    expect([...walk.known.keys()].toSorted()).toEqual([...inodes.keys()].toSorted())
  })

  test('keeps the notices that came during a walk', () => {
    const { inodes, notice, walk, sample } = large()
    sample(0)
    sample(60_000)
    for (const name of ['new', 'again']) inodes.set(`${ROOT}/${name}`, 20_000)
    for (const name of ['c2', 'c9999']) inodes.delete(`${ROOT}/${name}`)
    for (const name of ['new', 'again', 'c2', 'c9999']) notice(ROOT, name)
    const reported = sample(61_000)
    expect(reported.came).toEqual([`${ROOT}/new`, `${ROOT}/again`])
    expect(reported.went).toEqual([`${ROOT}/c2`, `${ROOT}/c9999`])
    inodes.delete(`${ROOT}/again`)
    notice(ROOT, 'again')
    expect(sample(62_000)).toMatchObject({ came: [], went: [`${ROOT}/again`] })
    expect(sample(63_000)).toMatchObject({ came: [], went: [], stats: 0 })
    expect([...walk.known.keys()].toSorted()).toEqual([...inodes.keys()].toSorted())
  })
})

describe('a tree whose count is watched', () => {
  const countWalks = (isCountWatched: boolean, canWatch: boolean): number => {
    const { host, makeCgroup } = createTree()
    for (const path of ['/a', '/a/b']) makeCgroup(path)
    let walks = 0
    const counting: Host = {
      ...host,
      statFile: path => {
        if (path === ROOT) walks++
        return host.statFile(path)
      },
      watchDirectory: () => (canWatch ? () => {} : undefined),
    }
    const walker = new DirectoryWalker(counting, ROOT, isCountWatched)
    for (let second = 0; second < 60; second++) walker.detectChanges(second * 1000)
    return walks
  }

  test('is walked every 30 s if every directory with children is watched, otherwise every 5 s', () => {
    expect(countWalks(true, true)).toBe(2)
    expect(countWalks(true, false)).toBe(12)
    expect(countWalks(false, true)).toBe(12)
  })
})
