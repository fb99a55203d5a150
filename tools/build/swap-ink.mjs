// An esbuild plugin: four modules of Ink are replaced by those of src/ink, whose cost follows what changed on the screen.
// They are private, so the plugin is for one version of each package only, and a build in which one was not met fails.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VERSIONS = { ink: '8.0.0', 'string-width': '8.3.0', '@alcalzone/ansi-tokenize': '0.3.2' }
const ANSI = ['tokenize', 'reduceAnsiCodesIncremental', 'diffAnsiCodes', 'ansiCodesToString']

/** Each module's own default export is given to ours, which asks it whatever is not simple text. */
export const swaps = [
  { module: 'ink/build/output.js', ours: 'output.ts', swap: 'swapOutput', ansi: true },
  { module: 'ink/build/line-update.js', ours: 'line-update.ts', swap: 'swapLineUpdate', ansi: true },
  { module: 'ink/build/sanitize-ansi.js', ours: 'sanitize-ansi.ts', swap: 'swapSanitizeAnsi' },
  { module: 'string-width/index.js', ours: 'string-width.ts', swap: 'swapStringWidth' },
]

const ORIGINAL = '?original'

/** The module that replaces Ink's. */
function standIn({ module, ours, swap, ansi = false }) {
  const path = JSON.stringify(join(ROOT, 'src/ink', ours))
  return [
    `import original from ${JSON.stringify(`./${module.split('/').at(-1)}${ORIGINAL}`)}`,
    ansi ? `import { ${ANSI.join(', ')} } from '@alcalzone/ansi-tokenize'` : '',
    `import { ${swap} } from ${path}`,
    `export default ${swap}(original${ansi ? `, { ${ANSI.join(', ')} }` : ''})`,
  ].join('\n')
}

/** What is wrong with the installed versions: sentences. */
export function wrongVersions(nodeModules = join(ROOT, 'node_modules'), wanted = VERSIONS) {
  return Object.entries(wanted).flatMap(([name, version]) => {
    const found = JSON.parse(readFileSync(join(nodeModules, name, 'package.json'), 'utf8')).version
    if (found === version) return []
    return [`tools/build/swap-ink.mjs is for ${name} ${version}, found ${found}: ${REMEDY}`]
  })
}

const REMEDY = 'compare the swapped modules, run test/ink, then change the version; KMEMTOP_PLAIN_INK=1 builds without.'

/**
 * The plugin.
 * @param options.hits gets how often each module was replaced
 * @param options.versions @param options.modules others than ours, for tests
 */
export function swapInk({ hits = {}, versions = VERSIONS, modules = swaps } = {}) {
  const setup = ({ onStart, onResolve, onLoad, onEnd }) => {
    onStart(() => {
      for (const { module } of modules) hits[module] = 0
      return { errors: wrongVersions(undefined, versions).map(text => ({ text })) }
    })
    onResolve({ filter: /\?original$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice(0, -ORIGINAL.length)),
      suffix: ORIGINAL,
    }))
    for (const { module, ...rest } of modules) {
      const filter = new RegExp(`/node_modules/${module.replaceAll('.', '\\.')}$`)
      onLoad({ filter }, ({ path, suffix }) => {
        if (suffix === ORIGINAL) return undefined
        hits[module] += 1
        return { contents: standIn({ module, ...rest }), loader: 'js', resolveDir: dirname(path) }
      })
    }
    onEnd(result => {
      if (result.errors.length > 0) return {}
      const errors = Object.entries(hits)
        .filter(([, count]) => count !== 1)
        .map(([module, count]) => ({ text: `${module} was replaced ${count} times, not once: ${REMEDY}` }))
      return { errors }
    })
  }
  return { name: 'swap-ink', setup }
}
