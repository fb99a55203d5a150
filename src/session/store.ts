// Store: the one variable of the program. get, dispatch, subscribe.
import { type Action, type State, update } from './state.ts'

export interface Store {
  get(): State
  dispatch(action: Action): void
  /** readings of a look of which more are to come: they are seen with those that are dispatched, all at once */
  prepare(action: Action & { readonly type: 'readings' }): void
  subscribe(listener: () => void): () => void
}

export function createStore(initial: State): Store {
  let state = initial
  let ahead: State | undefined // what was prepared; whatever else happens meanwhile happens to both
  const listeners = new Set<() => void>()
  const after = (action: Action): State => {
    if (!ahead) return update(state, action)
    ahead = update(ahead, action)
    if (action.type !== 'readings') return update(state, action)
    const { history, alerts } = ahead
    ahead = undefined
    return { ...state, history, alerts }
  }
  return {
    get: () => state,
    prepare: action => {
      ahead = update(ahead ?? state, action)
    },
    dispatch: action => {
      state = after(action)
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
