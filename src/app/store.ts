// Store: holds the state of the program. get, dispatch, subscribe.
import type { MonitorState } from '../detectors/monitor-state.ts'
import { type AppAction, type AppState, dropWithdrawn, keepAcknowledged, updateState } from './state.ts'

/** Holds the state, and notifies whoever draws it. */
export interface Store {
  get(): AppState
  dispatch(action: AppAction): void
  /** applies part of a sample; it becomes visible together with the part that is dispatched */
  prepare(action: AppAction & { readonly type: 'readings' }): void
  subscribe(listener: () => void): () => void
}

/** Creates a store with its first state. */
export function createStore(initial: AppState): Store {
  let state = initial
  let pending: MonitorState | undefined // applied, but not visible yet
  const listeners = new Set<() => void>()
  // a key pressed in between is about what was visible: it must not acknowledge an alert that the sample raises
  const getPreparedState = (): AppState => {
    if (!pending) return state
    const alerts = dropWithdrawn(keepAcknowledged(pending.alerts, state.alerts), state.alerts)
    return { ...state, history: pending.history, alerts }
  }
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
