// The states of the last minutes of a live session, from which a rewind starts without replaying the recording in memory.
import type { Store } from '../../app/store.ts'
import type { MonitorState } from '../../detectors/monitor-state.ts'
import { findRepeatedEvents, type TimelineEvent } from '../../playback/timeline-events.ts'
import { FLIGHT } from '../../recording/recorder.ts'

const CHECKPOINT_INTERVAL = 60_000 // ms
const SHARED_STATE_CGROUPS = 1000 // cgroups up to which two states a minute apart share nearly all memory
const MAX_CHECKPOINT_CGROUPS = 5000 // above this no states are kept: each takes megabytes, and a rewind replays the recording instead
const MAX_REPEATS = 1000
const HISTORY_RETENTION = FLIGHT.duration * 1.5 // ms: the flight recording may be longer than FLIGHT.duration

/** What was kept, oldest first, until `end` is called. */
export interface Kept<T> {
  getAll(): readonly T[]
  end(): void
}

/** Keeps the states of the last minutes, one per minute. States of few cgroups share most of their memory; with many cgroups fewer states are kept. */
export function keepCheckpoints(store: Store): Kept<MonitorState> {
  let kept: MonitorState[] = []
  const end = store.subscribe(() => {
    const { history, alerts } = store.get()
    const last = kept.at(-1)?.history.time ?? Number.NEGATIVE_INFINITY
    const { directories } = history.cgroups
    if (
      directories > MAX_CHECKPOINT_CGROUPS ||
      history.time - last < CHECKPOINT_INTERVAL * Math.max(1, directories / SHARED_STATE_CGROUPS)
    )
      return
    kept = [...kept.filter(state => state.history.time > history.time - HISTORY_RETENTION), { history, alerts }]
  })
  return { getAll: () => kept, end }
}

/** Keeps the repeated events of open alerts of the last minutes, such as kills of one crash loop. */
export function keepRepeats(store: Store): Kept<TimelineEvent> {
  let kept: readonly TimelineEvent[] = []
  let previousAlerts = store.get().alerts
  const end = store.subscribe(() => {
    const { history, alerts } = store.get()
    const repeated = findRepeatedEvents(previousAlerts, alerts, history.time)
    previousAlerts = alerts
    if (repeated.length === 0) return
    kept = [...kept.filter(({ time }) => time > history.time - HISTORY_RETENTION), ...repeated].slice(-MAX_REPEATS)
  })
  return { getAll: () => kept, end }
}
