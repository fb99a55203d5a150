// Merges the chunks of a bundle, so that a start loads few files: each module costs Node 0.3 ms before its first line runs.
// esbuild splits by every dynamic import, into some 150 chunks. Here those that the same starts load together become one file.
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'

/** Returns the files that each output imports statically: name to names. */
function listStaticImports({ outputs }) {
  const own = new Set(Object.keys(outputs))
  return new Map(
    Object.entries(outputs).map(([path, { imports }]) => [
      path,
      imports.filter(({ path: to, kind }) => kind === 'import-statement' && own.has(to)).map(({ path: to }) => to),
    ]),
  )
}

function collectImports(path, imports, found = new Set()) {
  if (found.has(path)) return found
  found.add(path)
  for (const next of imports.get(path)) collectImports(next, imports, found)
  return found
}

/** Returns the groups of chunks that are loaded by the same starts. What a group imports is loaded by its starts too: no circle can arise. */
function groupChunks({ outputs }, starts) {
  const imports = listStaticImports({ outputs })
  const pathOf = new Map(Object.entries(outputs).map(([path, { entryPoint }]) => [entryPoint, path]))
  const signatures = new Map()
  for (const [index, entryPoints] of starts.entries())
    for (const entryPoint of entryPoints) {
      const root = pathOf.get(entryPoint)
      if (root === undefined)
        throw new Error(`${entryPoint} is in the list of starts, but is no entry and nothing imports it by import()`)
      for (const path of collectImports(root, imports)) signatures.set(path, (signatures.get(path) ?? 0) | (1 << index))
    }
  const chunks = [...signatures.keys()].filter(path => basename(path).startsWith('chunk-')) // the entry keeps its name
  return [...Map.groupBy(chunks, path => signatures.get(path)).values()].filter(({ length }) => length > 1)
}

/** Returns the text of a module that exports what all chunks of a group export, each name with the number of its chunk. */
const exportAll = (group, outputs) =>
  group
    .map((path, index) => {
      const names = outputs[path].exports.map(name => `${name} as ${rename(name, index)}`)
      return names.length > 0 ? `export{${names}}from"./${basename(path)}"` : `import"./${basename(path)}"`
    })
    .join('\n')

const rename = (name, index) => `${name}_${index}`

async function mergeGroup(group, outputs, { outdir, banner }) {
  const own = new Set(group.map(path => basename(path)))
  const { outputFiles } = await build({
    stdin: { contents: exportAll(group, outputs), resolveDir: resolve(outdir) },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    legalComments: 'eof', // which name the files of the licenses
    plugins: [
      {
        name: 'own-group-only',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^\.\// }, ({ path, kind }) =>
            kind === 'dynamic-import' || !own.has(basename(path)) ? { path, external: true } : undefined,
          )
          onLoad({ filter: /\.js$/ }, ({ path }) => ({ contents: dropBanner(readFileSync(path, 'utf8'), banner) }))
        },
      },
    ],
  })
  return outputFiles[0].text
}

const dropBanner = (code, banner) => (code.startsWith(banner) ? code.slice(banner.length) : code)

const addBanner = (code, banner) => (/\brequire\b/.test(code) ? `${banner}\n${code}` : code)

/** Makes static imports of merged chunks imports of their groups. @param places chunk name to its group's name and its number there */
function redirectImports(code, places) {
  return code.replace(
    /\b(import|export)(?:\{([^{}]*)\}from)?"\.\/(chunk-[A-Z0-9]+\.js)"/g,
    (statement, keyword, names, name) => {
      const place = places.get(name)
      if (!place) return statement
      if (names === undefined) return `import"./${place.file}"`
      const renamed = names.split(',').map(entry => {
        const [from, to = from] = entry.split(' as ')
        return `${rename(from, place.index)} as ${to}`
      })
      return `${keyword}{${renamed}}from"./${place.file}"`
    },
  )
}

// What is imported by import() keeps its name, and exports from its group.
function formatFacade(path, outputs, { file, index }) {
  const names = outputs[path].exports.map(name => `${rename(name, index)} as ${name}`)
  return `export{${names}}from"./${file}"\n`
}

/**
 * Merges chunks in `outdir`, and gives all the id of the build, so that a running program never loads a part of another build.
 * @param metafile of esbuild's bundle
 * @param starts for each kind of start that should be fast, the source files it imports by import(); the entry is one of its own
 * @param banner the first line of each chunk, which only those that use `require` need
 */
export async function mergeChunks(metafile, starts, { outdir, banner }) {
  const { outputs } = metafile
  const groups = groupChunks(metafile, starts)
  const places = new Map(
    groups.flatMap((group, number) =>
      group.map((path, index) => [basename(path), { file: `part-${number}.js`, index }]),
    ),
  )
  const files = new Map()
  for (const [number, group] of groups.entries())
    files.set(`part-${number}.js`, await mergeGroup(group, outputs, { outdir, banner }))
  for (const path of Object.keys(outputs)) {
    const name = basename(path)
    if (!name.endsWith('.js')) continue
    const place = places.get(name)
    if (!place) files.set(name, dropBanner(readFileSync(join(outdir, name), 'utf8'), banner))
    else if (outputs[path].entryPoint) files.set(name, formatFacade(path, outputs, place))
    rmSync(join(outdir, name))
  }
  writeFiles(files, places, { outdir, banner })
}

function writeFiles(files, places, { outdir, banner }) {
  const codes = [...files].map(([name, code]) => [name, addBanner(redirectImports(code, places), banner)])
  const id = createHash('sha256').update(JSON.stringify(codes)).digest('hex').slice(0, 8)
  const addId = text => text.replace(/\b(chunk-[A-Z0-9]{8}|part-\d+)\.js\b(?!\.LEGAL)/g, `$1-${id}.js`)
  for (const [name, code] of codes) writeFileSync(join(outdir, addId(name)), addId(code))
}
