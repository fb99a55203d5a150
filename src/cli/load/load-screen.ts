// The screen of `kmemtop run --tui`: the live screen with the command's output below the panels.
import { stripVTControlCharacters } from 'node:util'
import type { Store } from '../../app/store.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { RunOptions } from '../commands/run.ts'
import type { Config } from '../config.ts'
import { createLiveControls } from '../live/live-controls.ts'
import { buildPen } from '../terminal/pen.ts'
import { showScreen } from '../terminal/screen.tsx'
import { openTerminalKeys } from '../terminal/terminal-keys.ts'

/** The screen while a load test runs. */
export interface LoadScreen {
  /** resolves when the user quits */
  readonly ended: Promise<void>
  addLines(lines: readonly string[]): void
  showPhase(text: string): void
  /** shows a message in the footer */
  showProblem(text: string): void
  /** gives the terminal back; more than once is allowed */
  end(): Promise<void>
}

interface LoadScreenSetup {
  /** the command line */
  readonly title: string
  readonly options: RunOptions
  readonly config: Config
  readonly source: LiveSource
  readonly store: Store
}

const MAX_LINES = 200 // more than any terminal shows
const REFRESH = 200 // milliseconds between two redraws of the output: a command may print 50,000 lines per second

/** Shows the screen. @throws UserError if there is no terminal for keys */
export async function openLoadScreen({ title, options, config, source, store }: LoadScreenSetup): Promise<LoadScreen> {
  const keys = openTerminalKeys()
  const controls = createLiveControls(source, store, { target: config.recordings ?? '.', retention: {} })
  store.dispatch({ type: 'asked-to-quit', text: undefined }) // q ends the load test, whose report comes either way
  const screen = showScreen({
    store,
    pen: buildPen(options, config),
    controls,
    mouse: options.mouse,
    keys,
    ...(options.via ? {} : { identityRoot: options.root }),
  })
  let lines: readonly string[] = []
  let phase = ''
  let hasChanged = true
  const stopRefresh = repeatEvery(REFRESH, () => {
    if (hasChanged) store.dispatch({ type: 'output', output: { title, phase, lines } })
    hasChanged = false
  })
  let ending: Promise<void> | undefined
  const end = (): Promise<void> => {
    stopRefresh()
    controls.end()
    ending ??= screen.end()
    return ending
  }
  return {
    ended: screen.waitUntilExit().then(end),
    addLines: added => {
      if (added.length === 0) return
      lines = [...lines, ...added.slice(-MAX_LINES).map(cleanLine)].slice(-MAX_LINES)
      hasChanged = true
    },
    showPhase: text => {
      phase = text
      hasChanged = true
    },
    showProblem: text => store.dispatch({ type: 'notice', text }),
    end,
  }
}

// A progress bar overwrites its line: what it showed last counts.
const cleanLine = (line: string): string => stripVTControlCharacters(line.slice(line.lastIndexOf('\r') + 1))
