// Merged chunks do what the chunks did, and a start loads few of them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { BANNER, bundle } from '../../tools/build/bundle.mjs'
import { mergeChunks } from '../../tools/build/merge-chunks.mjs'
import { NODE, PROGRAM } from '../e2e/program.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

// `shared` has a state that must exist once, `old` calls require, and `rare` is loaded by no start that is named.
const SOURCES = {
  'main.mjs': "const name = process.argv[2]\nvoid import('./start.mjs').then(({ start }) => start(name))",
  'start.mjs': `import { count } from './shared.mjs'
    export const start = async name => {
      const { run } = await (name === 'a' ? import('./a.mjs') : name === 'b' ? import('./b.mjs') : import('./rare.mjs'))
      console.log(name, run(), count(), (await import('./b.mjs')).default)
    }`,
  'shared.mjs': 'let calls = 0\nexport const count = () => ++calls',
  'old.cjs': "exports.separator = require('node:path').sep",
  'a.mjs':
    "import './effect.mjs'\nimport old from './old.cjs'\nimport { count as next } from './shared.mjs'\nexport const run = () => next() + old.separator",
  'b.mjs':
    "import { count } from './shared.mjs'\nimport { name } from './effect.mjs'\nexport const run = () => count() + name\nexport default 'chunk'",
  'effect.mjs': "console.log('effect')\nexport const name = 'x'",
  'rare.mjs':
    "import { run as other } from './a.mjs'\nimport { count } from './shared.mjs'\nexport const run = () => other() + count()",
}

async function buildProgram(isMerged: boolean): Promise<string> {
  const folder = createTemporaryFolder()
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text)
  const outdir = join(folder, 'dist')
  mkdirSync(outdir)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const more = { metafile: true, absWorkingDir: folder }
  const { metafile } = await bundle({ entryPoints: { main: 'main.mjs' }, outdir, plain: true, more })
  if (isMerged) await mergeChunks(metafile, [['main.mjs'], ['start.mjs', 'a.mjs', 'b.mjs']], { outdir, banner: BANNER })
  return outdir
}

const run = (outdir: string, name: string): string =>
  spawnSync(NODE, [join(outdir, 'main.js'), name], { encoding: 'utf8' }).stdout

const listScripts = (outdir: string): readonly string[] => readdirSync(outdir).filter(name => name.endsWith('.js'))

test('a merged program prints what the program prints, from fewer files', async () => {
  const [split, merged] = [await buildProgram(false), await buildProgram(true)]
  for (const name of ['a', 'b', 'rare']) {
    expect(run(merged, name)).toBe(run(split, name))
    expect(run(merged, name)).toContain(`${name} `)
  }
  expect(listScripts(merged).length).toBeLessThan(listScripts(split).length)
})

test('the files of a build have its id in their names, and only those that call require can', async () => {
  const merged = await buildProgram(true)
  const parts = listScripts(merged).filter(name => name !== 'main.js')
  expect(new Set(parts.map(name => /-(\w{8})\.js$/.exec(name)?.[1])).size).toBe(1)
  const withRequire = parts.filter(name => readFileSync(join(merged, name), 'utf8').includes(BANNER))
  expect(withRequire).toHaveLength(1)
})

test('a start that the program does not have is an error', async () => {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'main.mjs'), 'console.log(1)')
  const more = { metafile: true, absWorkingDir: folder }
  const { metafile } = await bundle({
    entryPoints: { main: 'main.mjs' },
    outdir: join(folder, 'dist'),
    plain: true,
    more,
  })
  await expect(mergeChunks(metafile, [['gone.mjs']], { outdir: join(folder, 'dist'), banner: BANNER })).rejects.toThrow(
    'gone.mjs is in the list of starts',
  )
})

// Counted by a hook of the program's own Node: each module costs 0.3 ms or more.
test.each([
  ['--version', 4],
  ['--help', 11],
  ['check', 21],
])('%s loads at most %i files of the program', (command, most) => {
  const hook = join(createTemporaryFolder(), 'hook.mjs')
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => { if (url.includes('/dist/')) process.stderr.write('loaded ' + url + '\\n'); return next(url, context) } })`,
  )
  const main = join(PROGRAM, '../../dist/main.js')
  const { stderr } = spawnSync(NODE, ['--import', pathToFileURL(hook).href, main, command], { encoding: 'utf8' })
  const loaded = stderr.match(/^loaded /gm) ?? []
  expect(loaded.length).toBeGreaterThan(1)
  expect(loaded.length).toBeLessThanOrEqual(most)
})
