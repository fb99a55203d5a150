// App: the only component with hooks. It connects the store, the window size and the keys to the pure screen.
import { type Key, useApp, useInput, useIsScreenReaderEnabled, useWindowSize } from 'ink'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import type { PlaybackControls } from '../app/playback-controls.ts'
import type { Store } from '../app/store.ts'
import type { Pen } from '../widgets/pen.ts'
import { findCommand, getUnavailableHint } from './commands.ts'
import { getKeyName, toAction } from './keys.ts'
import { getVisibleFocus, Screen } from './screen.tsx'

/** Stops the process, and hears when something outside wants that. */
export interface JobControl {
  /** calls back when the process is to stop, or has continued behind the screen's back. Returns a function that ends it */
  subscribe(listener: (request: 'suspend' | 'redraw') => void): () => void
  /** stops this process until the shell continues it */
  stopProcess(): void
}

export interface AppProps {
  readonly store: Store
  readonly pen: Pen
  readonly controls: PlaybackControls
  readonly jobControl: JobControl
}

export function App({ store, pen, controls, jobControl }: AppProps): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.get)
  const { columns, rows } = useWindowSize()
  const { exit, suspendTerminal } = useApp()
  const plain = useIsScreenReaderEnabled()
  useEffect(
    () =>
      jobControl.subscribe(request => {
        const stop = async (): Promise<void> => (request === 'suspend' ? jobControl.stopProcess() : undefined)
        suspendTerminal(stop).catch(() => {}) // it is suspended already
      }),
    [jobControl, suspendTerminal],
  )
  const runCommand = (name: string): void => {
    const { effect } = findCommand(name, store.get()) ?? {}
    if (!effect) store.dispatch({ type: 'notice', text: getUnavailableHint(name, store.get()) })
    else if (effect.type === 'quit') exit()
    else if (effect.type === 'redraw') void suspendTerminal(async () => {})
    else if (effect.type === 'suspend') void suspendTerminal(async () => jobControl.stopProcess())
    else if (effect.type === 'player') controls.runCommand(effect.command)
    else if (effect.type === 'record') controls.toggleRecording()
    else {
      const action = toAction(effect, store.get(), columns, rows)
      if (action) store.dispatch(action)
      if (effect.type === 'pause' && store.get().ui.frozen) controls.handlePause()
      if (effect.type === 'live') controls.returnToLive()
    }
  }
  const handleKey = (input: string, name: string): void => {
    if (store.get().ui.typing) handleTypedKey(store, controls, input, name)
    else runCommand(name)
  }
  useInput((input, key) => {
    const { ui } = store.get()
    if (ui.notice !== undefined) store.dispatch({ type: 'notice', text: undefined })
    const focus = getVisibleFocus(store.get(), columns, rows)
    const page = ui.help || ui.detail !== undefined
    if (focus !== ui.focus && !page) store.dispatch({ type: 'focus', by: 1, among: [focus] })
    const name = getKeyName(input, key)
    // several keys can arrive in one read, as over a slow line: handle each by itself
    for (const letter of name === input ? input : [input])
      handleKey(letter, name === input ? getLetterKeyName(letter, key) : name)
  })
  return <Screen state={state} pen={pen} columns={columns} rows={rows} plain={plain} />
}

// Enter that arrived in one read with the text before it.
const getLetterKeyName = (letter: string, key: Key): string => (letter === '\r' ? 'return' : getKeyName(letter, key))

// While text is typed, every key belongs to it.
function handleTypedKey(store: Store, controls: PlaybackControls, input: string, name: string): void {
  const { ui } = store.get()
  const text = ui.typing === 'filter' ? (ui.panels[ui.focus]?.filter ?? '') : ui.input
  if (name === 'return') {
    store.dispatch({ type: 'typed', keep: true })
    if (ui.typing === 'go') controls.seekTo(text)
    if (ui.typing === 'mark') controls.addMark(text)
  } else if (name === 'escape' || name === 'ctrl-c') store.dispatch({ type: 'typed', keep: false })
  else if (name === 'backspace' || name === 'delete')
    store.dispatch({ type: 'type', text: [...text].slice(0, -1).join('') })
  else if (name === 'space' || name === input) store.dispatch({ type: 'type', text: text + input })
}
