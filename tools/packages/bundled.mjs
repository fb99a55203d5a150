// The npm packages that end up in the bundle, with their versions and licences: read from what esbuild put into it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../build/bundle.mjs'

/** Packages sorted by name: `{ name, version, license, text }`. Fails where one names no licence. */
export async function listBundled() {
  const { metafile } = await bundle({
    entryPoints: { main: 'src/cli/main.ts', worker: 'src/sampling/worker.ts', page: 'src/page/charts.ts' },
    outdir: 'dist',
    plain: false,
    more: { metafile: true, write: false },
  })
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap(path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  )
  const byVersion = new Map([...folders].map(describePackage).map(one => [`${one.name} ${one.version}`, one]))
  return [...byVersion.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function describePackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${folder}: its package.json names no licence`)
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  const text =
    file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : ''
  return { name, version, license, text }
}
