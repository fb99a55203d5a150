// One minified ESM bundle of some entries (shared chunks), with Ink's slow modules swapped or, if `plain`, as they are.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { swapInk } from './swap-ink.mjs'

// Ink loads its developer tools only when DEV is set.
const noDevtools = {
  name: 'no-devtools',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /devtools\.js$/ }, ({ path }) => ({ path, namespace: 'empty' }))
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }))
  },
}

const options = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node22',
  jsx: 'automatic',
  // Ink's layout engine unpacks itself by `fetch`, where there is one: that loads Node's whole HTTP client, for nothing
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    fetch: 'undefined',
    'Intl.Segmenter': 'LazySegmenter',
  },
  inject: [fileURLToPath(new URL('../../src/ink/lazy-segmenter.ts', import.meta.url))],
  external: ['osx-temperature-sensor'],
}

/** The first line of each file of an ESM bundle: signal-exit and others are CommonJS and call require. */
export const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

const esm = { format: 'esm', banner: { js: BANNER } }

/**
 * Builds `entryPoints` (name to file) into `outdir`; returns esbuild's result. Fails if Ink is not the one that is known.
 * `more`: options of esbuild besides.
 */
export function bundle({ entryPoints, outdir, plain, logLevel = 'warning', more = {}, ...swap }) {
  return build({
    ...options,
    ...esm,
    ...more,
    entryPoints,
    outdir,
    logLevel,
    splitting: true,
    legalComments: 'linked',
    chunkNames: 'chunk-[hash]',
    plugins: plain ? [noDevtools] : [noDevtools, swapInk(swap)],
  })
}

/** Builds the files of a single executable: `main.js` as one module, and `worker.js`, which a worker evaluates as CommonJS. */
export async function bundleSingle({ main, worker, outdir }) {
  const common = { ...options, outdir, legalComments: 'none' }
  await build({ ...common, ...esm, entryPoints: { main }, plugins: [noDevtools, swapInk({})] })
  await build({ ...common, format: 'cjs', entryPoints: { worker } })
}

/** Builds the script and the style of report pages: `report-page.js`, for a browser, and `report-page.css`. */
export async function bundlePage({ script, styles, outdir }) {
  await build({
    entryPoints: { 'report-page': script },
    outdir,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
  })
  const { resolve } = createRequire(import.meta.url)
  const read = path => readFileSync(path.startsWith('src/') ? path : resolve(path), 'utf8')
  writeFileSync(join(outdir, 'report-page.css'), styles.map(read).join('\n'))
}
