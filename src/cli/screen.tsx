// The screen: Ink on the terminal.
import { type Instance, render } from 'ink'
import type { PlaybackControls } from '../app/playback-controls.ts'
import type { Store } from '../app/store.ts'
import { yieldToEventLoop } from '../sampling/clock.ts'
import { App } from '../ui/app.tsx'
import type { Pen } from '../widgets/pen.ts'
import { readIdentity } from './host-identity.ts'

export interface ScreenSetup {
  readonly store: Store
  readonly pen: Pen
  readonly controls: PlaybackControls
  /** where the files of the node are, for its identity in the header; undefined for a recording */
  readonly identityRoot?: string
  /** where keys come from, if not from standard input */
  readonly keys?: NodeJS.ReadStream
}

/** Wraps a store so that listeners run in a later turn of the event loop: drawing does not delay the update that caused it. */
function deferRedraws(store: Store): Store {
  const subscribe = (listener: () => void): (() => void) => {
    let isScheduled = false
    const notify = (): void => {
      isScheduled = false
      listener()
    }
    return store.subscribe(() => {
      if (!isScheduled) void yieldToEventLoop().then(notify)
      isScheduled = true
    })
  }
  return { ...store, subscribe }
}

/** Shows the store until the user quits. `waitUntilExit` of the result resolves when the terminal is restored. */
export function showScreen({ store, pen, controls, identityRoot, keys }: ScreenSetup): Instance {
  // Ink sets raw mode a moment after its first frame; before that Enter would be echoed into the frame and scroll it
  const keyboard = keys ?? process.stdin
  const setRawMode = (on: boolean): unknown => keyboard.isTTY && !keyboard.destroyed && keyboard.setRawMode(on)
  setRawMode(true)
  // Ctrl-C before raw mode is a signal; it quits like the key
  const quit = (): void => screen.unmount()
  process.on('SIGINT', quit)
  const screen = render(
    <App store={deferRedraws(store)} pen={pen} controls={controls} stopProcess={() => process.kill(0, 'SIGTSTP')} />,
    {
      alternateScreen: true,
      incrementalRendering: true,
      patchConsole: false,
      exitOnCtrlC: false,
      interactive: true,
      maxFps: 15,
      ...(keys ? { stdin: keys } : {}),
    },
  )
  const restoreTerminal = (): void => {
    process.off('SIGINT', quit)
    setRawMode(false)
  }
  screen.waitUntilExit().then(restoreTerminal, restoreTerminal)
  if (identityRoot !== undefined)
    void yieldToEventLoop()
      .then(() => readIdentity(identityRoot))
      .then(text => store.dispatch({ type: 'identity', text }))
  return screen
}
