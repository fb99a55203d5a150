// The app on a store through ink-testing-library: what is typed changes what is drawn.
import { render } from 'ink-testing-library'
import { expect } from 'vitest'
import { noControls, type PlaybackControls } from '../../src/app/playback-controls.ts'
import type { AppState } from '../../src/app/state.ts'
import { createStore, type Store } from '../../src/app/store.ts'
import { App } from '../../src/ui/app.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { fullState } from '../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })

export interface Screen {
  readonly store: Store
  press(key: string): void
  shows(wanted: RegExp): Promise<void>
  /** texts that were copied */
  readonly copied: readonly string[]
}

/** The app on a store, typed at one key at a time. Its stdout has 100 columns and the terminal's rows, or 24. */
export async function withApp(
  run: (screen: Screen) => Promise<void>,
  { state = fullState, controls = noControls }: { state?: AppState; controls?: PlaybackControls } = {},
): Promise<void> {
  const store = createStore(state)
  const copied: string[] = []
  const { stdin, lastFrame, unmount } = render(
    <App
      store={store}
      pen={pen}
      controls={controls}
      jobControl={{ subscribe: () => () => {}, stopProcess: () => {} }}
      clipboard={{
        copy: (text, what) => {
          copied.push(text)
          return `sent to the clipboard: ${what}`
        },
      }}
    />,
  )
  const shows = (wanted: RegExp): Promise<void> => expect.poll(() => lastFrame() ?? '').toMatch(wanted)
  try {
    await shows(/q quit/)
    await run({ store, press: key => void stdin.write(key), shows, copied })
  } finally {
    unmount()
  }
}
