// The script that samples without a connection, in every shell of this machine, and what is read of its file.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { appendReading, createHistory, type History } from '../../../src/history.ts'
import { collectorScript } from '../../../src/sampling/via/file-script.ts'
import { parseNodeFile } from '../../../src/sampling/via/node-file.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { shells } from './shells.ts'

const script = join(createTemporaryFolder(), 'c.sh')
writeFileSync(script, collectorScript)

const runScript = (shell: string, ...args: readonly string[]) => runInto('pipe', shell, args)

const runInto = (stdout: 'pipe' | number, shell: string, args: readonly string[]) =>
  spawnSync('/bin/sh', ['-c', `exec ${shell} "$@"`, 'sh', script, ...args], {
    stdio: ['ignore', stdout, 'pipe'],
    encoding: 'latin1',
    timeout: 60_000,
    maxBuffer: 2 ** 28,
  })

function replay(text: string): History {
  const { session, readings } = parseNodeFile(text)!
  const times = readings.map(({ time }) => time)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  return readings.reduce(appendReading, createHistory(session))
}

describe.each(shells)('in %s', shell => {
  test('two samples hold what this machine says, and the kernel log', () => {
    const { stdout, status, stderr } = runScript(shell, '--for', '1s', '--every', '1s')
    expect(status, stderr).toBe(0)
    const history = replay(stdout)
    const readText = (path: string): string => readFileSync(path, 'utf8')
    expect(history.session).toMatchObject({
      host: readText('/proc/sys/kernel/hostname').trim(),
      kernel: readText('/proc/sys/kernel/osrelease').trim(),
      bootId: readText('/proc/sys/kernel/random/boot_id').trim(),
    })
    const total = Number(/MemTotal: +(\d+)/.exec(readText('/proc/meminfo'))![1]) * 1024
    expect(history.meminfo.values.get('MemTotal')).toBe(total)
    expect(history.time).toBeGreaterThan(900)
    // what a local run reads of these sources too
    const isThere = (path: string): boolean => existsSync(path) && readText(path) !== ''
    expect(history.sockstat.tcpLimit === null).toBe(!isThere('/proc/sys/net/ipv4/tcp_mem'))
    expect(history.zoneinfo.zones.length).toBeGreaterThan(0)
    expect(history.hugepages.pools.length > 0).toBe(existsSync('/sys/kernel/mm/hugepages'))
    expect(history.numa.nodes.length > 0).toBe(existsSync('/sys/devices/system/node/node0'))
    expect(history.sources.swap?.error).toBeUndefined()
    expect(history.cgroups.cgroups.size).toBeGreaterThan(0)
    const problems = Object.entries(history.sources).filter(([, source]) => source.parseError !== undefined)
    expect(problems).toEqual([])
  })

  test('wrong words are errors, and --help is help', () => {
    expect(runScript(shell, '--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: sh c\.sh/) })
    expect(runScript(shell, '--for', '0s')).toMatchObject({
      status: 2,
      stderr: 'kmemtop collector: --for 0s: expected more than 0\n',
    })
    expect(runScript(shell, '--for', '1x').stderr).toBe(
      'kmemtop collector: --for 1x: expected a time like 90s, 10m or 2h\n',
    )
    expect(runScript(shell, '--for').stderr).toBe('kmemtop collector: --for needs a time\n')
    expect(runScript(shell, '--fro', '1s').stderr).toBe('kmemtop collector: unknown option --fro; try --help\n')
  })

  test('a full disk ends it with a reason, after times with a zero before them', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = runInto(full, shell, ['--for', '08s', '--every', '09s'])
    closeSync(full)
    expect(status).toBe(2)
    // ksh93 puts its own unwritten text before it
    expect(stderr).toMatch(
      /kmemtop collector: cannot write its output \(whole samples so far: 0\): is the disk full\?\n$/,
    )
  })
})

const HELLO =
  'kmemtop-collector 1 file head=head|stat=stat|ls=ls|find=find|cat=cat|uptime=100.00|wall=1700000000|pid=1\n'
const MOUNTS = '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'

const buildSample = (number: number, uptime: number, free: number, directories: readonly string[]): string => {
  const files: Readonly<Record<string, string>> = {
    '/proc/uptime': `${uptime} 1\n`,
    '/proc/meminfo': `MemTotal: 100 kB\nMemFree: ${free} kB\n`,
    '/proc/self/mountinfo': MOUNTS,
    '/sys/fs/cgroup/cgroup.controllers': 'memory\n',
    ...Object.fromEntries(directories.map(name => [`/sys/fs/cgroup/${name}/memory.current`, '4096\n'])),
  }
  const texts = Object.entries(files).map(([path, text]) => `==> ${path} <==\n${text}`)
  const tree = ['1 3 /sys/fs/cgroup', ...directories.map((name, i) => `${i + 2} 2 /sys/fs/cgroup/${name}`)]
  return `B ${number}\n${texts.join('\n')}\nE ${number} 0\nT ${number} /sys/fs/cgroup\n${tree.join('\n')}\n\nE ${number} 0\n`
}

describe('a file', () => {
  const text =
    HELLO +
    buildSample(1, 100, 50, ['a', 'two words']) +
    'K 1\n6,1,99000000,-;one\n6,2,101500000,-;two\n\nE 1 0\n' +
    buildSample(2, 110, 40, ['a'])

  test('has the times of the node, what came and went, and the log in its place', () => {
    const history = replay(text)
    expect(history.session).toMatchObject({ wallClock: 1_700_000_000_000, monotonic: 100_000, interval: 10_000 })
    expect(history.meminfo.values.get('MemFree')).toBe(40 * 1024)
    expect([...history.cgroups.cgroups.keys()]).toEqual(['/', '/a'])
    expect(history.cgroups.removed).toBe(1)
    expect(history.kmsg.records.map(({ text, time }) => [text, time])).toEqual([
      ['one', -1000],
      ['two', 1500],
    ])
  })

  test('cut anywhere gives the samples before the cut, and no other number', () => {
    for (let length = HELLO.length; length <= text.length; length += 7) {
      const parsed = parseNodeFile(text.slice(0, length))
      const free = parsed?.readings.flatMap(
        ({ files }) => /MemFree: (\d+) kB\n/.exec(files['/proc/meminfo'] ?? '')?.[1] ?? [],
      )
      expect(['50', '50,40', '', 'undefined']).toContain(String(free))
    }
  })

  test('with the line ends of Windows says the same', () => {
    expect(parseNodeFile(text.replaceAll('\n', '\r\n'))).toEqual(parseNodeFile(text))
  })

  describe('of two runs', () => {
    const boot = (id: string): string => `==> /proc/sys/kernel/random/boot_id <==\n${id}\n`
    const run = (id: string, uptime: number, free: number): string =>
      HELLO.replace('100.00', `${uptime}.00`) +
      buildSample(1, uptime, free, ['a']).replace('==> /proc/meminfo', `${boot(id)}==> /proc/meminfo`)

    test('has the samples of both, also where the first was cut', () => {
      for (const cut of [0, 40]) {
        const both = text.slice(0, text.length - cut).replace('==> /proc/meminfo', `${boot('b1')}==> /proc/meminfo`)
        const history = replay(`${both}\n${run('b1', 130, 30)}`)
        expect(history.time).toBe(30_000)
        expect(history.meminfo.values.get('MemFree')).toBe(30 * 1024)
      }
    })

    test('of two boots is an error', () => {
      expect(() => parseNodeFile(run('b1', 100, 50) + run('b2', 20, 40))).toThrow(/several boots/)
    })
  })

  test('that is none, or empty, is undefined', () => {
    expect(parseNodeFile('')).toBeUndefined()
    expect(parseNodeFile('kmemtop-collector 2 file x\n')).toBeUndefined()
    expect(parseNodeFile(HELLO)).toBeUndefined()
    expect(parseNodeFile(`${HELLO}B 1\n==> /proc/mem`)).toBeUndefined()
  })
})
