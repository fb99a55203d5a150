// The command line: every word that can stand there, and what is said of wrong ones.
import { describe, expect, test, vi } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import type { LiveOptions } from '../../src/cli/options.ts'

const parsed = (...argv: readonly string[]): LiveOptions => parseCommandLine(argv, '1.2.3')?.options as LiveOptions
const said = (...argv: readonly string[]): string => {
  try {
    parsed(...argv)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error(`${argv.join(' ')} was taken`)
}

test('no word at all is a live screen of this node', () => {
  expect(parsed()).toEqual({
    batch: false,
    once: false,
    json: false,
    root: '/',
    kmsg: 'on',
    ascii: false,
    color: true,
  })
})

test.each([
  ['2', 2000],
  ['1s', 1000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['0.1', 100],
  ['100ms', 100],
])('-i %s is %i ms', (text, interval) => {
  expect(parsed('-i', text).interval).toBe(interval)
  expect(parsed(`--interval=${text}`).interval).toBe(interval)
})

test('every option is taken, short and long', () => {
  expect(
    parsed(
      '-b',
      '-n',
      '3',
      '--root',
      '/host',
      '--kmsg',
      'off',
      '--config',
      'c.json',
      '--theme',
      'light',
      '--ascii',
      '--no-color',
    ),
  ).toEqual({
    batch: true,
    once: false,
    json: false,
    iterations: 3,
    root: '/host',
    kmsg: 'off',
    config: 'c.json',
    theme: 'light',
    ascii: true,
    color: false,
  })
})

test('--once is one look as text, --json is text too', () => {
  expect(parsed('-1')).toMatchObject({ once: true, json: false })
  expect(parsed('--json')).toMatchObject({ json: true })
  expect(parsed('--once', '--json')).toMatchObject({ once: true, json: true })
})

describe('a wrong word', () => {
  test.each(['0', '0.05', '50ms', '-1', 'abc', '1 s', '1w', '', 'NaN', 'Infinity', '1e3'])(
    '-i %j names the option and what was expected',
    text => {
      expect(said(`--interval=${text}`)).toMatch(/--interval.*expected a time of at least 100ms/s)
    },
  )

  test.each(['0', '-1', '1.5', 'x', ''])('-n %j', text =>
    expect(said(`--iterations=${text}`)).toContain('expected a whole number above 0'),
  )

  test('that is a slip of an option gets a suggestion', () => {
    expect(said('--intervall', '2')).toContain('Did you mean --interval?')
    expect(said('--jsn')).toContain('Did you mean --json?')
    expect(said('--xyzzy')).toContain("unknown option '--xyzzy'")
  })

  test('among few choices names them', () => {
    expect(said('--theme', 'blue')).toMatch(/Allowed choices are dark, light/)
    expect(said('--kmsg', 'maybe')).toMatch(/Allowed choices are on, off/)
  })

  test('where nothing is expected, or missing where something is', () => {
    expect(said('replai')).toContain('there is no command "replai"; did you mean kmemtop replay?')
    expect(said('./a.kmem')).toContain('did you mean kmemtop replay ./a.kmem?')
    expect(said('replay')).toContain("missing required argument 'file'")
    expect(said('--root')).toContain('argument missing')
  })

  test('before the command, where it would not count', () => {
    expect(said('--root', '/host', 'check')).toContain('--root stands before the command; put it behind: kmemtop check')
    expect(said('--json', 'analyze', 'x')).toContain('--json stands before the command')
    expect(parsed('check', '--root', '/host').root).toBe('/host')
  })

  test('is one sentence and a hint, without a stack', () => {
    expect(said('--jsn').split('\n').at(-1)).toBe('Try kmemtop --help.')
    expect(said('--jsn')).not.toContain('error:')
  })
})

test.each([
  [
    ['record', '-o', 'f.kmem', '--rotate', '1h', '--max-size', '2G'],
    { output: 'f.kmem', rotate: 3_600_000, maxSize: 2 ** 31 },
  ],
  [['replay', 'f.kmem', '--frame', '14:05', '--size', '80x24'], { frame: '14:05', size: { columns: 80, rows: 24 } }],
  [['replay', 'f.kmem', '--frame', '-10m'], { frame: '-10m' }],
  [['replay', '--frame', '-1.5h', 'f.kmem', '--size', '80x24'], { frame: '-1.5h' }],
  [['replay', 'f.kmem', '--frame', '--size', '80x24'], { frame: true }],
  [['cut', 'f.kmem', '-o', 'g.kmem', '--alert', '2'], { alert: 2 }],
])('%j is a command of its own', (argv, options) => {
  expect(parseCommandLine(argv, '0')).toMatchObject({
    command: argv[0],
    files: argv[0] === 'record' ? [] : ['f.kmem'],
    options,
  })
})

test('help and the version are printed, and nothing is started', () => {
  const written: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    expect([parsed('--help'), parsed('-V')]).toEqual([undefined, undefined])
  } finally {
    write.mockRestore()
  }
  expect(written.join('')).toMatch(/Usage: kmemtop[\s\S]*--interval[\s\S]*1\.2\.3/)
})
