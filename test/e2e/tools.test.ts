// The commands on recordings as a user runs them: on real sessions, on a pipe, on damaged files, and with wrong words.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { PROGRAM } from './program.ts'

const SNAPSHOTS = new URL('../../snapshots/', import.meta.url).pathname
const KILL = `${SNAPSHOTS}v2-pod-limit-oom/session.kmem`
const GROWTH = `${SNAPSHOTS}v1-slab-growth/session.kmem`
const QUIET = `${SNAPSHOTS}v1-quiet/session.kmem`
const place = (name: string): string => join(createTemporaryFolder(), name)

function run(args: readonly string[], input?: Buffer) {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28, ...(input ? { input } : {}) } as const
  return spawnSync(PROGRAM, args, options)
}

function out(...args: readonly string[]): string {
  const { status, stdout, stderr } = run(args)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

const rows = (text: string): readonly string[] => text.trimEnd().split('\n')

test.each([['info'], ['dump'], ['cut', '-o', place('c.kmem')], ['redact', '-o', place('r.kmem')]])(
  '%s accepts thresholds, and names the nearest key for an unknown one',
  (...words) => {
    const { status, stderr } = run([...words, '--set', 'slab-grwth.fastShare=0.5', KILL])
    expect([status, stderr]).toEqual([2, expect.stringContaining('did you mean slab-growth?')])
    expect(run([...words, '--set', 'slab-growth.fastShare=0.5', GROWTH]).status).toBe(0)
  },
)

test('info applies the thresholds of the command line', () => {
  const alerts = (...words: readonly string[]) => JSON.parse(out('info', '--json', ...words, GROWTH)).alerts
  expect(alerts()).toHaveLength(1)
  expect(alerts('--set', 'slab-growth.fastLeast=1000000000', '--set', 'slab-growth.fastMost=1000000000')).toEqual([])
})

describe('info', () => {
  test('prints the session, its sizes and every alert with its number', () => {
    const text = out('info', KILL)
    expect(text).toMatch(/^kernel log +474 records, 0 lost$/m)
    expect(text).toMatch(/^ +1 +[\d:]+ +[\d:]+ +open +critical +OOM KILL {2}java\[230\] \(72\.3 MiB RSS\) killed/m)
    const json = JSON.parse(out('info', KILL, '--json'))
    expect(json).toMatchObject({ looks: 15, gaps: [], damage: [], alerts: [{ number: 1, detector: 'oom-kill' }] })
    expect(Object.keys(json.session)).toContain('bootId')
  })

  test('reads a recording from standard input', () => {
    const { stdout, status } = run(['info', '-'], zstdDecompressSync(readFileSync(KILL)))
    expect(status).toBe(0)
    expect(stdout).toContain('standard input')
  })

  test('prints where a recording is damaged and how far it could be read, and everything else', () => {
    const bytes = readFileSync(GROWTH)
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff
    const file = place('damaged.kmem')
    writeFileSync(file, bytes)
    const { damage, samples, looks } = JSON.parse(out('info', file, '--json'))
    expect(damage[0].text).toMatch(
      /bytes 0 to \d+\) is damaged: read up to 2026-\S+ \(\d+ samples\)|nothing in it could be read/,
    )
    expect(damage[0]).toMatchObject({ offset: 0 })
    expect(samples).toBeLessThan(171)
    expect(looks).toBe(samples)
    writeFileSync(file, readFileSync(GROWTH).subarray(0, 20_000))
    expect(JSON.parse(out('info', file, '--json'))).toMatchObject({ complete: false })
  })
})

test('check gives no verdict for a damaged recording, and the other commands warn on stderr', () => {
  const bytes = readFileSync(QUIET)
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff
  const file = place('half-quiet.kmem')
  writeFileSync(file, bytes)
  expect(run(['check', QUIET]).status).toBe(0)
  const checked = run(['check', file])
  expect(checked.stdout).toMatch(
    /^unknown: the recording is damaged[\s\S]*could not be read:[\s\S]* part 1 of 1 is damaged/,
  )
  expect(checked.status).toBe(2)
  for (const words of [
    ['dump', file, '--fields', 'memory.MemFree'],
    ['diff', file],
    ['replay', file, '--frame'],
    ['cut', file, '-o', place('half-cut.kmem')],
    ['redact', file, '-o', place('half-redacted.kmem')],
  ]) {
    const { status, stderr } = run(words)
    expect([words[0], status, stderr]).toEqual([words[0], 0, expect.stringContaining('damaged recording: ')])
  }
  expect(run(['dump', file, '--fields', 'cgroups./gone.memory']).stderr).toContain('damaged recording: ')
})

test('check -n takes that many samples', () => {
  const begin = performance.now()
  expect(run(['check', '-n', '5', '-i', '500ms', '--kmsg', 'off']).status).not.toBeNull()
  expect(performance.now() - begin).toBeGreaterThan(2000)
})

describe('dump', () => {
  test('ndjson prints one state per sample, or some fields of it', () => {
    const states = rows(out('dump', KILL)).map(line => JSON.parse(line))
    expect(states).toHaveLength(15)
    expect(states.at(-1).oomKills).toHaveLength(1)
    const chosen = rows(out('dump', KILL, '--fields', 'memory.MemFree,cgroups[/kubepods.slice].memory.current')).map(
      line => JSON.parse(line),
    )
    expect(chosen.map(one => one['memory.MemFree'])).toEqual(states.map(one => one.memory.MemFree))
    expect(chosen.at(-1)['cgroups[/kubepods.slice].memory.current']).toBeGreaterThan(0)
  })

  test('csv prints a header and one row per step of the window', () => {
    const lines = rows(out('dump', GROWTH, '--format', 'csv', '--every', '10s', '-B', '+1m', '-E', '+2m'))
    expect(lines[0]).toMatch(/^time,memory\.MemTotal,/)
    const seconds = lines.slice(1).map(line => Date.parse(line.split(',')[0]!) / 1000)
    expect(lines.length).toBeGreaterThan(6)
    for (const [i, time] of seconds.entries()) if (i > 0) expect(Math.round((time - seconds[i - 1]!) / 10)).toBe(1)
    expect(new Set(lines.map(line => line.split(',').length)).size).toBe(1)
  })

  test('openmetrics groups families and metrics, in order of time', () => {
    const text = out('dump', GROWTH, '--format', 'openmetrics')
    expect(text.endsWith('\n# EOF\n')).toBe(true)
    const metrics: string[] = []
    const families: string[] = []
    let last = 0
    for (const line of rows(text).slice(0, -1)) {
      if (line.startsWith('# HELP')) families.push(line.split(' ')[2]!)
      if (line.startsWith('#')) continue
      const [, metric, time] = /^(\S+\{.*\}) \S+ (\d+\.\d{3})$/.exec(line)!
      if (metrics.at(-1) === metric) expect(Number(time)).toBeGreaterThan(last)
      else metrics.push(metric!)
      expect(metric!.startsWith(families.at(-1)!)).toBe(true)
      last = Number(time)
    }
    expect(new Set(metrics).size).toBe(metrics.length)
    expect(new Set(families).size).toBe(families.length)
  })

  test('ends silently when its reader is gone', () => {
    const { stdout, stderr } = spawnSync('sh', ['-c', `'${PROGRAM}' dump '${GROWTH}' | head -n 1`], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    expect(stderr).toBe('')
    expect(rows(stdout)).toHaveLength(1)
  })
})

test('cut saves the time around an alert as a small file that only its owner may read', () => {
  const file = place('cut.kmem')
  const { status, stderr } = run(['cut', GROWTH, '-o', file, '--alert', '1', '--margin', '5s'])
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^kmemtop: cut .* into .*\n$/)])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(file).size).toBeLessThan(statSync(GROWTH).size)
  expect(JSON.parse(out('info', file, '--json'))).toMatchObject({ complete: true, damage: [] })
  expect(run(['cut', GROWTH, '-o', file]).stderr).toMatch(/exists/)
})

test('redact gives the same file for the same key, and without a key a different one each time', () => {
  const [a, b, c] = ['a.kmem', 'b.kmem', 'c.kmem'].map(place)
  for (const [file, key] of [
    [a, ['--key', 'k']],
    [b, ['--key', 'k']],
    [c, []],
  ] as const)
    expect(run(['redact', KILL, '-o', file!, ...key]).status).toBe(0)
  expect(readFileSync(a!).equals(readFileSync(b!))).toBe(true)
  expect(readFileSync(a!).equals(readFileSync(c!))).toBe(false)
  expect(out('replay', a!, '--frame', '--size', '120x40')).toMatch(/OOM KILL +proc-/)
})

test('diff compares the ends of one recording, two recordings, or two windows', () => {
  expect(out('diff', GROWTH, '-E', '+90s')).toMatch(/^slab cache +before +after +change\nshmem_inode_cache /m)
  const two = JSON.parse(out('diff', KILL, GROWTH, '--json'))
  expect(two.unlike).toEqual([expect.stringContaining('different host'), expect.stringContaining('different kernel')])
  const windows = JSON.parse(
    out('diff', GROWTH, '-B', '+0s', '-E', '+20s', '--begin-b', '+60s', '--end-b', '+100s', '--json'),
  )
  const cache = windows.caches.find(({ name }: { name: string }) => name === 'shmem_inode_cache')
  expect(cache.change).toBe(cache.after - cache.before)
  expect(
    windows.rates.every(({ before, after }: { before: unknown; after: unknown }) => before !== null && after !== null),
  ).toBe(true)
})

test.each([
  [['info', '/does/not/exist'], /cannot read/],
  [['info', SNAPSHOTS], /is a directory/],
  [['info', PROGRAM], /is no recording of kmemtop/],
  [['dump', KILL, '--fields', 'memory.SUnreclam'], /did you mean memory\.SUnreclaim\?/],
  [['dump', KILL, '--format', 'csv', '--fields', 'memory'], /a CSV cell holds a single value/],
  [['dump', KILL, '--format', 'openmetrics', '--fields', 'host'], /not a number over time/],
  [['dump', KILL, '-B', '99:99'], /is no time/],
  [['dump', KILL, '-B', '90%', '-E', '10%'], /--begin 90% is after --end 10%/],
  [['cut', KILL, '-o', '/does/not/exist.kmem'], /cannot make/],
  [['cut', KILL, '-o', 'x', '--alert', '2'], /has one alert/],
  [['cut', KILL, '-o', 'x', '--alert', '1', '-B', '+1s'], /--alert sets the window/],
  [['redact', KILL, '-o', KILL], /exists/],
  [['diff', '-', '-'], /- is standard input, which holds one recording/],
])('%j is rejected with one sentence and code 2', (args, sentence) => {
  const { status, stdout, stderr } = run(args)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/^ +at |internal error/m)
  expect([status, stdout]).toEqual([2, ''])
})

test('replay of a saved log shows which parts are not played', () => {
  const boot = '[    0.000000] Linux version 6.1.0 (a@b)\n[    5.100000] eth0: up\n'
  const path = place('dmesg.txt')
  writeFileSync(path, boot)
  expect(out('replay', path, '--frame')).not.toContain('boots')
  writeFileSync(path, `${boot}${boot}`)
  const frame = rows(out('replay', path, '--frame'))
  expect(frame[0]).toMatch(/saved log .* REPLAY /)
  expect(frame.at(-1)).toContain('of 2 boots in this log')
})

describe('analyze', () => {
  const LOGS = new URL('../fixtures/logs/', import.meta.url).pathname

  test('names the leak of 3.10 from the files of the node, and reads standard input', () => {
    const { status, stdout } = run(['analyze', `${LOGS}el7-leak`])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^kernel-memory accounting leak of memory cgroups \(kernel 3\.10\.0-693\.el7\.x86_64\)$/m)
    const piped = run(['analyze', '-', '--json'], readFileSync(`${LOGS}el7-leak/messages`))
    expect(JSON.parse(piped.stdout)).toMatchObject({ inputs: [{ file: 'stdin', format: 'syslog' }], oomKills: [{}] })
  })

  test('ends with code 2 if no input can be used, and with a sentence if a path does not exist', () => {
    const path = place('empty')
    writeFileSync(path, '')
    expect(run(['analyze', path])).toMatchObject({ status: 2, stdout: expect.stringMatching(/not used: empty$/m) })
    expect(run(['analyze', '/nowhere'])).toMatchObject({
      status: 2,
      stderr: 'kmemtop: /nowhere: no such file or folder\n',
    })
  })

  test('reads the others if a path does not exist, and gives no all-clear', () => {
    const healthy = place('healthy')
    writeFileSync(healthy, '[    1.000000] usb 1-1: new device\n')
    expect(run(['analyze', '/nowhere', healthy])).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(
        /^nothing .* in what was read; 1 path could not be read(?:.*\n)*\/nowhere: not used: no such/,
      ),
      stderr: 'kmemtop: /nowhere: no such file or folder\n',
    })
    expect(run(['analyze', `${LOGS}oom-memcg.5.4.dmesg`, '/nowhere']).status).toBe(1)
  })

  test('escape sequences of names and messages never reach the terminal', () => {
    const path = place('log\x1b[2J\n')
    const log = readFileSync(`${LOGS}oom-memcg.5.4.dmesg`, 'latin1')
    writeFileSync(path, log.replaceAll('memcg_process', 'a\x1b]0;x\x07b'), 'latin1')
    const { status, stdout } = run(['analyze', path])
    expect(status).toBe(1)
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
  })
})
