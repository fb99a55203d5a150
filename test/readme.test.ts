// README and docs are true: frames, links, commands, options, alerts and tables are those of the program.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../src/cli/command-line.ts'
import { parseConfig } from '../src/cli/config.ts'
import { collectorIds } from '../src/collectors/index.ts'
import { decodeLine } from '../src/recording/line-codec.ts'
import { commands } from '../src/ui/commands.ts'
import { formatAlertTables, readAlertTables } from './tools/alert-docs.ts'
import { formatTables, readGeneratedPart } from './tools/configuration-docs.ts'
import { formatMemoryTables, readMemoryTables } from './tools/memory-docs.ts'
import { formatScreenTables, readScreenTables } from './tools/screen-docs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = read('README.md')
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'deploy/README.md',
  ...globSync('docs/*.md', { cwd: root }),
]

test('the frame in the README is a golden frame', () => {
  const path = /\(`(snapshots\/\S+)`\)/.exec(readme)![1]!
  expect(readme).toContain(read(path).trimEnd())
})

describe.each(documents)('%s', path => {
  const text = read(path)

  test('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => join(dirname(path), link!))
    expect(links.filter(link => !existsSync(join(root, link)))).toEqual([])
  })

  test('names only source files that exist', () => {
    const names = [...text.matchAll(/`((?:src|test|bench|bin|docs)\/[\w./-]*\w\/?)`/g)].map(([, name]) => name!)
    expect(names.filter(name => !/\bNAME\b/.test(name) && !existsSync(join(root, name)))).toEqual([])
  })
})

// kmemtop check --for 30s   # comment        also after a pipe, and before one
function listCommands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!)
  return blocks
    .flatMap(block => block.split('\n'))
    .flatMap(line => line.replace(/(^|\s)#.*$/, '').split(/[|;]|&&/))
    .map(command => command.replace(/ > \S+/, '').trim())
    .filter(command => /^kmemtop( |$)/.test(command))
}

// Words as a shell sees them, with double quotes.
const splitWords = (command: string): readonly string[] =>
  (command.match(/"[^"]*"|\S+/g) ?? []).map(word => word.replace(/^"(.*)"$/, '$1'))

test.each(documents.flatMap(path => listCommands(read(path))))('the command line is accepted: %s', command => {
  expect(parseCommandLine(splitWords(command).slice(1), '0')).toBeDefined()
})

test.each([
  ['--interval', '2s'],
  ['-n', '60'],
  ['--root', '/host'],
  ['--kmsg', 'off'],
  ['--config', 'f'],
  ['--theme', 'light'],
  ['-b'],
  ['--once', '--json'],
  ['--ascii'],
  ['--no-color'],
])('the option %s exists and is in the README', (...args) => {
  expect(parseCommandLine(args, '0')).toBeDefined()
  expect(readme).toContain(args[0])
})

test('docs/configuration.md has every key and threshold: run `npm run docs`', () => {
  expect(readGeneratedPart()).toBe(formatTables())
})

test('docs/alerts.md has what every detector says of its alerts: run `npm run docs`', () => {
  expect(readAlertTables()).toBe(formatAlertTables())
})

test('docs/memory.md has every term of the identity of all RAM: run `npm run docs`', () => {
  expect(readMemoryTables()).toBe(formatMemoryTables())
})

test('docs/screen.md has every key and every command: run `npm run docs`', () => {
  expect(readScreenTables()).toBe(formatScreenTables())
})

test('the config file in docs/configuration.md is accepted', () => {
  const text = /```json\n([\s\S]*?)```/.exec(read('docs/configuration.md'))![1]!
  expect(parseConfig(text, 'docs/configuration.md').detectors).toBeDefined()
})

test('docs/alerts.md has every alert, and no other', () => {
  const source = globSync('src/detectors/**/*.ts', { cwd: root }).map(read).join('\n')
  const titles = [...source.matchAll(/title: (?:.*? \? )?'([A-Z][A-Z, ]+[A-Z])'(?: : '([A-Z][A-Z, ]+[A-Z])')?/g)]
  const known = titles.flatMap(([, one, other]) => [one!, ...(other === undefined ? [] : [other])])
  const documented = [...read('docs/alerts.md').matchAll(/\*\*([A-Z][A-Z, ]+)\*\*/g)].map(([, title]) => title!)
  expect([...new Set(documented)].sort()).toEqual([...new Set(known)].sort())
})

test('the recording in docs/recording.md is one', () => {
  const lines = /```text\n(\{"kmemtop"[\s\S]*?)```/.exec(read('docs/recording.md'))![1]!.trimEnd().split('\n')
  const decoded = lines.map((line, i) => decodeLine(line, i + 1))
  expect(decoded.flatMap(line => ('reading' in line ? [line.reading.collector] : []))).toEqual(['meminfo', 'meminfo'])
  expect(collectorIds).toContain('meminfo')
})

test('ARCHITECTURE.md has every folder of src in its table', () => {
  const text = read('ARCHITECTURE.md')
  const folders = globSync('src/*/', { cwd: root }).map(path => `\`${path.replace(/\/?$/, '/')}\``)
  expect(folders.length).toBeGreaterThan(10)
  expect(folders.filter(folder => !text.includes(folder))).toEqual([])
})

test('every key in the README is a key of the screen', () => {
  const line = /^- \*\*Keys:\*\* (.*)$/m.exec(readme)![1]!
  const keys = [...line.matchAll(/`([^`]+)`/g)].map(([, key]) => KEY_NAMES[key!] ?? key!)
  const known = new Set(commands.flatMap(command => command.keys))
  expect(keys.length).toBeGreaterThan(20)
  expect(keys.filter(key => !known.has(key))).toEqual([])
})

const KEY_NAMES: Readonly<Record<string, string>> = {
  Tab: 'tab',
  Enter: 'return',
  Esc: 'escape',
  PgUp: 'pageup',
  PgDn: 'pagedown',
}
