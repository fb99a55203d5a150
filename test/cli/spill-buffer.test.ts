// The spool: what is put in any order comes back key by key, from memory and from its file.
import { expect, test } from 'vitest'
import { SpillBuffer } from '../../src/cli/spill-buffer.ts'

test.each([1, 100, 1 << 20])('with room for %i characters', most => {
  const spool = new SpillBuffer(most)
  const keys = ['a', 'b', 'ü']
  for (let i = 0; i < 300; i++) for (const key of keys) spool.append(key, `${key}${i}\n`)
  for (const key of keys) {
    const all = Array.from({ length: 300 }, (_, i) => `${key}${i}\n`).join('')
    expect([...spool.read(key)].join('')).toBe(all)
  }
  expect([...spool.read('none')]).toEqual([])
  spool.close()
})
