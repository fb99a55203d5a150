// Builds dist/: the program and its worker as one minified ESM bundle (shared chunks, the screen is loaded when needed).
// KMEMTOP_PLAIN_INK=1 leaves Ink as it is: the same screen at several times the cost.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BANNER, bundle, bundlePage } from './tools/build/bundle.mjs'
import { mergeChunks } from './tools/build/merge-chunks.mjs'

// What is loaded together at a start that somebody waits for. What main.ts imports itself is loaded before the cache of compiled code
// is enabled, and is all that the version needs: it stays apart.
const STARTS = [
  ['src/cli/main.ts'],
  ['src/cli/run-command-line.ts', 'src/cli/command-line.ts'],
  ['src/cli/recordings/run-dump.ts'],
  ['src/cli/run-check.ts'],
  ['src/cli/live/run-live.ts'],
  ['src/cli/terminal/screen.tsx', 'src/cli/watch-config.ts', 'src/cli/live/live-controls.ts'],
]

const entryPoints = { main: 'src/cli/main.ts', worker: 'src/sampling/worker.ts' }
if (!Object.values(entryPoints).every(existsSync)) process.exit(0)
rmSync('dist', { recursive: true, force: true })
await bundlePage({
  script: 'src/page/charts.ts',
  styles: ['uplot/dist/uPlot.min.css', 'src/page/style.css'],
  outdir: 'dist',
})
const { main, worker } = entryPoints
const { metafile } = await bundle({
  entryPoints: { main },
  outdir: 'dist',
  plain: process.env.KMEMTOP_PLAIN_INK === '1',
  more: { metafile: true },
})
await mergeChunks(metafile, STARTS, { outdir: 'dist', banner: BANNER })
await bundle({ entryPoints: { worker }, outdir: 'dist', plain: true }) // Ink is not in it

// For the launcher: the Node of this checkout, and the first line of /etc/os-release.
const own = `${resolve('node_modules')}/`
if (process.execPath.startsWith(own) && existsSync('/etc/os-release')) {
  const [system] = readFileSync('/etc/os-release', 'utf8').split('\n')
  writeFileSync('dist/built-on', `${process.execPath.slice(own.length)}\n${system}\n`)
}
