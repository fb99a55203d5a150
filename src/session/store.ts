// Store: the one variable of the program. get, dispatch, subscribe.
import type { MonitorState } from '../detectors/watch.ts'
import { type Action, type State, stillAcknowledged, update } from './state.ts'

export interface Store {
  get(): State
  dispatch(action: Action): void
  /** readings of a look of which more are to come: they are seen with those that are dispatched, all at once */
  prepare(action: Action & { readonly type: 'readings' }): void
  subscribe(listener: () => void): () => void
}

export function createStore(initial: State): Store {
  let state = initial
  let ahead: MonitorState | undefined // what was prepared, and is not seen yet
  const listeners = new Set<() => void>()
  // what was done meanwhile was about what is seen: an alert that is raised, or raised again, is not acknowledged by it
  const prepared = (): State =>
    ahead ? { ...state, history: ahead.history, alerts: stillAcknowledged(ahead.alerts, state.alerts) } : state
  return {
    get: () => state,
    prepare: action => {
      ahead = update(prepared(), action)
    },
    dispatch: action => {
      const brings = action.type === 'readings'
      state = update(brings ? prepared() : state, action)
      if (brings) ahead = undefined
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
