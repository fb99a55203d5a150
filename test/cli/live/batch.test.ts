// Text or JSON blocks, one per sample: a slow reader does not make them pile up.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { createStore } from '../../../src/app/store.ts'
import { writeBatches } from '../../../src/cli/live/batch.ts'
import { createHistory } from '../../../src/history.ts'
import { readFixture, session } from '../../fixtures.ts'

test('samples are skipped while the reader is behind, with one notice, and continue afterwards', () => {
  const store = createStore(createInitialState(createHistory(session)))
  const written: string[] = []
  let full = false
  let notices = 0
  writeBatches(store, true, false, {
    write: text => written.push(text),
    isFull: () => full,
    onSkipped: () => notices++,
  })
  const addSample = (time: number): void => {
    const files = { '/proc/meminfo': readFixture('6.18', '/proc/meminfo').replace('MemFree:', `MemFree: ${time}`) }
    store.dispatch({ type: 'readings', readings: [{ time, collector: 'meminfo', files }] })
  }
  addSample(1000)
  full = true
  addSample(2000)
  addSample(3000)
  full = false
  addSample(4000)
  expect([written.length, notices]).toEqual([2, 1])
  expect(written.every(text => JSON.parse(text).memory !== undefined)).toBe(true)
})
