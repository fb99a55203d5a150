// The playback controls of a live session: recording, marks, and rewinding through the samples in memory while sampling
// continues.

import { createNotifier } from '../../app/notice.ts'
import type { PlaybackControls } from '../../app/playback-controls.ts'
import type { Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import type { MonitorState } from '../../detectors/monitor-state.ts'
import { Player, type PlayerCommand } from '../../playback/player.ts'
import { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { runPlayer } from '../../playback/run-player.ts'
import { findRepeatedEvents, type TimelineEvent } from '../../playback/timeline-events.ts'
import { openBuffer } from '../../recording/open-recording.ts'
import { FLIGHT } from '../../recording/recorder.ts'
import type { RetentionPolicy } from '../../recording/retention.ts'
import { createSystemClock } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { saveHistory } from './save-history.ts'
import { seekTo } from './seek-to.ts'

const CHECKPOINT_INTERVAL = 60_000 // ms
const SHARED_STATE_CGROUPS = 1000 // cgroups up to which two states a minute apart share nearly all memory
const MAX_CHECKPOINT_CGROUPS = 5000 // above this no states are kept: each takes megabytes, and a rewind replays the recording instead
const MAX_REPEATS = 1000
const HISTORY_RETENTION = FLIGHT.duration * 1.5 // ms: the flight recording may be longer than FLIGHT.duration

/** Where the key `w` records to. */
export interface RecordTarget {
  readonly target: string
  readonly retention: RetentionPolicy
}

/** Returns what the keys do in a live session: record, mark, pause, and go back within the flight memory. `end` ends a rewound player. */
export function createLiveControls(
  source: LiveSource,
  store: Store,
  recordTarget: RecordTarget,
): PlaybackControls & { end(): void } {
  const checkpoints = keepCheckpoints(store)
  const repeats = keepRepeats(store)
  const showNotice = createNotifier(store)
  let player: Player | undefined
  let pendingRewind: Promise<void> | undefined

  const goLive = (): void => {
    player = undefined
    store.dispatch({ type: 'live' })
  }
  // Calls during a pending rewind wait for the same one.
  const rewind = (): Promise<void> => {
    pendingRewind ??= startRewind().finally(() => {
      pendingRewind = undefined
    })
    return pendingRewind
  }
  const startRewind = async (): Promise<void> => {
    try {
      const bytes = await source.getFlightRecording()
      const { history, alerts, thresholds, ui } = store.get()
      if (!ui.frozen || bytes.length === 0) return
      const seeker = new RecordingSeeker(openBuffer('memory', bytes), thresholds)
      seeker.loadStates([...checkpoints.getAll(), { history, alerts }], alerts, repeats.getAll())
      const begin = Math.min(ui.frozen.time, seeker.end)
      player = new Player(seeker, (monitor, state) => store.dispatch({ type: 'played', monitor, player: state }), {
        rewound: true,
        following: true,
        playing: false,
        begin,
      })
      void playUntilLive(player)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      showNotice(`cannot rewind: ${error.message}`)
    }
  }
  // Playback that reaches the end of the flight recording returns to live.
  const playUntilLive = (current: Player): Promise<void> =>
    runPlayer(current, createSystemClock(), () => {
      if (player !== current || !store.get().ui.frozen) return true
      const { playing, at, end } = current.status
      const isOver = playing && at >= end
      if (isOver) goLive()
      return isOver
    })
  const runRewound = async (action: (mine: Player) => void): Promise<void> => {
    if (!store.get().ui.frozen) store.dispatch({ type: 'pause' })
    if (!player) await showWhile(store, 'reading the last minutes', rewind())
    if (player) action(player)
    else showNotice('nothing to rewind to: memory holds no samples')
  }
  const applyCommand = (current: Player, command: PlayerCommand): void => {
    const { at, end } = current.status
    if (command.type === 'play' && at >= end) goLive()
    else execute(current, command, showNotice)
  }
  return {
    runCommand: command => void runRewound(current => applyCommand(current, command)),
    handlePause: () => void rewind(),
    returnToLive: goLive,
    toggleRecording: () => toggleRecording(source, store, recordTarget),
    addMark: text => {
      source.sendCommand({ type: 'mark', text })
      showNotice(`marked: ${text}${player ? ' (at the live time, not the time shown)' : ''}`)
    },
    save: file => void saveHistory(file, source, showNotice),
    seekTo: text => void runRewound(current => seekTo(current, text, store)),
    end: () => {
      player = undefined
      checkpoints.end()
      repeats.end()
    },
  }
}

function toggleRecording(source: LiveSource, store: Store, recordTarget: RecordTarget): void {
  const { file } = store.get().recorder
  source.sendCommand(file ? { type: 'stop-recording' } : { type: 'record', ...recordTarget })
  const text = file ? `recorded into ${file.path}` : 'recording: the last 15 minutes, and everything from now on'
  store.dispatch({ type: 'notice', text })
}

function execute(player: Player, command: PlayerCommand, showNotice: (text: string) => void): void {
  player.execute(command)
  if (command.type === 'event') showNotice(player.eventMessage)
}

/** Shows a notice until something is over, unless another one has taken its place. */
async function showWhile(store: Store, text: string, work: Promise<void>): Promise<void> {
  store.dispatch({ type: 'notice', text })
  await work
  if (store.get().ui.notice === text) store.dispatch({ type: 'notice', text: undefined })
}

/** Keeps the states of the last minutes, one per minute. States of few cgroups share most of their memory; with many cgroups fewer states are kept. */
function keepCheckpoints(store: Store): { getAll(): readonly MonitorState[]; end(): void } {
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
function keepRepeats(store: Store): { getAll(): readonly TimelineEvent[]; end(): void } {
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
