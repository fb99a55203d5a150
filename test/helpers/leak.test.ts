// The leak that other tests start: it grows slab, and leaves nothing behind.
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { testUnless } from './test-unless.ts'
import { canLeak, startLeak, waitUntilSlabSettles } from './trouble.ts'

testUnless(canLeak())('empty files on tmpfs grow slab that cannot be reclaimed, and are removed', async () => {
  await waitUntilSlabSettles() // a fall from what a test before held would hide the growth
  const before = kilobytes('SUnreclaim')
  const held = await startLeak('tmpfs')
  try {
    expect(kilobytes('SUnreclaim') - before).toBeGreaterThan(70_000)
  } finally {
    await held.release()
  }
  expect(readdirSync('/dev/shm').filter(name => name.startsWith(`kmt-leak-${held.pid}-`))).toEqual([])
})

function kilobytes(name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
}
