// The command line: every command and option, and the errors for wrong words.
import { describe, expect, test, vi } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { type LiveOptions, liveCommand } from '../../src/cli/commands/live.ts'
import { shortenWords } from '../../src/cli/run-command-line.ts'

const parseOptions = (...argv: readonly string[]): LiveOptions =>
  parseCommandLine(argv, '1.2.3')?.options as LiveOptions
const getError = (...argv: readonly string[]): string => {
  try {
    parseOptions(...argv)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

test('without words it is the live screen of this node', () => {
  expect(parseOptions()).toEqual({
    batch: false,
    once: false,
    json: false,
    root: '/',
    kmsg: 'on',
    ascii: false,
    color: true,
    mouse: true,
    title: true,
    remember: true,
  })
})

test.each([
  ['rec', 'rec/'],
  ['rec/', 'rec/'],
  ['a.kmem', 'a.kmem'],
])('agent -o %s is a directory, made or not', (path, output) =>
  expect(parseOptions('agent', '-o', path)).toMatchObject({ output }),
)

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
  expect(parseOptions('-i', text).interval).toBe(interval)
  expect(parseOptions(`--interval=${text}`).interval).toBe(interval)
})

test('every live option is accepted, short and long', () => {
  expect(
    parseOptions(
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
      '--no-mouse',
      '--no-title',
      '--no-remember',
      '--bell',
      '--notify',
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
    mouse: false,
    title: false,
    remember: false,
    bell: true,
    notify: true,
  })
})

test('--once and --json are options of their own and combine', () => {
  expect(parseOptions('-1')).toMatchObject({ once: true, json: false })
  expect(parseOptions('--json')).toMatchObject({ json: true })
  expect(parseOptions('--once', '--json')).toMatchObject({ once: true, json: true })
})

describe('the error for a wrong word', () => {
  test.each(['0', '0.05', '50ms', '-1', 'abc', '1 s', '1w', '', 'NaN', 'Infinity', '1e3'])(
    '-i %j names the option and what was expected',
    text => {
      expect(getError(`--interval=${text}`)).toMatch(/--interval.*expected a duration of at least 100ms/s)
    },
  )

  test.each(['0', '-1', '1.5', 'x', ''])('-n %j says what was expected', text =>
    expect(getError(`--iterations=${text}`)).toContain('expected a whole number above 0'),
  )

  test.each(['X-Scope-OrgID', ': shop', 'a b: c', 'X: ', 'X: a\r\nY: b', 'X: é'])(
    'fleet --header %j says what was expected',
    text =>
      expect(getError('fleet', '--prometheus', 'http://a', '--header', text)).toContain('expected a name and a value'),
  )

  test('suggests the option that was meant', () => {
    expect(getError('--intervall', '2')).toContain('Did you mean --interval?')
    expect(getError('--jsn')).toContain('Did you mean --json?')
    expect(getError('--xyzzy')).toContain("unknown option '--xyzzy'")
  })

  test('names the choices of an option', () => {
    expect(getError('--theme', 'blue')).toMatch(/Allowed choices are dark, light/)
    expect(getError('--kmsg', 'maybe')).toMatch(/Allowed choices are on, off/)
  })

  test('suggests a command, and names a missing argument', () => {
    expect(getError('replai')).toContain('unknown command "replai"; did you mean kmemtop replay?')
    expect(getError('./a.kmem')).toContain('did you mean kmemtop replay ./a.kmem?')
    expect(getError('kubernetes')).not.toContain('did you mean') // nothing is near
    expect(getError('replay')).toContain("missing required argument 'file'")
    expect(getError('--root')).toContain('argument missing')
  })

  test.each([
    [['run', '--json', '--', 'true'], "option '--json <file>' needs a value, not --"],
    [['record', '-o', '--rotate', '6h'], "option '-o, --output <file>' needs a value, not --rotate"],
    [['-w', '-b'], "option '-w, --write <file>' needs a value, not -b"],
  ])('does not take the next option for a value: %j', (words, text) => {
    expect(getError(...words)).toContain(text)
  })

  // each option that takes a value, with the first command that has it
  const valued = [liveCommand, ...commands].flatMap((definition, i, all) =>
    definition.options
      .filter(({ required, optional }) => required || optional)
      .filter(option => !all.slice(0, i).some(({ options }) => options.includes(option)))
      .map(option => ({ definition, option })),
  )
  const parseWith = ({ definition, option }: (typeof valued)[number], value: string): unknown => {
    const mandatory = definition.options.filter(other => other.mandatory && other !== option)
    const words = mandatory.flatMap(({ long }) => [long!, 'b.kmem'])
    const files = definition.files?.startsWith('<') ? ['a.kmem'] : []
    const argv = [
      ...(definition === liveCommand ? [] : [definition.name]),
      ...words,
      `${option.long}=${value}`,
      ...files,
    ]
    const options = parseCommandLine(argv, '0')!.options as Record<string, unknown>
    return options[option.attributeName()]
  }

  test('an empty value is refused by every option, with its name', () => {
    expect(valued.length).toBeGreaterThan(50)
    for (const one of valued) {
      const refuse = (): unknown => parseWith(one, '')
      expect(refuse, one.option.flags).toThrow(UserError)
      expect(refuse).toThrow(one.option.long!)
    }
  })

  const NUMBERS = ['1e309', 'NaN', 'Infinity', '9'.repeat(16), `${'9'.repeat(300)}T`, '36501d', '١٢']

  test.each(NUMBERS)('no option takes %s for a number', text => {
    for (const one of valued) {
      const value = acceptOrRefuse(() => parseWith(one, text))
      if (typeof value === 'number') expect.unreachable(`${one.option.flags} took ${text} for ${value}`)
    }
  })

  test('says that an option before the command belongs after it', () => {
    expect(getError('--root', '/host', 'check')).toContain('--root is before the command; put it after: kmemtop check')
    expect(getError('--json', 'analyze', 'x')).toContain('--json is before the command')
    expect(parseOptions('check', '--root', '/host').root).toBe('/host')
  })

  test('is one sentence and a hint, without a stack', () => {
    expect(getError('--jsn').split('\n').at(-1)).toBe('Try kmemtop --help.')
    expect(getError('--jsn')).not.toContain('error:')
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
])('%j gives the command its files and options', (argv, options) => {
  expect(parseCommandLine(argv, '0')).toMatchObject({
    command: { name: argv[0] },
    files: argv[0] === 'record' ? [] : ['f.kmem'],
    options,
  })
})

test('an error repeats long words shortened', () => {
  const value = 'x'.repeat(100_000)
  const text = shortenWords(getError(`--interval=${value}`), [`--interval=${value}`])
  expect(text).toMatch(/^option '-i, --interval <time>' argument 'x{200}…' is invalid. expected a duration/)
})

test('help and the version are printed, and no command is chosen', () => {
  const written: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    expect([parseOptions('--help'), parseOptions('-V')]).toEqual([undefined, undefined])
  } finally {
    write.mockRestore()
  }
  expect(written.join('')).toMatch(/Usage: kmemtop[\s\S]*--interval[\s\S]*1\.2\.3/)
})

describe('every command', () => {
  const sampleFiles = (files = ''): readonly string[] => (files.startsWith('<') ? ['a.kmem'] : [])
  const mandatoryWords = (name: string): readonly string[] => {
    const options = commands.find(command => command.name === name)!.options
    return options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long!, 'b.kmem'])
  }

  test('of the table is reached by its name, with its own options', () => {
    for (const command of commands) {
      const argv = [command.name, ...sampleFiles(command.files), ...mandatoryWords(command.name)]
      expect(parseCommandLine(argv, '0')?.command).toBe(command)
    }
    expect(parseCommandLine([], '0')?.command).toBe(liveCommand)
  })

  test('is in --help with its description, and its own --help lists every option', () => {
    const help = printHelp('--help').replace(/\s+/g, ' ')
    for (const { name, description, options } of commands) {
      expect(help).toContain(`${name} `)
      expect(help).toContain(description)
      const own = printHelp(name, '--help')
      for (const { flags } of options) expect(own).toContain(flags)
    }
  })

  test('has a name and a name for each option that no other has', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length)
    for (const { options } of [liveCommand, ...commands])
      expect(new Set(options.map(({ long }) => long)).size).toBe(options.length)
  })
})

// The value, or undefined where it is refused as the user's mistake.
function acceptOrRefuse(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return undefined
  }
}

function printHelp(...argv: readonly string[]): string {
  const written: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    parseCommandLine(argv, '0')
  } finally {
    write.mockRestore()
  }
  return written.join('')
}
