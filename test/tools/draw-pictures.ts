// Draws the pictures of the documentation: the player opens a recorded scenario, and the screen becomes a PNG.
// Run it with `npm run pictures` after a change of the screen.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderPng } from '../helpers/png.ts'
import { openTerminal } from '../helpers/terminal.ts'

const root = new URL('../../', import.meta.url)
const toPath = (name: string): string => fileURLToPath(new URL(name, root))

/** A picture: a scenario at a time, and the keys that lead to the view. */
interface Picture {
  readonly file: string
  readonly scenario: string
  readonly time: string
  readonly keys: readonly string[]
  /** the picture is taken when this is on the screen */
  readonly until: RegExp
}

const PICTURES: readonly Picture[] = [
  { file: 'docs/overview.png', scenario: 'v1-slab-growth', time: '+60s', keys: [], until: /SLAB GROWTH/ },
  { file: 'docs/oom-kill.png', scenario: 'v2-pod-limit-oom', time: '+14s', keys: ['5', '\r'], until: /WHAT TO DO/i },
]

async function drawPicture({ file, scenario, time, keys, until }: Picture): Promise<void> {
  const args = ['replay', toPath(`snapshots/${scenario}/session.kmem`), '--begin', time]
  const env = { ...process.env, COLORTERM: 'truecolor', TZ: 'UTC' }
  const terminal = await openTerminal({ command: toPath('bin/kmemtop'), args, columns: 120, rows: 40, env })
  try {
    await terminal.waitFor(/q quit/, 20_000)
    await terminal.waitUntilQuiet(1000, 20_000) // the recording is still being read in the background
    for (const key of keys) {
      terminal.write(key)
      await terminal.waitUntilQuiet(300, 3000)
    }
    await terminal.waitFor(until, 10_000)
    writeFileSync(toPath(file), await renderPng(terminal))
    console.log(file)
  } finally {
    await terminal.close()
  }
}

for (const picture of PICTURES) await drawPicture(picture)
