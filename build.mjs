// Builds dist/: the program and its worker as one minified ESM bundle (shared chunks, the screen is loaded when needed).
// KMEMTOP_PLAIN_INK=1 leaves Ink as it is: the same screen at several times the cost.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { bundle, bundlePage } from './tools/build/bundle.mjs'

const entryPoints = { main: 'src/cli/main.ts', worker: 'src/sampling/worker.ts' }
if (!Object.values(entryPoints).every(existsSync)) process.exit(0)
rmSync('dist', { recursive: true, force: true })
await bundlePage({
  script: 'src/page/charts.ts',
  styles: ['uplot/dist/uPlot.min.css', 'src/page/style.css'],
  outdir: 'dist',
})
await bundle({ entryPoints, outdir: 'dist', plain: process.env.KMEMTOP_PLAIN_INK === '1' })

// For the launcher: the Node of this checkout, and the first line of /etc/os-release.
const own = `${resolve('node_modules')}/`
if (process.execPath.startsWith(own) && existsSync('/etc/os-release')) {
  const [system] = readFileSync('/etc/os-release', 'utf8').split('\n')
  writeFileSync('dist/built-on', `${process.execPath.slice(own.length)}\n${system}\n`)
}
