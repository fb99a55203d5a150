// The walk over directories: what is found, what came and went.
import { mkdirSync, renameSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Walk } from '../../../src/collectors/cgroups/walk.ts'
import type { Host } from '../../../src/collectors/collector.ts'
import { tree } from './tree.ts'

const ROOT = '/sys/fs/cgroup'
const LATER = 6000 // ms: a walk of the whole tree is due again

/** The same machine without notices of changes: only the walk finds them. */
const unwatched = (host: Host): Host => ({ ...host, watchDirectory: () => undefined })

describe('a walk', () => {
  test('finds every directory at the first look', () => {
    const { host, make } = tree()
    for (const path of ['/a', '/a/b', '/a/b/c', '/d']) make(path)
    const { came, went } = new Walk(host, ROOT).look(0)
    expect([...came.keys()].sort()).toEqual(['', '/a', '/a/b', '/a/b/c', '/d'].map(path => ROOT + path))
    expect(came.get(`${ROOT}/a`)).toBe(host.statFile(`${ROOT}/a`).inode)
    expect(went).toEqual([])
  })

  test('finds what came and went since the last one, and not before it is due', () => {
    const { host, make, remove } = tree()
    for (const path of ['/a', '/a/b', '/d']) make(path)
    const walk = new Walk(unwatched(host), ROOT)
    walk.look(0)
    remove('/a')
    make('/e')
    expect(walk.look(1000)).toEqual({ came: new Map(), went: [] })
    const { came, went } = walk.look(LATER)
    expect([...came.keys()]).toEqual([`${ROOT}/e`])
    expect(went.toSorted()).toEqual([`${ROOT}/a`, `${ROOT}/a/b`])
    expect([...walk.known.keys()].sort()).toEqual([ROOT, `${ROOT}/d`, `${ROOT}/e`])
  })

  test('tells a directory made anew under an old name as one that came', () => {
    const { root, host, make, remove } = tree()
    make('/a')
    const walk = new Walk(unwatched(host), ROOT)
    walk.look(0)
    mkdirSync(`${root}/new`)
    remove('/a')
    renameSync(`${root}/new`, `${root}${ROOT}/a`)
    expect([...walk.look(LATER).came]).toEqual([[`${ROOT}/a`, host.statFile(`${ROOT}/a`).inode]])
  })

  test('goes on when a directory vanishes under it, and fails when the root cannot be read', () => {
    const { host, make } = tree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const vanishing: Host = {
      ...host,
      listSubdirectories: path => {
        if (path === `${ROOT}/a`) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })
        return host.listSubdirectories(path)
      },
    }
    expect([...new Walk(vanishing, ROOT).look(0).came.keys()]).toContain(`${ROOT}/c`)
    const nowhere = new Walk(host, '/no/such')
    for (const time of [0, 1000, 2000]) expect(() => nowhere.look(time)).toThrow('ENOENT')
  })

  test('lists no leaf: its links tell that there is nothing below', () => {
    const { host, make } = tree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const listed: string[] = []
    const counting: Host = { ...host, listSubdirectories: path => (listed.push(path) > 0 ? host.listSubdirectories(path) : []) }
    new Walk(counting, ROOT).look(0)
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
  test('is one that has children, and is let go when it is gone', () => {
    const { host, make, remove } = tree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const { host: watching, watching: list } = watched(host)
    const walk = new Walk(watching, ROOT)
    walk.look(0)
    expect(list()).toEqual([ROOT, `${ROOT}/a`])
    remove('/a')
    walk.look(LATER)
    expect(list()).toEqual([ROOT])
  })

  test('makes the next look a walk', () => {
    const { host, make } = tree()
    const { host: watching, notice } = watched(host)
    const walk = new Walk(watching, ROOT)
    walk.look(0)
    make('/new')
    notice(ROOT, 'new')
    expect([...walk.look(1000).came.keys()]).toEqual([`${ROOT}/new`])
  })

  test('tells of a cgroup that came and went unseen: come now, gone at the next look', () => {
    const { host } = tree()
    const { host: watching, notice } = watched(host)
    const walk = new Walk(watching, ROOT)
    walk.look(0)
    notice(ROOT, 'short')
    expect(walk.look(1000)).toEqual({ came: new Map([[`${ROOT}/short`, 0]]), went: [] })
    expect(walk.look(2000)).toEqual({ came: new Map(), went: [`${ROOT}/short`] })
  })
})

test('a notice that comes after the walk found the cgroup gone tells nothing new', () => {
  const { host, make, remove } = tree()
  make('/a')
  const { host: watching, notice } = watched(host)
  const walk = new Walk(watching, ROOT)
  walk.look(0)
  remove('/a')
  walk.hurry()
  expect(walk.look(1000).went).toEqual([`${ROOT}/a`])
  notice(ROOT, 'a')
  expect(walk.look(2000)).toEqual({ came: new Map(), went: [] })
  notice(ROOT, 'a') // another of this name
  expect([...walk.look(3000).came.keys()]).toEqual([`${ROOT}/a`])
})

describe('a large tree', () => {
  /** Ten thousand directories in one, without a file system. */
  function large() {
    const inodes = new Map([[ROOT, 1]])
    for (let i = 2; i <= 10_000; i++) inodes.set(`${ROOT}/c${i}`, i)
    let stats = 0
    const { host, notice } = watched({
      ...tree().host,
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
    const walk = new Walk(host, ROOT)
    const look = (time: number) => {
      stats = 0
      const { came, went } = walk.look(time)
      return { came: [...came.keys()], went, stats }
    }
    return { inodes, notice, walk, look }
  }

  test('is walked whole at first, and then in pieces that end in the same', () => {
    const { inodes, walk, look } = large()
    expect(look(0)).toMatchObject({ stats: 10_000 })
    inodes.delete(`${ROOT}/c77`)
    inodes.set(`${ROOT}/late`, 20_000)
    const pieces = [60_000, 61_000, 62_000].map(look)
    expect(Math.max(...pieces.map(({ stats }) => stats))).toBeLessThan(5000)
    expect(pieces.flatMap(({ came }) => came)).toEqual([`${ROOT}/late`])
    expect(pieces.flatMap(({ went }) => went)).toEqual([`${ROOT}/c77`])
    expect([...walk.known.keys()].toSorted()).toEqual([...inodes.keys()].toSorted())
  })

  test('keeps what a watch told while a walk was under way', () => {
    const { inodes, notice, walk, look } = large()
    look(0)
    look(60_000)
    for (const name of ['new', 'again']) inodes.set(`${ROOT}/${name}`, 20_000)
    for (const name of ['c2', 'c9999']) inodes.delete(`${ROOT}/${name}`)
    for (const name of ['new', 'again', 'c2', 'c9999']) notice(ROOT, name)
    const told = look(61_000)
    expect(told.came).toEqual([`${ROOT}/new`, `${ROOT}/again`])
    expect(told.went).toEqual([`${ROOT}/c2`, `${ROOT}/c9999`])
    inodes.delete(`${ROOT}/again`)
    notice(ROOT, 'again')
    expect(look(62_000)).toMatchObject({ came: [], went: [`${ROOT}/again`] })
    expect(look(63_000)).toMatchObject({ came: [], went: [], stats: 0 })
    expect([...walk.known.keys()].toSorted()).toEqual([...inodes.keys()].toSorted())
  })
})
