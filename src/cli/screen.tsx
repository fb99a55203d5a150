// The live screen: Ink on the terminal, the config file watched, the host asked who it is.
import { type Instance, render } from 'ink'
import type { Store } from '../session/store.ts'
import { App } from '../ui/app.tsx'
import type { Pen } from '../widgets/pen.ts'
import { readIdentity } from './identity.ts'

/** Shows the store until the user quits: `waitUntilExit` of the result resolves when the terminal is as it was. */
export function showScreen(store: Store, pen: Pen, askIdentity: boolean): Instance {
  const screen = render(<App store={store} pen={pen} stopProcess={() => process.kill(0, 'SIGTSTP')} />, {
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
    maxFps: 15,
  })
  if (askIdentity) void readIdentity().then(text => store.dispatch({ type: 'identity', text }))
  return screen
}
