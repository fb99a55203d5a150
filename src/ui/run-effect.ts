// Carries out the effect of a key, a click or a command: on the store, the player, the clipboard or the terminal.
import type { PlaybackControls } from '../app/playback-controls.ts'
import type { Store } from '../app/store.ts'
import { hasUnsavedAlerts } from '../app/unsaved-alerts.ts'
import { buildCopyText } from './copy-text.ts'
import type { KeyEffect } from './keys/key-command.ts'
import { toAction } from './keys/keys.ts'

/** The clipboard of the terminal. */
export interface Clipboard {
  /** sends a text there; returns what to say about it. `what` names the text */
  copy(text: string, what: string): string
}

/** What effects act on. */
export interface EffectTargets {
  readonly store: Store
  readonly controls: PlaybackControls
  readonly clipboard: Clipboard
  readonly columns: number
  readonly rows: number
  exit(): void
  /** gives the terminal back and takes it again; `isStopped`: the process stops in between */
  suspend(isStopped: boolean): void
}

/** Carries out an effect. */
export function runEffect(effect: KeyEffect, targets: EffectTargets): void {
  const { controls } = targets
  switch (effect.type) {
    case 'quit':
      quit(targets)
      break
    case 'quit-now':
      targets.exit()
      break
    case 'redraw':
    case 'suspend':
      targets.suspend(effect.type === 'suspend')
      break
    case 'player':
      controls.runCommand(effect.command)
      break
    case 'record':
      controls.toggleRecording()
      break
    case 'seek':
      controls.seekTo(effect.text)
      break
    case 'save':
      controls.save(effect.file)
      break
    case 'add-mark':
      controls.addMark(effect.text)
      break
    case 'copy':
      copy(effect.what, targets)
      break
    default:
      dispatch(effect, targets)
  }
}

const ASK = 'the alerts of this session are not recorded: w records them, q quits'

// Asks once, where what an alert was about would be lost.
function quit({ store, exit }: EffectTargets): void {
  if (hasUnsavedAlerts(store.get())) store.dispatch({ type: 'asked-to-quit', text: ASK })
  else exit()
}

function copy(what: 'command' | 'page', { store, clipboard, columns, rows }: EffectTargets): void {
  const copied = buildCopyText(what, store.get(), columns, rows)
  store.dispatch({ type: 'copied', text: clipboard.copy(copied.text, copied.what) })
}

function dispatch(effect: KeyEffect, { store, controls, columns, rows }: EffectTargets): void {
  const action = toAction(effect, store.get(), columns, rows)
  if (action) store.dispatch(action)
  if (effect.type === 'pause' && store.get().ui.frozen) controls.handlePause()
  if (effect.type === 'live') controls.returnToLive()
}
