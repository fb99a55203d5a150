// Store: the one variable of the program. get, dispatch, subscribe.
import { type Action, type State, update } from './state.ts'

export interface Store {
  get(): State
  dispatch(action: Action): void
  /** an action that is only a part of what comes: who listens is told at the next dispatch */
  prepare(action: Action): void
  subscribe(listener: () => void): () => void
}

export function createStore(initial: State): Store {
  let state = initial
  const listeners = new Set<() => void>()
  const prepare = (action: Action): void => {
    state = update(state, action)
  }
  return {
    get: () => state,
    prepare,
    dispatch: action => {
      prepare(action)
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
