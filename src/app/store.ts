// Store: the one variable of the program. get, dispatch, subscribe.
import type { MonitorState } from '../detectors/monitor-state.ts'
import { type AppAction, type AppState, keepAcknowledged, updateState } from './state.ts'

export interface Store {
  get(): AppState
  dispatch(action: AppAction): void
  /** readings of a look of which more are to come: they are seen with those that are dispatched, all at once */
  prepare(action: AppAction & { readonly type: 'readings' }): void
  subscribe(listener: () => void): () => void
}

export function createStore(initial: AppState): Store {
  let state = initial
  let pending: MonitorState | undefined // what was prepared, and is not seen yet
  const listeners = new Set<() => void>()
  // what was done meanwhile was about what is seen: an alert that is raised, or raised again, is not acknowledged by it
  const getPreparedState = (): AppState =>
    pending ? { ...state, history: pending.history, alerts: keepAcknowledged(pending.alerts, state.alerts) } : state
  return {
    get: () => state,
    prepare: action => {
      pending = updateState(getPreparedState(), action)
    },
    dispatch: action => {
      const hasReadings = action.type === 'readings'
      state = updateState(hasReadings ? getPreparedState() : state, action)
      if (hasReadings) pending = undefined
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
