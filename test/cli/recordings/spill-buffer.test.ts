// The spill buffer: text appended in any order comes back key by key, from memory and from the file.
import { expect, test } from 'vitest'
import { SpillBuffer } from '../../../src/cli/recordings/spill-buffer.ts'

test.each([1, 100, 1 << 20])('with room for %i characters, every key gets its text back in order', maxBuffered => {
  const buffer = new SpillBuffer(maxBuffered)
  const keys = ['a', 'b', 'ü']
  for (let i = 0; i < 300; i++) for (const key of keys) buffer.append(key, `${key}${i}\n`)
  for (const key of keys) {
    const all = Array.from({ length: 300 }, (_, i) => `${key}${i}\n`).join('')
    expect([...buffer.read(key)].join('')).toBe(all)
  }
  expect([...buffer.read('none')]).toEqual([])
  buffer.close()
})
