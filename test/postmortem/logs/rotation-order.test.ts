// Which files are one log, and in which order they are reported.
import { expect, test } from 'vitest'
import { groupByRotation } from '../../../src/postmortem/logs/files/rotation-order.ts'

test.each([
  ['numbers: the higher the older', ['messages', 'messages.1', 'messages.2.gz', 'messages.10.gz'], [3, 2, 1, 0]],
  ['dates', ['messages', 'messages-20261108.xz', 'messages-20261101.gz'], [2, 1, 0]],
  [
    'parts of an EFI crash record: the first is the newest',
    ['dmesg-efi-170000000001001', 'dmesg-efi-170000000003001', 'dmesg-efi-170000000002001'],
    [1, 2, 0],
  ],
  [
    'the same with the name of newer kernels',
    ['dmesg-efi_pstore-170000000001001', 'dmesg-efi_pstore-170000000002001'],
    [1, 0],
  ],
])('one log, by %s', (_, names, order) => {
  const paths = names.map(name => `/x/${name}`)
  expect(groupByRotation(paths)).toEqual([order.map(i => paths[i])])
})

test('dumps of other times, other stores and other folders are logs of their own', () => {
  const paths = [
    '/x/dmesg-efi-170000000001001',
    '/x/dmesg-efi-170000009901001',
    '/x/dmesg-efi-170000000001002',
    '/x/dmesg-ramoops-0',
    '/x/dmesg-ramoops-1',
    '/x/dmesg-erst-6635',
    '/y/messages',
    '/x/messages.1',
  ]
  expect(groupByRotation(paths)).toEqual(paths.map(path => [path]))
})
