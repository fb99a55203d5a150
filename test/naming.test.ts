// The names of functions begin with a verb. test/verbs.txt is the vocabulary: a word that is missing there fails first.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SRC = new URL('../src/', import.meta.url).pathname
const VERBS = new Set(readFileSync(new URL('verbs.txt', import.meta.url), 'utf8').split(/\s+/))
/** Named by an interface of the language or of a library. */
const GIVEN = new Set([
  'keys',
  'values',
  'entries',
  'forEach',
  'constructor',
  'componentDidCatch',
  'getDerivedStateFromError',
])

const TYPE = '(?::[^=\\n]*(?:=>[^=\\n]*)?)?'
const PARAMETERS = '\\((?=[^()]*(?:\\([^()]*\\)[^()]*)*\\)\\s*(?::[^=;\\n]+)?=>)'
const DECLARATIONS = [
  /\bfunction\*?\s+([a-z]\w*)\s*[<(]/g,
  new RegExp(`\\bconst\\s+([a-z]\\w*)\\s*${TYPE}=\\s*(?:async\\s+)?(?:<[^>]*>\\s*)?(?:${PARAMETERS}|\\w+\\s*=>)`, 'g'),
  // a method: two spaces, name, parameters, and a body that begins on this line
  /^ {2}(?:static |private |async |override |\*)*(?!(?:if|for|while|switch|catch)\b)([a-z]\w*)\([^\n]*\{$/gm,
]

function listFunctions(path: string): readonly string[] {
  const text = readFileSync(join(SRC, path), 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
  return DECLARATIONS.flatMap(pattern => [...code.matchAll(pattern)].map(match => match[1]!))
}

const functions = globSync('**/*.{ts,tsx}', { cwd: SRC }).flatMap(path =>
  listFunctions(path).map(name => ({ path, name, first: /^[a-z]+/.exec(name)![0] })),
)

test('functions of every kind are found', () => {
  const names = new Set(functions.map(({ name }) => name))
  const known = ['parseMeminfo', 'computeRank', 'extractTexts', 'readNew', 'createMeminfoTerm', 'findLargest']
  expect(known.filter(name => !names.has(name))).toEqual([])
  expect(functions.length).toBeGreaterThan(2000)
})

test('the name of every function begins with a verb', () => {
  const wrong = functions.filter(({ name, first }) => !VERBS.has(first) && !GIVEN.has(name))
  expect(wrong.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
})

/** What a file adds to a table: its own title or description and the first line of the file say what it is. */
const TABLE_ENTRY = /: (?:readonly KeyCommand\[\]|CommandDefinition|Panel|(?:Collector|Detector)<[^=]*>) = /

test('everything exported has a docstring, entries of tables aside', () => {
  const bare = globSync('**/*.{ts,tsx}', { cwd: SRC }).flatMap(path => {
    const lines = readFileSync(join(SRC, path), 'utf8').split('\n')
    const isBare = (line: string, i: number): boolean =>
      /^export (?!type \{|\{|\*)/.test(line) && !lines[i - 1]?.trimEnd().endsWith('*/') && !TABLE_ENTRY.test(line)
    return lines.filter(isBare).map(line => `${path}: ${line}`)
  })
  expect(bare).toEqual([])
})

/** The title of a table of tests that is only filled in: `%s`, `$kernel, $name`. What is described may have such a name. */
const BARE_TITLE =
  /\b(test|describe)\.each(?:(?!\b(?:test|describe)\.each)[\s\S])*?\)\(\s*'((?:%[sdij]|\$[\w.]+|[\s,×:])+)',/g

test('the title of every test says what holds: no title is only filled in', () => {
  const paths = globSync('**/*.test.{ts,tsx}', { cwd: import.meta.dirname })
  const bare = paths.flatMap(path => {
    const titles = readFileSync(join(import.meta.dirname, path), 'utf8').matchAll(BARE_TITLE)
    return [...titles].filter(([, kind]) => kind === 'test').map(([, , title]) => `${path}: ${title}`)
  })
  expect(bare).toEqual([])
})
