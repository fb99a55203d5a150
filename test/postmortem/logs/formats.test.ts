// Every format that logs are saved in gives the same kills: captures of real kernels, written as the tools write them.
import { describe, expect, test } from 'vitest'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'
import { findKills, parseCapture, readCapture } from '../../collectors/kmsg/captures.ts'
import { pickCases } from '../../full.ts'
import { formatDmesgJson, formatLog, parseLog, WRITERS } from './log-formats.ts'

const CAPTURES = [
  'oom-nested.v1-6.18',
  'oom-oddname.v1-6.18',
  'oom-utf8name.v1-6.18',
  'oom-cgname.v1-6.18',
  'oom-group.v2-6.1',
  'oom-group.v2-6.12',
  'oom-global.v2-6.12',
  'oom-swap.v2-6.12',
]

// names with newlines and blanks, a group that is killed as one, and a kill of the whole node
const FEW = ['oom-utf8name.v1-6.18', 'oom-group.v2-6.1', 'oom-global.v2-6.12']

/** A kill without what depends on its place. */
function placeless({ time, sequence, logLines, ...kill }: OomKill): unknown {
  return kill
}

const truth = (name: string): readonly unknown[] => findKills(parseCapture(name)).map(placeless)
const killsIn = (text: string, piece?: number): readonly unknown[] =>
  parseLog(text, piece).kills.map(({ kill }) => placeless(kill))

describe.each(Object.keys(WRITERS))('as %s writes it', format => {
  // a caller on each line is what the capture did not have; it changes nothing in the kill
  test.each(pickCases(FEW, CAPTURES))('%s has the same kills', name => {
    const text = formatLog(parseCapture(name), format)
    expect(killsIn(text)).toEqual(truth(name))
    expect(killsIn(text, 777)).toEqual(truth(name))
    expect(killsIn(text.replaceAll(/(?<!\r)\n/g, format === 'journal export' ? '\n' : '\r\n'))).toEqual(truth(name))
  })
})

test.each(CAPTURES)('dmesg --json and the raw device: %s', name => {
  expect(killsIn(formatDmesgJson(parseCapture(name)))).toEqual(truth(name))
  expect(killsIn(readCapture(name))).toEqual(truth(name))
})

test('an indented line in a journal is no message of its own', () => {
  const records = parseCapture('oom-utf8name.v1-6.18')
  const lines = formatLog(records, 'journal short-iso').split('\n')
  const began = lines.findIndex(line => line.startsWith(' ') && line.includes('invoked oom-killer'))
  expect(began).toBeGreaterThan(0)
  const quiet = Array.from({ length: 2000 }, () => '2026-11-23T10:00:00+0000 node-7 systemd[1]: Started a unit.')
  const [whole, headless] = [0, 1].map(
    cut => parseLog([...quiet, ...lines.slice(began - 1 + cut)].join('\n')).kills[0]!,
  )
  expect(whole!.kill.invoker!.comm).toContain('\n')
  expect(headless!.kill).toMatchObject({ invoker: null, victim: whole!.kill.victim })
})

test('formats are named', () => {
  const records = parseCapture('oom-nested.v1-6.18')
  for (const format of ['dmesg', 'dmesg -T', 'dmesg -x', 'syslog', 'syslog rfc5424', 'journal json', 'journal export'])
    expect(parseLog(formatLog(records, format)).format).toBe(format)
  expect(parseLog(formatDmesgJson(records)).format).toBe('dmesg json')
  expect(parseLog(readCapture('oom-nested.v1-6.18')).format).toBe('kmsg')
})

test.each([
  ['Memory cgroup out of memory', false],
  ['Out of memory', true],
])('a row of a table of events keeps what it says, as the word of who wrote it: %s', (message, global) => {
  const row = `5m  Warning  OOMKilling  node/node-7  ${message}: Killed process 41 (web) total-vm:4000kB, anon-rss:1600kB`
  const { kills, relayed } = parseLog(`LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n${row}\n`)
  expect(kills).toEqual([])
  expect(relayed).toMatchObject([
    { program: 'node-problem-detector', kill: { global, victim: { pid: 41, comm: 'web' } } },
  ])
})

test.each([0, 3, 12])('a last line cut by a narrow console gives who was killed, and no more (%i)', length => {
  const sizes = ' total-vm:4000kB, anon-rss:1600kB'.slice(0, length)
  const [first] = parseLog(`[ 1.000000] Memory cgroup out of memory: Killed process 41 (web)${sizes}\n`).kills
  expect(first?.kill).toMatchObject({ global: false, complete: false })
  expect(first?.kill.victim).toMatchObject({ pid: 41, comm: 'web', uid: null, totalVm: null, anonRss: null })
})

test('without stamps, too, what a program says of a kill is its word', () => {
  const said = 'app[1]: Memory cgroup out of memory: Killed process 1 (systemd) total-vm:4kB, anon-rss:4kB'
  expect(parseLog(`Linux version 6.1.0 (a@b)\neth0: up\n${said}\n`).kills).toEqual([])
})
