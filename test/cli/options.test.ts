// The command line: every word that can stand there, and what is said of wrong ones.
import { describe, expect, test, vi } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { type Options, parseOptions } from '../../src/cli/options.ts'

const parsed = (...argv: readonly string[]): Options => parseOptions(argv, '1.2.3')!
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
  expect(parsed()).toEqual({ batch: false, json: false, root: '/', kmsg: true, ascii: false, color: true })
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
    json: false,
    iterations: 3,
    root: '/host',
    kmsg: false,
    config: 'c.json',
    theme: 'light',
    ascii: true,
    color: false,
  })
})

test('--once is one look as text, --json is text too', () => {
  expect(parsed('-1')).toMatchObject({ iterations: 1, batch: true, json: false })
  expect(parsed('--json')).toMatchObject({ batch: true, json: true })
  expect(parsed('--once', '--json')).toMatchObject({ iterations: 1, json: true })
})

describe('a wrong word', () => {
  test.each(['0', '0.05', '50ms', '-1', 'abc', '1 s', '1d', '', 'NaN', 'Infinity', '1e3'])(
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
    expect(said('leftover')).toContain('too many arguments')
    expect(said('--root')).toContain('argument missing')
  })

  test('is one sentence and a hint, without a stack', () => {
    expect(said('--jsn').split('\n').at(-1)).toBe('Try kmemtop --help.')
    expect(said('--jsn')).not.toContain('error:')
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
