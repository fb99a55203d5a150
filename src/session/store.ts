// Store: the one variable of the program. get, dispatch, subscribe.
import { type Action, type State, update } from './state.ts'

export interface Store {
  get(): State
  dispatch(action: Action): void
  subscribe(listener: () => void): () => void
}

export function createStore(initial: State): Store {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    dispatch: action => {
      state = update(state, action)
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
