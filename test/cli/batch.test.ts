// Blocks of text or JSON, a look each: of what nobody takes there is an end.
import { expect, test } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { createStore } from '../../src/app/store.ts'
import { writeBatches } from '../../src/cli/batch.ts'
import { createHistory } from '../../src/history.ts'
import { readFixture, session } from '../fixtures.ts'

test('looks are left out while the output is not taken, with one word about it, and go on when it is', () => {
  const store = createStore(createInitialState(createHistory(session)))
  const written: string[] = []
  let full = false
  let said = 0
  writeBatches(store, true, false, {
    write: text => written.push(text),
    isFull: () => full,
    onSkipped: () => said++,
  })
  const look = (time: number): void => {
    const files = { '/proc/meminfo': readFixture('6.18', '/proc/meminfo').replace('MemFree:', `MemFree: ${time}`) }
    store.dispatch({ type: 'readings', readings: [{ time, collector: 'meminfo', files }] })
  }
  look(1000)
  full = true
  look(2000)
  look(3000)
  full = false
  look(4000)
  expect([written.length, said]).toEqual([2, 1])
  expect(written.every(text => JSON.parse(text).memory !== undefined)).toBe(true)
})
