// Shows kmemtop's screen of each state in a file (v8.serialize), one after the other, and the last one until a key comes.
import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { render } from 'ink'
import type { AppState } from '../../../src/app/state.ts'
import { Screen } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'

const states = deserialize(readFileSync(process.argv[2]!)) as readonly AppState[]
const pen = createPen({ level: 3, ascii: false })
const { columns, rows } = process.stdout
const screen = (state: AppState) => <Screen state={state} pen={pen} columns={columns} rows={rows} />

const { rerender, unmount, waitUntilRenderFlush } = render(screen(states[0]!), {
  alternateScreen: true,
  incrementalRendering: true,
  patchConsole: false,
  interactive: true,
})
for (const state of states) {
  rerender(screen(state))
  await waitUntilRenderFlush()
}
process.stdin.setRawMode(true).once('data', () => {
  process.stdin.pause()
  unmount()
})
process.stdout.write('\x1b]0;all shown\x07')
