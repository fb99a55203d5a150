// What saved files amount to: kills grouped, boots separated and merged, JSON, all from files as a node leaves them.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { streamJson } from '../../src/base/json.ts'
import { groupKills } from '../../src/postmortem/kill-groups.ts'
import { HostLog } from '../../src/postmortem/logs/host-log.ts'
import { toKernelLine } from '../../src/postmortem/logs/lines/log-line.ts'
import { readSavedFiles } from '../../src/postmortem/logs/read-saved-files.ts'
import { buildPostmortem, type Postmortem } from '../../src/postmortem/postmortem.ts'
import { toPostmortemJson } from '../../src/postmortem/report/json.ts'
import { formatPostmortem } from '../../src/postmortem/report/text.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { getLogPath, readSavedLog } from './logs/log-formats.ts'

const NOW = new Date(2026, 10, 24).getTime()
const folder = createTemporaryFolder()

let made = 0

/** A new folder with these files. */
function node(files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(folder, String(made++))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text, 'latin1')
    utimesSync(join(path, name), NOW / 1000, NOW / 1000)
  }
  return path
}

const story = async (...paths: readonly string[]): Promise<Postmortem> =>
  buildPostmortem(await readSavedFiles(paths, NOW))

const REPORT = readSavedLog('oom-memcg.5.4.dmesg').replace(/^\[[^\]]*\] /gm, '')
const PID = /19289/g

/** The report of a kill as syslog writes it, without the kernel's stamps. */
const syslog = (pid: number, stamp: string, host = 'node-7'): string =>
  REPORT.replace(PID, String(pid)).replace(/^(?=.)/gm, `${stamp} ${host} kernel: `)

const pids = ({ evidence: { kills } }: Postmortem): readonly number[] => kills.map(({ kill }) => kill.victim.pid)

test('kills are grouped by cgroup and process: how often, first and last', async () => {
  const other = syslog(400, '2026-11-20T12:30:00+00:00')
    .replaceAll('memcg_process', 'java')
    .replaceAll('/ltp_19257', '/other')
  const path = node({
    messages: [
      syslog(101, '2026-11-20T10:00:00+00:00'),
      syslog(102, '2026-11-20T11:00:00+00:00'),
      other,
      syslog(103, '2026-11-20T13:00:00+00:00'),
    ].join(''),
  })
  const result = await story(path)
  expect(result.groups.map(({ comm, owner, count }) => [comm, owner, count])).toEqual([
    ['memcg_process', '/ltp_19257', 3],
    ['java', '/other', 1],
  ])
  const [group] = result.groups
  expect([group!.first.wall, group!.last.wall]).toEqual(
    ['2026-11-20T10:00:00Z', '2026-11-20T13:00:00Z'].map(Date.parse),
  )
  expect(formatPostmortem(result)).toMatch(
    /OOM kill memcg_process 3 times, until 2026-11-20 .*: limit of \/ltp_19257, 2.00 MiB of/,
  )
})

test('a limit at which many processes died is one diagnosis', async () => {
  const kill = (i: number): string =>
    syslog(100 + i, `2026-11-20T1${i}:00:00+00:00`).replaceAll('memcg_process', `worker-${i}`)
  const { diagnoses } = await story(node({ messages: Array.from({ length: 5 }, (_, i) => kill(i)).join('') }))
  expect(diagnoses.map(({ title }) => title)).toEqual([
    'worker-0, worker-1, worker-2 and 2 more killed 5 times at the limit of 2.00 MiB of /ltp_19257',
  ])
})

test('of several snapshots the one with most cgroups counts for the IDs', async () => {
  const cgroups = (count: number): string => `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t11\t${count}\t1\n`
  const path = node({ 'a/cgroups': cgroups(65_535), 'b/cgroups': cgroups(90) })
  const { facts, diagnoses } = await story(path)
  expect(facts).toMatchObject({ numCgroups: 90, mostCgroups: 65_535 })
  expect(diagnoses.map(({ name }) => name)).toEqual(['memcg-id-exhaustion'])
})

test('JSON: every kill with its location, sizes in bytes, unknown values null', async () => {
  const path = node({ 'dmesg.txt': readSavedLog('oom-memcg.3.10.0-327.dmesg') })
  const json = JSON.parse([...streamJson(toPostmortemJson(await story(path)))].join('')) as Record<string, never[]>
  expect(Object.keys(json)).toEqual(
    expect.arrayContaining(['oomKills', 'events', 'findings', 'missing', 'boots', 'inputs']),
  )
  expect(json.oomKills).toHaveLength(1)
  expect(json.oomKills![0]).toMatchObject({
    time: null,
    source: { file: join(path, 'dmesg.txt') },
    limit: 524288 * 1024,
    memorySwap: { limit: 'max' },
    constraint: null,
    victim: { pid: 28438, comm: 'java', shmemRss: null },
    pod: { podUid: '95387fa4-da9c-11e7-9d36-5254b24cbf5e' },
  })
  expect(json.findings![0]).toMatchObject({ name: 'oom-at-limit' })
  expect(json.inputs).toMatchObject([{ format: 'dmesg', skipped: null }])
})

const without = (...programs: readonly string[]): string | undefined => {
  const missing = programs.filter(program => spawnSync(program, ['--help'], { stdio: 'ignore' }).error !== undefined)
  return missing.length > 0 ? `needs ${missing.join(' and ')}` : undefined
}

describe('packed', () => {
  const text = readSavedLog('oom-memcg.4.19.dmesg')
  const packed = (program: string): Buffer => execFileSync(program, ['-c'], { input: text })

  test.each([
    ['gz', () => gzipSync(text)],
    ['zst', () => zstdCompressSync(text)],
    ['gz twice', () => gzipSync(gzipSync(text))],
  ])('as %s it has the same kill', async (_, pack) => {
    expect(pids(await story(node({ 'no-name': pack() })))).toEqual([62769])
  })

  testUnless(without('xz', 'bzip2'))('xz and bz2', async () => {
    for (const program of ['xz', 'bzip2']) expect(pids(await story(node({ log: packed(program) })))).toEqual([62769])
  })

  test('torn: the part before the damage is reported, and the damage too', async () => {
    const quiet = Array.from({ length: 9000 }, (_, i) => `[${20_000 + i}.000000] line ${Math.sin(i)}\n`).join('')
    const whole = gzipSync(text + quiet)
    const result = await story(node({ 'log.gz': whole.subarray(0, whole.length - 2000) }))
    expect(pids(result)).toEqual([62769])
    expect(result.evidence.inputs[0]!.skipped).toMatch(/^read up to here: /)
  })
})

describe('rotations', () => {
  const lines = syslog(101, '2026-11-20T10:00:00+00:00').split(/(?<=\n)/)
  const files = {
    'var/log/messages': lines.slice(20).join('') + syslog(102, '2026-11-20T12:00:00+00:00'),
    'var/log/messages.1': gzipSync(lines.slice(10, 20).join('')),
    'var/log/messages.2.gz': gzipSync(syslog(100, '2026-11-20T08:00:00+00:00') + lines.slice(0, 10).join('')),
  }

  const expectWhole = (result: Postmortem): void => {
    expect(pids(result)).toEqual([100, 101, 102])
    expect(result.evidence.kills.every(({ kill }) => kill.complete)).toBe(true)
    expect(result.evidence.boots).toHaveLength(1)
  }

  test('in a folder are one log, the oldest first', async () => expectWhole(await story(node(files))))

  testUnless(without('tar'))('in a tarball too, in whatever order they come', async () => {
    const path = node(files)
    const [newest, first, oldest] = Object.keys(files)
    for (const names of [
      [newest, first, oldest],
      [oldest, first, newest],
      [first, oldest, newest],
    ]) {
      execFileSync('tar', ['-czf', join(path, 'sos.tgz'), '-C', path, ...(names as string[])])
      const result = await story(join(path, 'sos.tgz'))
      expectWhole(result)
      expect(result.evidence.inputs).toHaveLength(3)
    }
  })
})

testUnless(without('tar'))('a report of the system as a tarball: log, kernel files, and what is neither', async () => {
  const path = node({ sos: '', 'notes.txt': 'call me back', empty: '' })
  const leak = getLogPath('el7-leak')
  execFileSync('tar', ['-cf', join(path, 'sos'), '-C', leak, '.', '-C', path, 'notes.txt'])
  const result = await story(join(path, 'sos'))
  expect(result.diagnoses[0]).toMatchObject({ name: 'kmem-accounting-leak' })
  expect(result.diagnoses[0]!.title).toContain('3.10.0-693.el7')
  const unused = result.evidence.inputs.filter(({ format }) => format === null)
  expect(unused.map(({ file, skipped }) => [file.split(':')[1], skipped])).toEqual([
    ['notes.txt', 'no log and no text of the kernel that is known'],
  ])
})

describe('boots', () => {
  const boot = (kernel: string, from: number, pid: number): string =>
    [`[    0.000000] Linux version ${kernel} (gcc) #1`, ...REPORT.replace(PID, String(pid)).trimEnd().split('\n')]
      .map((text, i) => (i === 0 ? text : `[${(from + i / 1000).toFixed(6).padStart(12)}] ${text}`))
      .join('\n')
      .concat('\n')

  test('two in one file are distinguished, by the kernel and by its clock', async () => {
    const log = boot('5.4.18', 9000, 101) + boot('5.4.20', 300, 101)
    const result = await story(
      node({ log, clock: log.replaceAll(/^.*Linux version.*\n/gm, '').replaceAll('101', '102') }),
    )
    expect(result.evidence.boots.map(({ kernel }) => kernel)).toEqual(expect.arrayContaining(['5.4.18', '5.4.20']))
    expect(pids(result).toSorted()).toEqual([101, 101, 102, 102])
    expect(new Set(result.evidence.kills.map(({ location: place }) => place.boot)).size).toBe(4)
  })

  test('two logs of one boot are one, of two nodes two', async () => {
    const one = syslog(101, '2026-11-20T10:00:00+00:00')
    expect((await story(node({ a: one, b: one }))).evidence).toMatchObject({
      boots: { length: 1 },
      kills: { length: 1 },
    })
    expect((await story(node({ a: one + one }))).evidence).toMatchObject({ boots: { length: 1 }, kills: { length: 1 } })
    const other = syslog(500, '2026-11-20T10:00:00+00:00', 'node-8')
    expect((await story(node({ a: one, b: other }))).evidence).toMatchObject({
      boots: { length: 2 },
      kills: { length: 2 },
    })
  })

  test('parts of a crash record and the console beside them: one report, in order of time', async () => {
    const lines = readSavedLog('oom-memcg.5.4.dmesg').split(/(?<=\n)/)
    const result = await story(
      node({
        'console-ramoops-0': lines.join(''),
        'dmesg-ramoops-0': `Panic#2 Part1\n${lines.slice(12).join('')}`,
        'dmesg-ramoops-1': `Panic#2 Part2\n${lines.slice(0, 12).join('')}`,
      }),
    )
    expect(pids(result)).toEqual([19289])
    expect(result.evidence.boots).toHaveLength(1)
    expect(result.evidence.events).toEqual([])
  })

  test('two files that each have a part of one report: one kill, in one boot', async () => {
    const lines = readSavedLog('oom-memcg.5.4.dmesg').split(/(?<=\n)/)
    const parts = [lines.slice(0, 20).join(''), lines.slice(12).join('')]
    for (const [a, b] of [parts, parts.toReversed()]) {
      const result = await story(node({ a: a!, b: b! }))
      expect(pids(result)).toEqual([19289])
      expect(result.evidence.boots).toHaveLength(1)
      expect(result.evidence.events).toEqual([])
    }
  })
})

test('December comes before January in stamps without a year', async () => {
  const log = syslog(101, 'Dec 31 23:59:58') + syslog(102, 'Jan  1 00:00:02')
  const { kills } = (await story(node({ messages: log }))).evidence
  expect(kills.map(({ kill, location: place }) => [kill.victim.pid, place.wall])).toEqual([
    [101, new Date(2025, 11, 31, 23, 59, 58).getTime()],
    [102, new Date(2026, 0, 1, 0, 0, 2).getTime()],
  ])
})

test('lines of a megabyte, junk and NULs around a report do not hide it', async () => {
  const junk = Buffer.from(Uint32Array.from({ length: 50_000 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer)
  const text = readSavedLog('oom-memcg.4.14.dmesg')
  const long = `[   10.000000] ${'x'.repeat(3 << 20)}\n`
  const parts = [
    Buffer.from(long),
    junk,
    Buffer.from(`\n\0\0\0${text.replaceAll('\n', '\r\n')}`),
    junk,
    Buffer.from(long),
  ]
  expect(pids(await story(node({ log: Buffer.concat(parts) })))).toEqual(
    pids(await story(getLogPath('oom-memcg.4.14.dmesg'))),
  )
})

test('what cannot be used is listed with the reason', async () => {
  const path = node({
    empty: '',
    photo: Buffer.alloc(5000, 1),
    text: 'hello\n',
    journal: 'LPKSHHRH\0\0',
    kmem: '{"kmemtop":1}\n',
  })
  const { inputs } = (await story(path)).evidence
  const reasons = Object.fromEntries(inputs.map(({ file, skipped }) => [file.slice(path.length + 1), skipped]))
  expect(reasons).toMatchObject({
    empty: 'empty',
    photo: 'binary data',
    journal: expect.stringMatching(/journalctl --file/),
    kmem: expect.stringMatching(/kmemtop check FILE/),
  })
  expect(inputs.every(({ format }) => format === null)).toBe(true)
})

test('marks of a journal begin a boot of their own; a log that is in a file twice has its kills once', async () => {
  const dmesg = REPORT.replace(/^(?=.)/gm, '[  500.000001] ')
  const first = syslog(101, 'Nov 20 10:00:00')
  const [marked, twice] = await Promise.all([
    story(node({ messages: `${first}-- Reboot --\n${syslog(102, 'Nov 21 10:00:00')}` })),
    story(node({ dmesg: dmesg + dmesg })),
  ])
  expect(marked.evidence.kills.map(({ location: place }) => place.boot)).toEqual([0, 1])
  expect([twice.evidence.kills.length, twice.evidence.boots.length]).toEqual([1, 1])
})

test('kills beyond those that are kept in full are counted by name', () => {
  const log = new HostLog({ kills: 9_999, events: 0 })
  for (const [i, comm] of ['java', 'node', 'node', 'java'].entries()) {
    const text = `Out of memory: Killed process ${i + 1} (${comm}) total-vm:1000kB, anon-rss:500kB, file-rss:0kB`
    log.applyMessage(toKernelLine(text, { format: 'dmesg', boot: 100 * i }), { file: 'dmesg', line: i + 1 })
  }
  const contents = log.finish(['dmesg'])
  expect([contents.kills.length, contents.omitted.kills]).toEqual([1, 3])
  const boots = contents.boots.map(boot => ({ ...boot, file: 'dmesg' }))
  expect(groupKills({ ...contents, boots }).map(({ comm, count, last }) => [comm, count, last.line])).toEqual([
    ['java', 2, 4],
    ['node', 2, 3],
  ])
})
