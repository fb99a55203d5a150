// The deck of a live session: recording, marks, and winding back through what memory holds while sampling goes on.
import { UserError } from '../base/errors.ts'
import type { MonitorState } from '../detectors/watch.ts'
import type { PlaybackControls } from '../session/deck.ts'
import { Player, type PlayerCommand } from '../session/player.ts'
import { RecordingSeeker } from '../session/reel.ts'
import { runPlayer } from '../session/run-player.ts'
import type { Store } from '../session/store.ts'
import { findRepeatedEvents, type TimelineEvent } from '../session/timeline.ts'
import { createSystemClock } from '../sources/clock.ts'
import { openBuffer } from '../sources/kmem/open.ts'
import { FLIGHT } from '../sources/kmem/recorder.ts'
import type { RetentionPolicy } from '../sources/kmem/shelf.ts'
import type { LiveSource } from '../sources/live-source.ts'
import { goTo } from './go-to.ts'

const CHECKPOINT_EVERY = 60_000 // ms
const SHARING = 1000 // cgroups up to which two states a minute apart share nearly all
const MOST = 5000 // cgroups up to which states are kept at all: of more each is megabytes, and winding back folds the tape
const MOST_REPEATS = 1000
const KEPT = FLIGHT.duration * 1.5 // ms: memory may hold some more than it keeps

/** Where `w` records to. */
export interface RecordTo {
  readonly target: string
  readonly retention: RetentionPolicy
}

export function liveDeck(source: LiveSource, store: Store, to: RecordTo): PlaybackControls & { end(): void } {
  const checkpoints = keepCheckpoints(store)
  const repeats = keepRepeats(store)
  const notice = (text: string): void => store.dispatch({ type: 'notice', text })
  let player: Player | undefined
  let winding: Promise<void> | undefined

  const live = (): void => {
    player = undefined
    store.dispatch({ type: 'live' })
  }
  // Who comes while memory is being asked for waits for the same.
  const windBack = (): Promise<void> => {
    winding ??= wind().finally(() => {
      winding = undefined
    })
    return winding
  }
  const wind = async (): Promise<void> => {
    try {
      const bytes = await source.getFlightRecording()
      const { history, alerts, thresholds, ui } = store.get()
      if (!ui.frozen || bytes.length === 0) return
      const reel = new RecordingSeeker(openBuffer('memory', bytes), thresholds)
      reel.loadStates([...checkpoints.all(), { history, alerts }], alerts, repeats.all())
      const begin = Math.min(ui.frozen.time, reel.end)
      player = new Player(reel, (watch, state) => store.dispatch({ type: 'played', monitor: watch, player: state }), {
        rewound: true,
        following: true,
        playing: false,
        begin,
      })
      void play(player)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      notice(`cannot go back: ${error.message}`)
    }
  }
  // What plays on to the end of what memory held is live again.
  const play = (mine: Player): Promise<void> =>
    runPlayer(mine, createSystemClock(), () => {
      if (player !== mine || !store.get().ui.frozen) return true
      const { playing, at, end } = mine.status
      const over = playing && at >= end
      if (over) live()
      return over
    })
  const wound = async (then: (mine: Player) => void): Promise<void> => {
    if (!store.get().ui.frozen) store.dispatch({ type: 'pause' })
    if (!player) await windBack()
    if (player) then(player)
    else notice('memory holds nothing to go back to')
  }
  const move = (mine: Player, command: PlayerCommand): void => {
    const { at, end } = mine.status
    if (command.type === 'play' && at >= end) live()
    else mine.execute(command)
  }
  return {
    runCommand: command => void wound(mine => move(mine, command)),
    handlePause: () => void windBack(),
    returnToLive: live,
    toggleRecording: () => {
      const { file } = store.get().recorder
      source.sendCommand(file ? { type: 'stop-recording' } : { type: 'record', ...to })
      notice(file ? `recorded into ${file.path}` : 'recording: the last 15 minutes, and from here on')
    },
    addMark: text => {
      source.sendCommand({ type: 'mark', text })
      notice(`marked: ${text}${player ? ' (now, not at what is shown)' : ''}`)
    },
    seekTo: text => void wound(mine => goTo(mine, text, store)),
    end: () => {
      player = undefined
      checkpoints.end()
      repeats.end()
    },
  }
}

/** The live session's states of the last minutes, one a minute: they share nearly all they hold. Of many cgroups they do not: fewer are kept. */
function keepCheckpoints(store: Store): { all(): readonly MonitorState[]; end(): void } {
  let kept: MonitorState[] = []
  const end = store.subscribe(() => {
    const { history, alerts } = store.get()
    const last = kept.at(-1)?.history.time ?? Number.NEGATIVE_INFINITY
    const { directories } = history.cgroups
    if (directories > MOST || history.time - last < CHECKPOINT_EVERY * Math.max(1, directories / SHARING)) return
    kept = [...kept.filter(watch => watch.history.time > history.time - KEPT), { history, alerts }]
  })
  return { all: () => kept, end }
}

/** What open alerts saw again in the last minutes, as kills of one crash loop. */
function keepRepeats(store: Store): { all(): readonly TimelineEvent[]; end(): void } {
  let kept: readonly TimelineEvent[] = []
  let before = store.get().alerts
  const end = store.subscribe(() => {
    const { history, alerts } = store.get()
    const again = findRepeatedEvents(before, alerts, history.time)
    before = alerts
    if (again.length === 0) return
    kept = [...kept.filter(({ time }) => time > history.time - KEPT), ...again].slice(-MOST_REPEATS)
  })
  return { all: () => kept, end }
}
