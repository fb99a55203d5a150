// The config file: what it may say, and what is said of one that is wrong.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAX_CONFIG_BYTES } from '../../src/base/bounds.ts'
import { UserError } from '../../src/base/errors.ts'
import { listConfigPaths, parseConfig, readConfig, resolveThresholds } from '../../src/cli/config.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const parsed = (value: unknown): ReturnType<typeof parseConfig> => parseConfig(JSON.stringify(value), 'c.json')
const said = (value: unknown): string => {
  try {
    parsed(value)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error('it was taken')
}

test('everything is optional, and everything that exists is taken', () => {
  expect(parsed({})).toEqual({})
  const all = {
    interval: 2,
    theme: 'light',
    ascii: true,
    detectors: { 'oom-kill': { markedMinutes: 5 }, 'slab-growth': { warningLevel: 0.2 } },
  }
  expect(parsed(all)).toEqual(all)
})

test('thresholds are the defaults but for what the file changes', () => {
  expect(resolveThresholds({})).toEqual(defaultThresholds)
  const changed = resolveThresholds(parsed({ detectors: { 'slab-growth': { warningLevel: 0.2 } } }))
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
  expect(resolveThresholds(parsed({ detectors: doubled }))).toEqual(doubled)
})

describe('a wrong key', () => {
  test.each([
    [{ intervall: 2 }, 'there is no key intervall; did you mean interval?'],
    [{ detectors: { 'oom-kil': {} } }, 'there is no key detectors.oom-kil; did you mean detectors.oom-kill?'],
    [
      { detectors: { 'slab-growth': { warnLevel: 1 } } },
      'there is no key detectors.slab-growth.warnLevel; did you mean detectors.slab-growth.warningLevel?',
    ],
  ])('%j names the nearest right one', (value, message) => expect(said(value)).toBe(`c.json: ${message}`))
})

describe('a wrong value', () => {
  test.each([
    [{ interval: '2s' }, 'interval: expected number, came "2s"'],
    [{ interval: 0.01 }, 'interval: expected >=0.1, came 0.01'],
    [{ ascii: 'yes' }, 'ascii: expected boolean, came "yes"'],
    [{ theme: 'blue' }, 'theme: expected ("dark" | "light"), came "blue"'],
    [{ detectors: { 'oom-kill': { markedMinutes: -1 } } }, 'detectors.oom-kill.markedMinutes: expected >=0, came -1'],
    [{ detectors: [] }, 'detectors: expected Object, came Array'],
    [[], 'the file: expected Object, came Array'],
    [null, 'the file: expected Object, came null'],
    [5, 'the file: expected Object, came 5'],
  ])('%j says where and what was expected', (value, message) => expect(said(value)).toBe(`c.json: ${message}`))

  test('several are all told', () => expect(said({ interval: 'x', ascii: 1 })).toMatch(/interval: .*; ascii: /))
})

test('a file that is not JSON says so', () => {
  for (const text of ['', '{', '{"interval": 2,}', 'interval = 2'])
    expect(() => parseConfig(text, 'c.json')).toThrow(/^c\.json is not JSON: /)
})

describe('where the file is', () => {
  function directory(): string {
    const path = createTemporaryFolder()
    return path
  }

  test('is where it was named, else the user’s own, else the node’s', () => {
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

  test('none is an empty config, unless it was named', () => {
    const missing = join(directory(), 'none.json')
    expect(readConfig([missing], false)).toEqual({ config: {}, path: undefined })
    expect(() => readConfig([missing], true)).toThrow(`cannot read the config file ${missing}: ENOENT`)
  })

  test('a wrong one is an error, not passed over', () => {
    const path = join(directory(), 'c.json')
    writeFileSync(path, '{"intervall": 3}')
    expect(() => readConfig([path], false)).toThrow(UserError)
  })

  test('one that is there but cannot be read is an error, not passed over', () => {
    expect(() => readConfig([directory()], false)).toThrow(/cannot read the config file/)
  })

  test('a FIFO, a device and a file that is too large are refused and not waited for', () => {
    const [fifo, large] = [join(directory(), 'fifo'), join(directory(), 'large')]
    execFileSync('mkfifo', [fifo])
    writeFileSync(large, Buffer.alloc(2 * MAX_CONFIG_BYTES, ' '))
    for (const path of [fifo, '/dev/zero'])
      expect(() => readConfig([path], true)).toThrow(`cannot read the config file ${path}: it is no regular file`)
    expect(() => readConfig([large], true)).toThrow('it is larger than 1024 KiB')
  })
})
