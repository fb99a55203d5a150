// The README is true: its picture is a golden frame, its options are those of the program, its keys work.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCommandLine } from '../src/cli/command-line.ts'
import { parseConfig } from '../src/cli/config.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')

test('the picture is a golden frame', () => {
  const path = /the frame is `(\S+)`/.exec(readme)![1]!
  expect(readme).toContain(read(path).trimEnd())
})

test.each([
  ['--interval', '2s'],
  ['-n', '60'],
  ['--root', '/host'],
  ['--kmsg', 'off'],
  ['--config', 'f'],
  ['--theme', 'light'],
  ['-b'],
  ['-1'],
  ['--once', '--json'],
  ['--ascii'],
  ['--no-color'],
])('the option %s exists and is in the README', (...args) => {
  expect(parseCommandLine(args, '0')).toBeDefined()
  expect(readme).toContain(args[0])
})

test('the config file of the README is taken', () => {
  const text = /```json\n([\s\S]*?)```/.exec(readme)![1]!
  expect(parseConfig(text, 'README.md').detectors).toBeDefined()
})
