// What Node and Ink cost without kmemtop: the least that a program of this kind can take, to be measured beside it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundle } from '../tools/build/bundle.mjs'

/** A program that does nothing of its own, as words of a command. */
export interface LimitProgram {
  readonly name: string
  readonly words: readonly string[]
}

const WORKER = `import { Worker } from 'node:worker_threads'
new Worker('0', { eval: true })
`

// In a folder of the checkout, so that ink and react are found.
const SCREEN = `import { render, Text } from 'ink'
import { createElement } from 'react'
const screen = render(createElement(Text, null, 'x'), { interactive: true })
screen.unmount()
await screen.waitUntilExit()
`

const CACHED = `import { enableCompileCache } from 'node:module'
enableCompileCache(new URL('cache', import.meta.url).pathname)
await import('./word.js')
`

/** Writes the programs into the folder `home`, which is below the checkout: Node alone, with a thread, and with a screen of one letter. */
export async function buildLimitPrograms(home: string): Promise<readonly LimitProgram[]> {
  mkdirSync(home, { recursive: true })
  const write = (name: string, text: string): string => {
    writeFileSync(join(home, name), text)
    return join(home, name)
  }
  const worker = write('thread.mjs', WORKER)
  const screen = write('screen.mjs', SCREEN)
  await bundle({ entryPoints: { word: resolve(screen) }, outdir: home, plain: false })
  const cached = write('cached.mjs', CACHED)
  const node = process.execPath
  return [
    { name: 'Node alone', words: [node, '-e', '0'] },
    { name: 'Node and a thread', words: [node, worker] },
    { name: 'Ink, one letter', words: [node, cached] },
  ]
}
