// App: the only component with hooks. It connects the store, the window size, keys and the mouse to the pure screen.
import { type Key, useApp, useInput, useIsScreenReaderEnabled, useStdin, useWindowSize } from 'ink'
import { type ReactNode, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { PlaybackControls } from '../app/playback-controls.ts'
import type { Store } from '../app/store.ts'
import type { Pen } from '../widgets/pen.ts'
import { findCommand, getUnavailableHint } from './commands.ts'
import { getKeyName } from './keys/keys.ts'
import { findMouseEffects } from './keys/mouse-target.ts'
import { createRawKeyParser, type RawKey } from './keys/raw-keys.ts'
import { handleTypedKey } from './keys/typed-keys.ts'
import { limitSize } from './layout.ts'
import { countCandidateLines } from './palette/candidates.ts'
import { runCommandText } from './palette/palette.ts'
import { type Clipboard, type EffectTargets, runEffect } from './run-effect.ts'
import { getVisibleFocus, Screen } from './screen.tsx'

/** Stops the process, and hears when something outside wants that. */
export interface JobControl {
  /** calls back when the process is to stop, or has continued behind the screen's back. Returns a function that ends it */
  subscribe(listener: (request: 'suspend' | 'redraw') => void): () => void
  /** stops this process until the shell continues it */
  stopProcess(): void
}

/** What the screen gets from `src/cli/screen.tsx`. */
export interface AppProps {
  readonly store: Store
  readonly pen: Pen
  readonly controls: PlaybackControls
  readonly jobControl: JobControl
  readonly clipboard: Clipboard
}

/** The whole screen: draws the state, and turns keys and clicks into actions. */
export function App({ store, pen: firstPen, controls, jobControl, clipboard }: AppProps): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.get)
  const { columns, rows } = limitSize(useWindowSize())
  const { exit, suspendTerminal } = useApp()
  const { stdin } = useStdin()
  const plain = useIsScreenReaderEnabled()
  const { theme } = state.ui
  const pen = useMemo(() => (theme === undefined ? firstPen : firstPen.withTheme(theme)), [firstPen, theme])
  useEffect(
    () =>
      jobControl.subscribe(request => {
        const stop = async (): Promise<void> => (request === 'suspend' ? jobControl.stopProcess() : undefined)
        suspendTerminal(stop).catch(() => {}) // it is suspended already
      }),
    [jobControl, suspendTerminal],
  )
  const targets: EffectTargets = {
    store,
    controls,
    clipboard,
    columns,
    rows,
    exit,
    suspend: isStopped => void suspendTerminal(async () => (isStopped ? jobControl.stopProcess() : undefined)),
  }
  const handleKey = (input: string, name: string): void =>
    store.get().ui.typing ? typeKey(input, name, targets) : pressKey(name, targets)
  const prepareForKey = (): void => {
    const { ui } = store.get()
    if (ui.notice !== undefined) store.dispatch({ type: 'notice', text: undefined })
    const focus = getVisibleFocus(store.get(), columns, rows)
    const page = ui.help || ui.detail !== undefined
    if (focus !== ui.focus && !page) store.dispatch({ type: 'focus', by: 1, among: [focus] })
  }
  useInput((input, key) => {
    const name = getKeyName(input, key)
    if (name === '') return // a function key: it comes below
    prepareForKey()
    // several keys can arrive in one read, as over a slow line: handle each by itself
    for (const letter of name === input ? input : [input])
      handleKey(letter, name === input ? getLetterKeyName(letter, key) : name)
  })
  const handleRawKey = useRef<(key: RawKey) => void>(() => {})
  handleRawKey.current = key => {
    prepareForKey()
    if (typeof key === 'string') handleKey('', key)
    else for (const effect of findMouseEffects(key, store.get(), { pen, columns, rows })) runEffect(effect, targets)
  }
  useEffect(() => {
    const parse = createRawKeyParser()
    // Ink reads the keyboard, and drops these; beside its reads the pieces are events
    const handleData = (piece: unknown): void => {
      for (const key of parse(String(piece))) handleRawKey.current(key)
    }
    stdin.on('data', handleData)
    return () => void stdin.off('data', handleData)
  }, [stdin])
  return <Screen state={state} pen={pen} columns={columns} rows={rows} plain={plain} />
}

// Enter that arrived in one read with the text before it.
const getLetterKeyName = (letter: string, key: Key): string => (letter === '\r' ? 'return' : getKeyName(letter, key))

function pressKey(name: string, targets: EffectTargets): void {
  const { store } = targets
  const { effect } = findCommand(name, store.get()) ?? {}
  if (effect) runEffect(effect, targets)
  else store.dispatch({ type: 'notice', text: getUnavailableHint(name, store.get()) })
}

function typeKey(input: string, name: string, targets: EffectTargets): void {
  const { store, controls, rows } = targets
  const { actions, entered } = handleTypedKey(store.get(), { input, name, candidates: countCandidateLines(rows) })
  for (const action of actions) store.dispatch(action)
  if (entered?.prompt === 'mark') controls.addMark(entered.text)
  if (entered?.prompt !== 'command') return
  const result = runCommandText(entered.text, store.get())
  if (typeof result === 'string') store.dispatch({ type: 'notice', text: result })
  else for (const effect of result) runEffect(effect, targets)
}
