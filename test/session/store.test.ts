// The store: the one variable of the program.
import { expect, test } from 'vitest'
import { createStore } from '../../src/session/store.ts'
import { empty } from './full.ts'

test('an action changes the state, and listeners are told until they leave', () => {
  const store = createStore(empty)
  const told: boolean[] = []
  const leave = store.subscribe(() => told.push(store.get().ui.help))
  store.dispatch({ type: 'help' })
  store.dispatch({ type: 'help' })
  leave()
  store.dispatch({ type: 'help' })
  expect(told).toEqual([true, false])
  expect(store.get().ui.help).toBe(true)
})

test('a listener that leaves while it is told disturbs no other', () => {
  const store = createStore(empty)
  const told: string[] = []
  const leave = store.subscribe(() => {
    told.push('a')
    leave()
  })
  store.subscribe(() => told.push('b'))
  store.dispatch({ type: 'help' })
  store.dispatch({ type: 'help' })
  expect(told).toEqual(['a', 'b', 'b'])
})
