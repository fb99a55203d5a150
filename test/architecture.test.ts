// The laws of the house, checked by reading import lines: what may know whom, and who may touch clock, machine and screen.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = new URL('../src/', import.meta.url).pathname

// A folder imports only from itself and from folders to its left; `history` is src/history.ts.
const ORDER = [
  'ink',
  'page',
  'base',
  'collectors',
  'history',
  'detectors',
  'recording',
  'sampling',
  'postmortem',
  'playback',
  'export',
  'loadtest',
  'fleet',
  'app',
  'widgets',
  'panels',
  'ui',
  'cli',
]

interface File {
  readonly path: string
  readonly folder: string
  readonly text: string
  /** the text without comments */
  readonly code: string
  /** what is imported, by `import`, `export … from` and `import()` */
  readonly imports: readonly string[]
}

const files: readonly File[] = globSync('**/*.{ts,tsx}', { cwd: SRC })
  .toSorted()
  .map(path => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
    const imports = [...code.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)].map(match => match[1]!)
    return { path, folder: placeOf(path), text, code, imports }
  })

function placeOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.tsx?$/, '')
}

/** Lines of the code that match, each with its file. */
function linesWith(pattern: RegExp, where: (file: File) => boolean, of: 'code' | 'text' = 'code'): readonly string[] {
  return files
    .filter(where)
    .flatMap(file => file[of].split('\n').flatMap(line => (pattern.test(line) ? [`${file.path}: ${line.trim()}`] : [])))
}

function importers(pattern: RegExp, where: (file: File) => boolean): readonly string[] {
  return files
    .filter(where)
    .flatMap(({ path, imports }) => imports.filter(name => pattern.test(name)).map(name => `${path} imports ${name}`))
}

test('there are files to check, and every folder has its place in the order', () => {
  expect(files.length).toBeGreaterThan(60)
  expect([...new Set(files.map(({ folder }) => folder))].filter(folder => !ORDER.includes(folder))).toEqual([])
  expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(200)
})

test('a folder imports only from itself and from folders to its left', () => {
  const wrong = files.flatMap(({ path, folder, imports }) =>
    imports
      .filter(name => name.startsWith('.') && !name.endsWith('.json'))
      .map(name => normalize(join(dirname(path), name)))
      .filter(target => ORDER.indexOf(placeOf(target)) > ORDER.indexOf(folder))
      .map(target => `${path} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

// Lazy `import()` is left out: a command loads its implementation, which takes the command's options.
test('no files import each other in a circle, types included', () => {
  const graph = new Map(
    files.map(({ path, code }) => {
      const names = [...code.matchAll(/\bfrom\s+'(\.[^']+)'/g)]
      return [path, names.map(match => normalize(join(dirname(path), match[1]!)))]
    }),
  )
  const circles: string[] = []
  const done = new Set<string>()
  const follow = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (trail.includes(path) || done.has(path)) return
    for (const next of graph.get(path) ?? []) follow(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) follow(path, [])
  expect(circles).toEqual([])
})

describe('only', () => {
  // recording and postmortem read and write files; only sampling reads the node itself
  const MACHINE = ['recording', 'sampling', 'postmortem', 'cli']
  test('sampling, recording, postmortem and cli touch the machine', () => {
    expect(importers(/^node:/, ({ folder }) => !MACHINE.includes(folder))).toEqual([])
    expect(linesWith(/\bprocess\./, ({ folder }) => !MACHINE.includes(folder))).toEqual([])
  })

  test('widgets, panels, ui and cli/terminal/screen.tsx know React and Ink', () => {
    const may = ({ path, folder }: File): boolean =>
      ['widgets', 'panels', 'ui'].includes(folder) || path === 'cli/terminal/screen.tsx'
    expect(importers(/^(react|ink)($|\/)/, file => !may(file))).toEqual([])
  })

  test('the clock file reads a clock or sets a timer', () => {
    const clocks =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\s*\.|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bhrtime\b/
    expect(linesWith(clocks, ({ path }) => path !== 'sampling/clock.ts')).toEqual([])
  })

  test('ui/app.tsx uses hooks', () => {
    const wrong = files
      .filter(({ path }) => path !== 'ui/app.tsx')
      .flatMap(({ path, code }) =>
        [...code.matchAll(/import\s*\{([^}]*)\}\s*from\s*'(?:react|ink)'/g)]
          .flatMap(match => match[1]!.match(/\buse[A-Z]\w*/g) ?? [])
          .map(hook => `${path} uses ${hook}`),
      )
    expect(wrong).toEqual([])
  })
})

describe('no file', () => {
  test('has a default export', () => {
    expect(linesWith(/^export default\b|\bas default\b/, () => true)).toEqual([])
  })

  test('is longer than 220 lines', () => {
    const long = files.map(({ path, text }) => [path, text.split('\n').length - 1] as const)
    expect(long.filter(([, lines]) => lines > 220)).toEqual([])
  })

  test('passes a list of any length as arguments, where lists come from files', () => {
    const isRead = ({ path }: File): boolean => /^(recording|playback|postmortem|export|cli)\//.test(path)
    expect(linesWith(/\.push\(\.\.\./, isRead)).toEqual([])
    expect(linesWith(/Math\.(?:max|min)\(.*\.\.\./, ({ path }) => path.startsWith('postmortem/'))).toEqual([])
  })

  test('asks for the facts of a file in a way that throws where a folder cannot be entered', () => {
    expect(linesWith(/throwIfNoEntry/, () => true)).toEqual([])
  })

  test('names a path of the machine it was written on', () => {
    expect(linesWith(/\/(home|Users|work|root)\/\w|\/tmp\//, () => true, 'text')).toEqual([])
  })

  test('begins without a line that says what it is', () => {
    expect(files.filter(({ text }) => !/^\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('has a doc comment that was left behind by what it describes', () => {
    const left = files.filter(({ text }) => /\*\/\n\s*\/\*\*/.test(text))
    expect(left.map(({ path }) => path)).toEqual([])
  })
})
