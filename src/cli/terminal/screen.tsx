// The screen: Ink on the terminal. It ends at `q`, at a signal, when the terminal is closed, and when it does not take what is written.
import { type Instance, render } from 'ink'
import type { ReactNode } from 'react'
import type { PlaybackControls } from '../../app/playback-controls.ts'
import type { Store } from '../../app/store.ts'
import { waitAtMost, yieldToEventLoop } from '../../sampling/clock.ts'
import { App } from '../../ui/app.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import type { Pen } from '../../widgets/pen.ts'
import { handleStopSignals } from '../exit.ts'
import { readIdentity } from '../live/host-identity.ts'
import { makeOutputAsync } from './async-output.ts'
import { createClipboard } from './clipboard.ts'
import { followJobControl } from './job-control.ts'
import { canReportMouse, createMouseReports } from './mouse.ts'
import type { OpeningFrame } from './opening-frame.ts'
import { watchBackground } from './terminal-background.ts'

/** What the screen is started with. */
export interface ScreenSetup {
  readonly store: Store
  readonly pen: Pen
  /** what the screen is drawn with when the terminal says that its background is light */
  readonly lightPen?: Pen | undefined
  readonly controls: PlaybackControls
  /** where the files of the node are, for its identity in the header; undefined for a recording */
  readonly identityRoot?: string
  /** what the help says beside the identity */
  readonly identityNote?: string | undefined
  /** whether the terminal reports its mouse */
  readonly mouse: boolean
  /** where keys come from, if not from standard input */
  readonly keys: NodeJS.ReadStream | undefined
  /** what the terminal shows until now */
  readonly opening?: OpeningFrame | undefined
}

/** A screen that is shown. */
export interface ScreenHandle {
  /** resolves when the user quits or the terminal is gone; rejects with an error of the screen */
  waitUntilExit(): Promise<void>
  /** gives the terminal back */
  end(): Promise<void>
}

/** Bytes that a terminal may have to take yet: with more, no further frame is drawn. */
const MAX_PENDING_BYTES = 64 * 1024
/** Milliseconds that the terminal has to take the last bytes. */
const MAX_RESTORE_TIME = 1000

/** Returns the store whose listener is called in the next turn of the event loop, and not while the terminal takes nothing. */
function deferRedraws(store: Store): Store {
  const subscribe = (listener: () => void): (() => void) => {
    let isScheduled = false
    const notify = (): void => {
      if (process.stdout.writableLength > MAX_PENDING_BYTES) {
        process.stdout.once('drain', notify)
        return
      }
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

/** Shows the store until the user quits. */
export function showScreen(setup: ScreenSetup): ScreenHandle {
  const { store, pen, lightPen, controls, identityRoot, identityNote, mouse, keys, opening } = setup
  makeOutputAsync()
  const keyboard = keys ?? process.stdin
  const setRawMode = (on: boolean): unknown => keyboard.isTTY && !keyboard.destroyed && keyboard.setRawMode(on)
  // Ink has the keyboard in raw mode a moment after its first frame: Enter would be echoed into that, and scroll it
  setRawMode(true)
  const over = Promise.withResolvers<void>()
  const write = (sequence: string): unknown => process.stdout.write(sequence)
  const mouseReports = createMouseReports(mouse && canReportMouse(process.env), write)
  const clipboard = createClipboard(write, process.env)
  const jobControl = followJobControl(mouseReports)
  const removeSignalHandlers = handleStopSignals(over.resolve)
  for (const stream of [process.stdout, keyboard]) stream.on('error', () => over.resolve()) // the terminal is gone
  mouseReports.turnOn()
  // keys that were typed until now were echoed; Ink draws its first frame from the column of the cursor
  write('\r')
  const deferred = deferRedraws(store)
  const createApp = (by: Pen): ReactNode => (
    <ErrorBoundary onError={over.reject}>
      <App store={deferred} pen={by} controls={controls} jobControl={jobControl} clipboard={clipboard} />
    </ErrorBoundary>
  )
  const startInk = (): Instance =>
    render(createApp(pen), {
      alternateScreen: true,
      incrementalRendering: true,
      patchConsole: false,
      exitOnCtrlC: false,
      interactive: true,
      maxFps: 15,
      ...(keys ? { stdin: keys } : {}),
    })
  const screen = opening ? opening.handOver(startInk) : startInk()
  if (lightPen)
    watchBackground(
      keyboard,
      text => write(text),
      background => background === 'light' && screen.rerender(createApp(lightPen)),
    )
  screen.waitUntilExit().then(() => over.resolve(), over.reject)
  over.promise.catch(() => {}) // it is awaited later
  if (identityRoot !== undefined)
    void yieldToEventLoop()
      .then(() => readIdentity(identityRoot))
      .then(text => store.dispatch({ type: 'identity', text: identityNote ? `${text} · ${identityNote}` : text }))
  const end = async (): Promise<void> => {
    mouseReports.end()
    screen.unmount()
    await waitAtMost(
      MAX_RESTORE_TIME,
      screen.waitUntilExit().catch(() => {}),
    )
    removeSignalHandlers()
    jobControl.end()
    setRawMode(false)
    keys?.destroy()
  }
  return { waitUntilExit: () => over.promise, end }
}
