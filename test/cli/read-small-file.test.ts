// Files that options name: what would block, never end or fill memory is refused, and nothing waits for it.
import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/cli/config.ts'
import { readToken } from '../../src/cli/http-client.ts'
import { readBaseline } from '../../src/cli/load/read-baseline.ts'
import { readSmallFile } from '../../src/cli/read-small-file.ts'
import { readWebConfig } from '../../src/cli/web/web-config.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const folder = createTemporaryFolder()
const fifo = join(folder, 'fifo')
execFileSync('mkfifo', [fifo])
const sparse = join(folder, 'sparse')
writeFileSync(sparse, '')
truncateSync(sparse, 3 * 2 ** 30)

/** A web-config whose key is this file. */
function writeWebConfig(key: string): string {
  const path = join(folder, 'web.yml')
  writeFileSync(path, `tls_server_config:\n  cert_file: ${path}\n  key_file: ${key}\n`)
  return path
}

const READERS: readonly (readonly [string, (path: string) => unknown])[] = [
  ['a token', readToken],
  ['a web-config', readWebConfig],
  ['a TLS key', path => readWebConfig(writeWebConfig(path))],
  ['a baseline', readBaseline],
  ['a config', path => readConfig([path], true)],
]

test.each(READERS)('%s that is a FIFO, a device, a directory or sparse is refused', (_, read) => {
  for (const path of [fifo, '/dev/zero', '/dev/random', folder]) expect(() => read(path)).toThrow(/no regular file/)
  expect(() => read(sparse)).toThrow(/it is larger than [\d.]+ [KM]iB/)
})

test('a file is read whole, also one of /proc, which has no size', () => {
  const path = join(folder, 'small')
  writeFileSync(path, 'x'.repeat(5000))
  expect(readSmallFile(path, 5000).length).toBe(5000)
  expect(() => readSmallFile(path, 4999)).toThrow('larger than')
  expect(readSmallFile('/proc/self/status', 16_384).toString()).toContain('VmRSS')
})
