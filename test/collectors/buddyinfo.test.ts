// buddyinfo: free blocks of each order.
import { expect, test } from 'vitest'
import { getLatest } from '../../src/base/series.ts'
import { buddyinfo, countFreePages, parseBuddyinfo } from '../../src/collectors/buddyinfo.ts'
import { readFixture, session } from '../fixtures.ts'

const TEXT = readFixture('6.18', '/proc/buddyinfo')

test('zones with their blocks by order', () => {
  expect(parseBuddyinfo(TEXT).map(({ node, name, blocks }) => [node, name, blocks.length])).toEqual([
    [0, 'DMA', 11],
    [0, 'DMA32', 11],
    [0, 'Normal', 11],
  ])
})

test('large blocks are counted in blocks of order 3, those of the DMA zone left out', () => {
  const memory = buddyinfo.applyFiles(
    buddyinfo.empty,
    { '/proc/buddyinfo': 'Node 0, zone DMA 0 0 0 5\nNode 0, zone Normal 7 0 1 2 3\n' },
    0,
    session,
  )
  expect(getLatest(memory.large)).toBe(2 + 3 * 2)
  expect(countFreePages(memory)).toBe(7 + 4 + 2 * 8 + 3 * 16)
})

test('a text without a row is said to be wrong', () => {
  expect(() => parseBuddyinfo('nothing\n')).toThrow('Node 0, zone Normal')
})
