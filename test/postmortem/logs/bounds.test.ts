// Logs that are made to exhaust a reader, and stamps that are no times.
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import { expect, test } from 'vitest'
import { streamJson } from '../../../src/base/json.ts'
import { readSavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
import { NewestFirst } from '../../../src/postmortem/logs/text/newest-first.ts'
import { buildPostmortem } from '../../../src/postmortem/postmortem.ts'
import { toPostmortemJson } from '../../../src/postmortem/report/json.ts'
import { formatPostmortem } from '../../../src/postmortem/report/text.ts'
import { readFixture } from '../../fixtures.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const folder = createTemporaryFolder()
const NOW = 1_795_428_000_000

test('a device is refused', async () => {
  await expect(readSavedFiles(['/dev/zero'], NOW)).rejects.toThrow('/dev/zero is no regular file')
})

test('a text that unpacks without a line end is read up to the bound, and that is said', async () => {
  const path = join(folder, 'bomb.log.zst')
  const mebibyte = Buffer.alloc(2 ** 20, 'x')
  function* pieces(): Generator<Buffer> {
    yield Buffer.from('[    1.000000] memory: first\n')
    for (let i = 0; i < 1100; i++) yield mebibyte
  }
  await pipeline(Readable.from(pieces()), createZstdCompress(), createWriteStream(path))
  const { inputs } = await readSavedFiles([path], NOW)
  expect(inputs[0]).toMatchObject({ format: 'dmesg', skipped: 'read up to here: 1 GiB without a line end' })
})

test('a line that is too long is said, and the lines beside it are read', async () => {
  const path = join(folder, 'long.log')
  const quiet = 'Nov 23 10:11:12 n1 app: harmless\n'
  writeFileSync(path, `${quiet}Nov 23 10:11:12 n1 app: ${'x'.repeat(2 ** 21)}\n${quiet}`)
  const saved = await readSavedFiles([path], NOW)
  expect(saved.inputs[0]!.skipped).toBe('1 line is longer than 1 MiB: only the first 8 KiB were read')
  expect(formatPostmortem(buildPostmortem(saved))).toMatch(
    /^nothing about memory trouble found in the part that was read/,
  )
})

test('of a log with the newest line first it is said how much was read', () => {
  const read: number[] = []
  const sink = {
    needsEveryLine: true,
    consumeLine: (_: string, number: number) => read.push(number),
    finishText: () => {},
  }
  const newest = new NewestFirst(sink, 2 * 2 ** 20)
  for (let i = 1; i <= 3000; i++) newest.consumeLine(`[${(900_000 - i).toFixed(6)}] ${'x'.repeat(1000)}`, i)
  newest.finishText()
  expect([read[0], read.at(-1)]).toEqual([2062, 1])
  expect(newest.problem).toMatch(/^newest line first: only the newest 2 MiB of 3 MiB were read; turn it round with tac/)
})

test.each(['1795428000000000000000', '-99999999999999999999', '1e300', 'NaN'])(
  'a journal whose stamp is %s has no times, and everything else',
  async stamp => {
    const lines = readFixture('logs', '/oom-memcg.5.15.dmesg').trim().split('\n')
    const entries = lines.map(line => ({
      MESSAGE: line.replace(/^\[ *[\d.]+\] /, ''),
      _TRANSPORT: 'kernel',
      PRIORITY: '4',
      __REALTIME_TIMESTAMP: stamp,
      __MONOTONIC_TIMESTAMP: stamp,
    }))
    const path = join(folder, 'j.log')
    writeFileSync(path, entries.map(entry => `${JSON.stringify(entry)}\n`).join(''))
    const postmortem = buildPostmortem(await readSavedFiles([path], NOW))
    const json = JSON.parse([...streamJson(toPostmortemJson(postmortem))].join(''))
    expect(json).toMatchObject({
      oomKills: [{ victim: { comm: 'java' }, time: null }],
      findings: [{ name: 'oom-at-limit' }],
    })
    expect(formatPostmortem(postmortem)).not.toContain('NaN')
  },
)

test('a message of a million bytes as numbers is read', async () => {
  const path = join(folder, 'bytes.log')
  const entry = { MESSAGE: new Array(300_000).fill(65), _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: '1795428000000000' }
  writeFileSync(path, `${JSON.stringify(entry)}\n`)
  const { inputs } = await readSavedFiles([path], NOW)
  expect(inputs[0]).toMatchObject({ format: 'journal json', records: 1 })
})
