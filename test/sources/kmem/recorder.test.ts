// The recorder between its two places: memory, and a file that begins with what memory holds.
import { readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tapeInMemory } from '../../../src/sources/kmem/open.ts'
import { Recorder } from '../../../src/sources/kmem/recorder.ts'
import { session } from '../../fixtures.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { looksOf } from './recordings.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const looks = looksOf(20)
const readingsIn = (bytes: Buffer) => {
  const { tape } = tapeInMemory('test', bytes)
  return tape.parts.flatMap((_, i) => tape.read(i).readings)
}

test('a file begun later holds what memory held, and what followed', async () => {
  const recorder = new Recorder(session, 900_000)
  for (const look of looks.slice(0, 10)) await recorder.look(look)
  expect(readingsIn(recorder.flight())).toEqual(looks.slice(0, 10).flat())
  const path = join(folder, 'later.kmem')
  await recorder.start(path, {})
  for (const look of looks.slice(10)) await recorder.look(look)
  await recorder.stop()
  expect(readingsIn(readFileSync(path))).toEqual(looks.flat())
  expect(recorder.status()).toMatchObject({ finished: path, written: readFileSync(path).length })
})

test('without memory and file nothing is packed', async () => {
  const recorder = new Recorder(session, 0)
  for (const look of looks) await recorder.look(look)
  expect(recorder.flight()).toHaveLength(0)
  expect(recorder.status()).toEqual({})
})

test.each([
  ['removed', rmSync, 'was removed'],
  ['cut short', truncateSync, 'somebody cut'],
])('a file that is %s while it is written is a problem, and never said to be finished', async (_, spoil, words) => {
  const recorder = new Recorder(session, 0)
  const path = join(folder, 'spoilt.kmem')
  await recorder.start(path, {})
  for (const look of looks.slice(0, 10)) await recorder.look(look)
  spoil(path)
  for (const look of looks.slice(10)) await recorder.look(look)
  await recorder.stop()
  const { problem, finished } = recorder.status()
  expect(problem).toContain(words)
  expect(problem).toContain(path)
  expect(finished).toBeUndefined()
  rmSync(path, { force: true })
})

test('where there is a directory but no file can be made, it does not say that there is none', async () => {
  await expect(new Recorder(session, 0).start('/proc/x.kmem', {})).rejects.toThrow(
    /^cannot make \/proc\/x.kmem: ENOENT/,
  )
})
