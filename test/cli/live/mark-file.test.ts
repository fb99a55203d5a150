// Marks from a file or a FIFO: what is added from now on, however it is written.
import { spawnSync } from 'node:child_process'
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { checkMarkFile, getDefaultMarkFile, watchMarkFile } from '../../../src/cli/live/mark-file.ts'
import { runMark } from '../../../src/cli/live/run-mark.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

let stop: (() => void) | undefined
afterEach(() => stop?.())

async function watch(path: string): Promise<string[]> {
  const marks: string[] = []
  stop = await watchMarkFile(path, mark => marks.push(mark))
  return marks
}

test('lines that are appended are marks, those that were there before are not', async () => {
  const path = join(createTemporaryFolder(), 'marks')
  writeFileSync(path, 'old\n')
  const marks = await watch(path)
  appendFileSync(path, '500 rps\n')
  await vi.waitFor(() => expect(marks).toEqual(['500 rps']), 60_000)
  appendFileSync(path, '\n  1000 rps \n')
  await vi.waitFor(() => expect(marks).toEqual(['500 rps', '1000 rps']), 60_000)
})

test('a file that comes later, is truncated or replaced goes on giving marks', async () => {
  const folder = createTemporaryFolder()
  const path = join(folder, 'marks')
  const marks = await watch(path)
  writeFileSync(path, 'first\n')
  await vi.waitFor(() => expect(marks).toEqual(['first']), 60_000)
  truncateSync(path)
  await vi.waitFor(() => {
    appendFileSync(path, 's\n')
    expect(marks).toContain('s')
  }, 60_000)
  writeFileSync(join(folder, 'next'), '')
  renameSync(join(folder, 'next'), path)
  await vi.waitFor(() => {
    appendFileSync(path, 'replaced\n')
    expect(marks).toContain('replaced')
  }, 60_000)
})

test('a FIFO gives marks from one writer after another', async () => {
  const path = join(createTemporaryFolder(), 'fifo')
  spawnSync('mkfifo', [path])
  const marks = await watch(path)
  for (const label of ['one', 'two']) {
    writeFileSync(path, `${label}\n`)
    await vi.waitFor(() => expect(marks).toContain(label), 60_000)
  }
})

test('a loop that marks without end is cut to twenty a second', async () => {
  const path = join(createTemporaryFolder(), 'marks')
  const marks = await watch(path)
  writeFileSync(path, 'again\n'.repeat(10_000))
  await vi.waitFor(() => expect(marks.length).toBeGreaterThan(0), 60_000)
  expect(marks.length).toBeLessThanOrEqual(40)
})

test('the file of kmemtop mark is in a directory of this user', () => {
  expect(getDefaultMarkFile({ XDG_RUNTIME_DIR: '/run/user/7' }, 7)).toBe('/run/user/7/kmemtop/marks')
  expect(getDefaultMarkFile({}, 1000)).toBe('/run/user/1000/kmemtop/marks')
  expect(getDefaultMarkFile({}, 0)).toBe('/run/kmemtop/marks')
})

test('kmemtop mark does not wait for the reader of a FIFO', () => {
  const path = join(createTemporaryFolder(), 'fifo')
  spawnSync('mkfifo', [path])
  expect(() => runMark(['500 rps'], { markFile: path })).toThrow(`cannot mark in ${path}: no program reads it`)
})

test.each([
  ['/etc', 'is a directory'],
  ['/dev/null', 'is a device or a socket'],
])('%s cannot give marks, which is said before anything is started', (markFile, text) => {
  expect(() => checkMarkFile({ markFile })).toThrow(`--mark-file ${markFile}: ${text}; expected a file or a FIFO`)
})
