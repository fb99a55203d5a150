// Tails of log files: every line that is added is read once, through truncation, rotation and floods.
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LogTail } from '../../../src/cli/load/log-tail.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const createPath = (): string => join(createTemporaryFolder(), 'app.log')

async function openTail(path: string): Promise<LogTail> {
  const tail = new LogTail(path)
  await tail.openAtEnd()
  return tail
}

test('only what is added is read, once', async () => {
  const path = createPath()
  writeFileSync(path, 'old\n')
  const tail = await openTail(path)
  expect(await tail.readAddition()).toEqual({ text: '', skipped: 0 })
  appendFileSync(path, 'a\n')
  expect((await tail.readAddition()).text).toBe('a\n')
  expect((await tail.readAddition()).text).toBe('')
  await tail.close()
})

test('the end of a rotated file is read before the new one', async () => {
  const path = createPath()
  writeFileSync(path, '')
  const tail = await openTail(path)
  appendFileSync(path, 'last of the old\n')
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'first of the new\n')
  expect((await tail.readAddition()).text).toBe('last of the old\nfirst of the new\n')
  await tail.close()
})

test('a truncated file is read from its start, a removed one when it is back', async () => {
  const path = createPath()
  writeFileSync(path, 'x'.repeat(100))
  const tail = await openTail(path)
  truncateSync(path)
  appendFileSync(path, 'new\n')
  expect((await tail.readAddition()).text).toBe('new\n')
  rmSync(path)
  expect((await tail.readAddition()).text).toBe('')
  symlinkSync(path, path) // cannot be reached: ELOOP
  expect((await tail.readAddition()).text).toBe('')
  rmSync(path)
  writeFileSync(path, 'back\n')
  expect((await tail.readAddition()).text).toBe('back\n')
  await tail.close()
})

test('more than 8 MiB at once are skipped and counted', async () => {
  const path = createPath()
  writeFileSync(path, '')
  const tail = await openTail(path)
  writeFileSync(path, Buffer.alloc(20 * 2 ** 20, 'x'))
  const { text, skipped } = await tail.readAddition()
  expect([text.length, skipped]).toEqual([8 * 2 ** 20, 12 * 2 ** 20])
  await tail.close()
})

test('a directory, a file without permission or none at all has nothing', async () => {
  for (const path of [createTemporaryFolder(), '/proc/kcore-none', '/does/not/exist']) {
    const tail = await openTail(path)
    expect(await tail.readAddition()).toEqual({ text: '', skipped: 0 })
    await tail.close()
  }
})
