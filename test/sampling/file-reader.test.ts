// The reader of kernel files: which files it keeps open.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFileReader } from '../../src/sampling/file-reader.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

function createReader(count: number, maxOpen?: number) {
  const folder = createTemporaryFolder()
  const names = Array.from({ length: count }, (_, i) => join(folder, `f${i}`))
  for (const [i, name] of names.entries()) writeFileSync(name, `${i}\n`)
  const reader = createFileReader(path => path, maxOpen)
  onTestFinished(() => reader.close())
  return { reader, names, listOpen: () => listOpenFiles(folder) }
}

const listOpenFiles = (folder: string): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(folder) ? [path] : []
    } catch {
      return []
    }
  })

test('a file that is read again is kept open, and its new text is read', () => {
  const { reader, names, listOpen } = createReader(1)
  reader.read(names[0]!)
  expect(listOpen()).toEqual([])
  reader.read(names[0]!)
  expect(listOpen()).toEqual(names)
  writeFileSync(names[0]!, 'new\n')
  expect(reader.read(names[0]!)).toBe('new\n')
})

test('of too many files those that were not read for longest are closed', () => {
  const { reader, names, listOpen } = createReader(600, 512)
  for (const name of [...names, ...names]) reader.read(name)
  const open = listOpen()
  expect(open).toHaveLength(512)
  expect(open).toEqual(expect.arrayContaining(names.slice(-512)))
  for (const [i, name] of names.entries()) expect(reader.read(name)).toBe(`${i}\n`)
  expect(listOpen()).toHaveLength(512)
})

test('a list that the kernel gives a page at a time is read to its end, also in the tree of cgroups', () => {
  const pages = '/proc/kallsyms' // a seq_file of many records, as memory.kmem.slabinfo is
  const reader = createFileReader(() => pages)
  onTestFinished(() => reader.close())
  const whole = readFileSync(pages, 'latin1')
  expect(whole.length).toBeGreaterThan(4096)
  for (const path of [pages, '/sys/fs/cgroup/memory/pod/memory.kmem.slabinfo', '/sys/fs/cgroup/pod/cgroup.procs'])
    expect(reader.read(path)).toBe(whole)
})
