// Which files of its directory a recorder may delete.
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { FileRotation } from '../../src/recording/file-rotation.ts'
import { Recorder } from '../../src/recording/recorder.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { encodeRecording, generateSamples } from './recordings.ts'

let complete: Buffer
let torn: Buffer
beforeAll(async () => {
  complete = await encodeRecording(generateSamples(3))
  torn = await encodeRecording(generateSamples(3), { trailer: false })
})

const HOUR = 3600

/** Writes a file that was modified so many seconds ago. */
function write(path: string, bytes: Buffer, age: number): string {
  writeFileSync(path, bytes)
  const modified = 1_800_000_000 - age
  utimesSync(path, modified, modified)
  return path
}

test('a file that another recorder is writing is not deleted, whatever the bound', () => {
  const folder = createTemporaryFolder()
  const name = (time: string): string => join(folder, `kmemtop-n1-20261123T${time}Z.kmem`)
  const finished = write(name('100000'), complete, 120)
  const running = write(name('100100'), torn, 2)
  const abandoned = write(name('090000'), torn, 2 * HOUR)
  const other = write(join(folder, 'kmemtop-n2-20261123T090000Z.kmem'), complete, 2 * HOUR)
  const current = write(name('100200'), torn, 0)
  new FileRotation(`${folder}/`, 'n1', { rotate: HOUR * 1000, maxSize: 1 }).deleteExpired(current)
  expect([finished, abandoned, running, other, current].map(path => existsSync(path))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
  expect(readFileSync(running)).toEqual(torn)
})

test('age counts from the file that is being written: a wall clock that was stepped deletes nothing', () => {
  const folder = createTemporaryFolder()
  const name = (time: string): string => join(folder, `kmemtop-n1-20261123T${time}Z.kmem`)
  const young = write(name('100000'), complete, 30)
  const old = write(name('090000'), complete, 2 * HOUR)
  const current = write(name('100200'), torn, 0)
  new FileRotation(`${folder}/`, 'n1', { retain: HOUR * 1000 }).deleteExpired(current)
  expect([young, old].map(path => existsSync(path))).toEqual([true, false])
})

test('a first sample that comes later than the first rotation leaves no empty file', async () => {
  const folder = createTemporaryFolder()
  const session = { host: 'n1', kernel: '6.1', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
  const recorder = new Recorder(session, 0)
  await recorder.start(`${folder}/`, { rotate: 1000 })
  await recorder.recordSample([{ time: 3000, collector: 'mark', files: { text: 'late' } }])
  await recorder.stop()
  expect(readdirSync(folder)).toEqual(['kmemtop-n1-19700101T000000Z.kmem'])
})
