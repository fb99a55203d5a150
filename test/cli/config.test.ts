// The config file: its settings, and the errors for a wrong one.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAX_CONFIG_BYTES } from '../../src/base/bounds.ts'
import { UserError } from '../../src/base/errors.ts'
import { listConfigPaths, parseConfig, readConfig, resolveThresholds } from '../../src/cli/config.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { themeNames } from '../../src/widgets/themes.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const parseValue = (value: unknown): ReturnType<typeof parseConfig> => parseConfig(JSON.stringify(value), 'c.json')
const getError = (value: unknown): string => {
  try {
    parseValue(value)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

test('every setting is optional, and every one that exists is accepted', () => {
  expect(parseValue({})).toEqual({})
  const all = {
    interval: 2,
    theme: 'light',
    ascii: true,
    detectors: { 'oom-kill': { markedMinutes: 5 }, 'slab-growth': { warningLevel: 0.2 } },
  }
  expect(parseValue(all)).toEqual(all)
})

test('thresholds are the defaults but for what the file changes', () => {
  expect(resolveThresholds({})).toEqual(defaultThresholds)
  const changed = resolveThresholds(parseValue({ detectors: { 'slab-growth': { warningLevel: 0.2 } } }))
  expect(changed).toEqual({
    ...defaultThresholds,
    'slab-growth': { ...defaultThresholds['slab-growth'], warningLevel: 0.2 },
  })
})

test('every threshold of every detector can be set', () => {
  const doubled = Object.fromEntries(
    Object.entries(defaultThresholds).map(([id, values]) => [
      id,
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * 2])),
    ]),
  )
  expect(resolveThresholds(parseValue({ detectors: doubled }))).toEqual(doubled)
})

test('a byte order mark before the settings is skipped', () =>
  expect(parseConfig('\ufeff{"interval":2}', 'c.json')).toEqual({ interval: 2 }))

test.each([
  ['{"interval":1e400}', /^c.json: interval: expected <=86400, got Infinity$/],
  ['{"interval":86401}', /^c.json: interval: expected <=86400, got 86401$/],
  ['{"detectors":{"oom-kill":{"markedMinutes":1e400}}}', /markedMinutes: expected .*, got Infinity$/],
  ['{"recordings":""}', /^c.json: recordings: expected a text, got an empty one$/],
])('%s is no number that can be used', (text, message) => expect(() => parseConfig(text, 'c.json')).toThrow(message))

test('the former name of a threshold is still accepted', () => {
  const { 'pinned-cache': pinned } = resolveThresholds(parseValue({ detectors: { 'pinned-cache': { told: 0.4 } } }))
  expect(pinned).toEqual({ ...defaultThresholds['pinned-cache'], share: 0.4 })
})

describe('the error for an unknown key', () => {
  test.each([
    [{ intervall: 2 }, 'unknown key intervall; did you mean interval?'],
    [{ detectors: { 'oom-kil': {} } }, 'unknown key detectors.oom-kil; did you mean detectors.oom-kill?'],
    [
      { detectors: { 'slab-growth': { warnLevel: 1 } } },
      'unknown key detectors.slab-growth.warnLevel; did you mean detectors.slab-growth.warningLevel?',
    ],
  ])('%j names the nearest known one', (value, message) => expect(getError(value)).toBe(`c.json: ${message}`))
})

describe('the error for a wrong value', () => {
  test.each([
    [{ interval: '2s' }, 'interval: expected number, got "2s"'],
    [{ interval: 0.01 }, 'interval: expected >=0.1, got 0.01'],
    [{ ascii: 'yes' }, 'ascii: expected boolean, got "yes"'],
    [{ theme: 'blue' }, `theme: expected (${themeNames.map(name => `"${name}"`).join(' | ')}), got "blue"`],
    [{ detectors: { 'oom-kill': { markedMinutes: -1 } } }, 'detectors.oom-kill.markedMinutes: expected >=0, got -1'],
    [{ detectors: [] }, 'detectors: expected Object, got Array'],
    [[], 'the file: expected Object, got Array'],
    [null, 'the file: expected Object, got null'],
    [5, 'the file: expected Object, got 5'],
  ])('%j says where and what was expected', (value, message) => expect(getError(value)).toBe(`c.json: ${message}`))

  test('lists all wrong values', () => expect(getError({ interval: 'x', ascii: 1 })).toMatch(/interval: .*; ascii: /))
})

test('a file that is not JSON gets an error that says so', () => {
  for (const text of ['', '{', '{"interval": 2,}', 'interval = 2'])
    expect(() => parseConfig(text, 'c.json')).toThrow(/^c\.json is not valid JSON: /)
})

describe('the path of the file', () => {
  function directory(): string {
    const path = createTemporaryFolder()
    return path
  }

  test('is the one that was named, else the user’s, else the node’s', () => {
    expect(listConfigPaths('x.json', {})).toEqual(['x.json'])
    expect(listConfigPaths(undefined, { XDG_CONFIG_HOME: '/conf' })).toEqual([
      '/conf/kmemtop/config.json',
      '/etc/kmemtop/config.json',
    ])
    expect(listConfigPaths(undefined, { XDG_CONFIG_HOME: '' })[0]).toMatch(/\/\.config\/kmemtop\/config\.json$/)
  })

  test('the first that exists is read', () => {
    const path = directory()
    const [a, b] = [join(path, 'a'), join(path, 'b')]
    writeFileSync(b, '{"interval": 3}')
    expect(readConfig([a, b], false)).toEqual({ config: { interval: 3 }, path: b })
    writeFileSync(a, '{"interval": 4}')
    expect(readConfig([a, b], false)).toEqual({ config: { interval: 4 }, path: a })
  })

  test('a missing file is an empty config, unless it was named', () => {
    const missing = join(directory(), 'none.json')
    expect(readConfig([missing], false)).toEqual({ config: {}, path: undefined })
    expect(() => readConfig([missing], true)).toThrow(`cannot read the config file ${missing}: ENOENT`)
  })

  test('an invalid file is an error, not skipped', () => {
    const path = join(directory(), 'c.json')
    writeFileSync(path, '{"intervall": 3}')
    expect(() => readConfig([path], false)).toThrow(UserError)
  })

  test('an unreadable file is an error, not skipped', () => {
    expect(() => readConfig([directory()], false)).toThrow(/cannot read the config file/)
  })

  test('a FIFO, a device and a file that is too large are refused and not waited for', () => {
    const [fifo, large] = [join(directory(), 'fifo'), join(directory(), 'large')]
    execFileSync('mkfifo', [fifo])
    writeFileSync(large, Buffer.alloc(2 * MAX_CONFIG_BYTES, ' '))
    for (const path of [fifo, '/dev/zero'])
      expect(() => readConfig([path], true)).toThrow(`cannot read the config file ${path}: it is no regular file`)
    expect(() => readConfig([large], true)).toThrow('it is larger than 1.00 MiB')
  })
})
