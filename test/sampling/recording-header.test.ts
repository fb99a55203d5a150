// The identity of the node: read from its own files, and never a reason to fail.
import { expect, test } from 'vitest'
import { readRecordingHeader } from '../../src/sampling/recording-header.ts'
import { createHost } from './fake-host.ts'

const clock = { wallClock: 1_700_000_000_000, monotonic: 1234.5 }

test('the header has the names that the node gives itself', () => {
  const host = createHost({
    '/proc/sys/kernel/hostname': 'node-7\n',
    '/proc/sys/kernel/osrelease': '6.18.44\n',
    '/proc/sys/kernel/random/boot_id': '1b2c\n',
  })
  const session = readRecordingHeader(host, clock, 500)
  expect(session).toMatchObject({ host: 'node-7', kernel: '6.18.44', bootId: '1b2c', interval: 500, ...clock })
  expect(Math.log2(session.pageSize) % 1).toBe(0)
  expect(session.pageSize).toBeGreaterThanOrEqual(4096)
  expect(session.cpus).toBeGreaterThan(0)
})

test('a name is UTF-8, and a byte that is not is written out', () => {
  const read = (name: string): string =>
    readRecordingHeader(createHost({ '/proc/sys/kernel/hostname': name }), clock, 1000).host
  expect(read(`${Buffer.from('knoten-köln-東京').toString('latin1')}\n`)).toBe('knoten-köln-東京')
  expect(read('caf\xe9\n')).toBe('caf\\xe9')
})

test('what cannot be read is unknown', () => {
  expect(readRecordingHeader(createHost({ '/proc/sys/kernel/hostname': '\n' }), clock, 1000)).toMatchObject({
    host: 'unknown',
    kernel: 'unknown',
    bootId: 'unknown',
  })
})
