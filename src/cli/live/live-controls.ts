// The playback controls of a live session: recording, marks, and rewinding through the samples in memory while sampling
// continues.
import { createNotifier } from '../../app/notice.ts'
import type { PlaybackControls } from '../../app/playback-controls.ts'
import type { Store } from '../../app/store.ts'
import type { Player, PlayerCommand } from '../../playback/player.ts'
import type { RetentionPolicy } from '../../recording/retention.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { Rewinder } from './rewinder.ts'
import { saveHistory } from './save-history.ts'
import { seekTo } from './seek-to.ts'

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
  const showNotice = createNotifier(store)
  const rewinder = new Rewinder(source, store, showNotice)
  const applyCommand = (player: Player, command: PlayerCommand): void => {
    const { at, end } = player.status
    if (command.type === 'play' && at >= end) rewinder.returnToLive()
    else execute(player, command, showNotice)
  }
  return {
    runCommand: command => void rewinder.run(player => applyCommand(player, command)),
    handlePause: () => void rewinder.rewind(),
    returnToLive: () => rewinder.returnToLive(),
    toggleRecording: () => toggleRecording(source, store, recordTarget),
    addMark: text => {
      source.sendCommand({ type: 'mark', text })
      showNotice(`marked: ${text}${rewinder.isRewound() ? ' (at the live time, not the time shown)' : ''}`)
    },
    save: file => void saveHistory(file, source, showNotice),
    seekTo: text => void rewinder.run(player => seekTo(player, text, store)),
    end: () => rewinder.end(),
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
