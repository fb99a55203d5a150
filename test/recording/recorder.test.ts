// The recorder: flight memory, and a file that begins with its contents.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { openBuffer } from '../../src/recording/open-recording.ts'
import { Recorder } from '../../src/recording/recorder.ts'
import { session } from '../fixtures.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { buildFailingEnv, noFailingIo } from '../helpers/trouble/failing-io.ts'
import { generateSamples } from './recordings.ts'

const PROGRAM = fileURLToPath(new URL('record-to.ts', import.meta.url))
const folder = createTemporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const samples = generateSamples(20)
const readingsIn = (bytes: Buffer) => {
  const { recording: tape } = openBuffer('test', bytes)
  return tape.parts.flatMap((_, i) => tape.readPart(i).readings)
}

test('a file that is started later has the contents of memory and what followed', async () => {
  const recorder = new Recorder(session, 900_000)
  for (const sample of samples.slice(0, 10)) await recorder.recordSample(sample)
  expect(readingsIn(recorder.getFlightRecording())).toEqual(samples.slice(0, 10).flat())
  const path = join(folder, 'later.kmem')
  await recorder.start(path, {})
  for (const sample of samples.slice(10)) await recorder.recordSample(sample)
  await recorder.stop()
  expect(readingsIn(readFileSync(path))).toEqual(samples.flat())
  expect(recorder.getStatus()).toMatchObject({ finished: path, written: readFileSync(path).length })
})

test('without memory and file nothing is compressed', async () => {
  const recorder = new Recorder(session, 0)
  for (const sample of samples) await recorder.recordSample(sample)
  expect(recorder.getFlightRecording()).toHaveLength(0)
  expect(recorder.getStatus()).toEqual({})
})

test.each([
  ['removed', rmSync, 'was removed'],
  ['removed with its directory', (path: string) => rmSync(dirname(path), { recursive: true }), 'was removed'],
  ['cut short', truncateSync, 'another process truncated'],
])('a file that is %s while it is written is a problem, and never said to be finished', async (_, spoil, words) => {
  const recorder = new Recorder(session, 0)
  const path = join(mkdtempSync(join(folder, 'spoilt-')), 'spoilt.kmem')
  await recorder.start(path, {})
  for (const sample of samples.slice(0, 10)) await recorder.recordSample(sample)
  spoil(path)
  for (const sample of samples.slice(10)) await recorder.recordSample(sample)
  await recorder.stop()
  const { problem, finished } = recorder.getStatus()
  expect(problem).toContain(words)
  expect(problem).toContain(path)
  expect(finished).toBeUndefined()
  rmSync(path, { force: true })
})

test('a file that is renamed while it is written goes on', async () => {
  const recorder = new Recorder(session, 0)
  const path = join(mkdtempSync(join(folder, 'renamed-')), 'old.kmem')
  await recorder.start(path, {})
  for (const sample of samples.slice(0, 10)) await recorder.recordSample(sample)
  renameSync(path, `${path}.1`)
  for (const sample of samples.slice(10)) await recorder.recordSample(sample)
  await recorder.stop()
  expect(recorder.getStatus().problem).toBeUndefined()
  expect(readingsIn(readFileSync(`${path}.1`))).toEqual(samples.flat())
})

const mountTmpfs = (path: string): SpawnSyncReturns<string> =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16M', 'tmpfs', path], { encoding: 'utf8' })

function noMounts(): string | undefined {
  const path = mkdtempSync(join(folder, 'mount-'))
  const { status, stderr, error } = mountTmpfs(path)
  if (status === 0) spawnSync('umount', ['-l', path])
  return status === 0 ? undefined : `a filesystem cannot be mounted: ${error?.message ?? stderr.trim()}`
}

testUnless(noMounts())('a filesystem that is unmounted while its file is written is a problem', async () => {
  const recorder = new Recorder(session, 0)
  const directory = mkdtempSync(join(folder, 'unmounted-'))
  expect(mountTmpfs(directory).status).toBe(0)
  const path = join(directory, 'gone.kmem')
  await recorder.start(path, {})
  for (const sample of samples.slice(0, 10)) await recorder.recordSample(sample)
  expect(spawnSync('umount', ['-l', directory]).status).toBe(0)
  for (const sample of samples.slice(10)) await recorder.recordSample(sample)
  await recorder.stop()
  const { problem, finished } = recorder.getStatus()
  expect(problem).toBe(`recording stopped: the filesystem of ${path} was unmounted`)
  expect(finished).toBeUndefined()
})

test('an error in an existing directory does not say that the directory is missing', async () => {
  await expect(new Recorder(session, 0).start('/proc/x.kmem', {})).rejects.toThrow(
    /^cannot make \/proc\/x.kmem: ENOENT/,
  )
})

describe('the disk is asked to keep what was written', () => {
  const record = (env: NodeJS.ProcessEnv) => {
    const path = join(mkdtempSync(join(folder, 'synced-')), 'synced.kmem')
    const { stdout } = spawnSync(process.execPath, [PROGRAM, path], { env, encoding: 'utf8' })
    return { path, ...JSON.parse(stdout) }
  }

  testUnless(noFailingIo())('and a disk that does not ends the file with a sentence', () => {
    const { during, path } = record(buildFailingEnv({ failSync: 'synced.kmem' }))
    expect(during.problem).toBe(`recording stopped: ${path} does not reach the disk: EIO: i/o error, fdatasync`)
    expect(during.file).toBeUndefined()
  })

  testUnless(noFailingIo())('one that fails now and then costs nothing', () => {
    const { end, path } = record(buildFailingEnv({ failSync: 'synced.kmem', rate: 3000 }))
    expect(end).toMatchObject({ finished: path })
    expect(readingsIn(readFileSync(path))).toHaveLength(generateSamples(6).flat().length)
  })
})
