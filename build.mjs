// Builds dist/: the program and its worker as one minified ESM bundle (shared chunks, the screen is loaded when needed).
import { existsSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const entries = { main: 'src/cli/main.ts', worker: 'src/sources/worker.ts' }
if (!Object.values(entries).every(existsSync)) process.exit(0)
rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  jsx: 'automatic',
  legalComments: 'linked',
  chunkNames: 'chunk-[hash]',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  external: ['osx-temperature-sensor'],
  // Ink loads its developer tools only when DEV is set; signal-exit and others are CommonJS and call require
  plugins: [
    {
      name: 'no-devtools',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /devtools\.js$/ }, ({ path }) => ({ path, namespace: 'empty' }))
        onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }))
      },
    },
  ],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
