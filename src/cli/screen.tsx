// The screen: Ink on the terminal, the host asked who it is.
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
  /** what is shown is this host */
  readonly askIdentity: boolean
  /** where keys come from, when it is not the standard input */
  readonly keys?: NodeJS.ReadStream
}

/** The store whose listener is told in the next turn of the event loop: drawing does not add to what made it necessary. */
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

/** Shows the store until the user quits: `waitUntilExit` of the result resolves when the terminal is as it was. */
export function showScreen({ store, pen, controls, askIdentity, keys }: ScreenSetup): Instance {
  // Ink has the keyboard in raw mode a moment after its first frame: Enter would be echoed into that, and scroll it
  const keyboard = keys ?? process.stdin
  const setRawMode = (on: boolean): unknown => keyboard.isTTY && !keyboard.destroyed && keyboard.setRawMode(on)
  setRawMode(true)
  // Ctrl-C that came before that is a signal; it quits as the key does
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
  if (askIdentity)
    void yieldToEventLoop()
      .then(readIdentity)
      .then(text => store.dispatch({ type: 'identity', text }))
  return screen
}
