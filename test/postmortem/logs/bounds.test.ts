// Logs that are made to exhaust a reader, and stamps that are no times.
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import { expect, test } from 'vitest'
import { streamJson } from '../../../src/base/json.ts'
import { readSavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
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
