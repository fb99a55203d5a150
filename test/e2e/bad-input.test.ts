// Bad input: a clear message, everything else continues, and nothing from the node reaches the terminal unescaped.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { sampledIds } from '../../src/collectors/index.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { PROGRAM, runProgram } from './program.ts'
import { makeNode, makeTree, type NodeFixture } from './tree.ts'

function runOnce(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(PROGRAM, args, { encoding: 'utf8', env: createTerminalEnv() })
}

async function inTree(tree: NodeFixture, run: (tree: NodeFixture) => void | Promise<void>): Promise<void> {
  try {
    await run(tree)
  } finally {
    tree.remove()
  }
}

test.each([
  [['--intervall', '1s'], /unknown option '--intervall'[\s\S]*--interval/],
  [['-i', 'soon'], /'-i, --interval <time>' argument 'soon' is invalid\. expected a duration/],
  [['-n', '0'], /whole number above 0/],
  [['--kmsg', 'maybe'], /Allowed choices are on, off/],
  [['--root', '/does/not/exist'], /--root \/does\/not\/exist is not a readable directory/],
  [['extra'], /unknown command "extra"/],
  [['--config', '/does/not/exist.json'], /cannot read the config file \/does\/not\/exist.json/],
])('%j is rejected with one sentence and code 2, without a stack', (args, sentence) => {
  const { status, stderr, stdout } = runOnce(...args)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/^ +at /m)
  expect(stdout).toBe('')
  expect(status).toBe(2)
})

test.each([
  ['replay', '/dev/zero', /is no regular file/],
  ['replay', '/dev/full', /is no regular file/],
  ['replay', '/proc/kmsg', /no recording of kmemtop|cannot read/],
  ['info', '/dev/zero', /is no regular file/],
  ['analyze', '/dev/zero', /is no regular file/],
  ['analyze', '/proc/kmsg', /save dmesg/],
])('%s %s is refused and not read without end', (command, path, sentence) => {
  const { status, signal, stderr } = spawnSync(PROGRAM, [command, path], {
    encoding: 'utf8',
    env: createTerminalEnv(),
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  expect(stderr).toMatch(sentence)
  expect([status, signal]).toEqual([2, null])
})

test('an unknown config key is rejected, and the nearest one is named', async () => {
  await inTree(makeTree({ '/config.json': '{"detectors":{"slab-growth":{"fastLeest":1}}}' }), ({ root }) => {
    const { status, stderr } = runOnce('--once', '--config', `${root}/config.json`)
    expect(stderr).toContain(
      'unknown key detectors.slab-growth.fastLeest; did you mean detectors.slab-growth.fastLeast?',
    )
    expect(status).toBe(2)
  })
})

test('a slow reader of a pipe gets the whole output', () => {
  const command = `'${PROGRAM}' --json -n 3 | { sleep 4; cat; }`
  const { stdout } = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    env: createTerminalEnv(),
    maxBuffer: 64 << 20,
  })
  expect(stdout.length).toBeGreaterThan(65_536) // what a pipe holds
  const samples = stdout.trim().split('\n')
  expect(samples).toHaveLength(3)
  for (const sample of samples) expect(JSON.parse(sample).sources).toHaveLength(sampledIds.length)
})

test.each(['--once', '-b -n 1', '--linear -n 1', '--help'])(
  '%s to an output that cannot be written ends with one sentence and code 2',
  word => {
    const { status, stderr } = spawnSync('sh', ['-c', `'${PROGRAM}' ${word} >/dev/full`], { encoding: 'utf8' })
    expect(stderr).toMatch(/^kmemtop: cannot write: ENOSPC.*\n$/)
    expect(status).toBe(2)
  },
)

test('in an empty tree every source says why it cannot be read, and the code is 2', async () => {
  await inTree(makeTree({ '/proc/': '' }), ({ root }) => {
    const { status, stdout } = runOnce('--once', '--json', '--root', root)
    // names of pods are looked for where they may be: none is no failure
    const sources = JSON.parse(stdout).sources.filter(({ id }: { id: string }) => id !== 'names')
    expect(sources.every((source: { ok: boolean; error: string }) => !source.ok && /ENOENT/.test(source.error))).toBe(
      true,
    )
    expect(status).toBe(2)
  })
})

test('garbage in a file is reported with its place and what was expected, and the rest is shown', async () => {
  const tree = makeNode('pod', '')
  tree.write('/proc/vmstat', '\xff\xfe\x00garbage')
  tree.write('/proc/slabinfo', 'slabinfo - version: 2.1\nkmalloc-64 12 tunables')
  tree.write('/sys/fs/cgroup/pod/memory.current', 'many\n')
  await inTree(tree, ({ root }) => {
    const { status, stdout } = runOnce('--once', '--json', '--root', root)
    const { sources, memory, cgroups, cgroup } = JSON.parse(stdout)
    const errorOf = (id: string): string => sources.find((source: { id: string }) => source.id === id).error
    expect(errorOf('vmstat')).toContain('/proc/vmstat, line 1: expected lines of a name and a number')
    expect(errorOf('slabinfo')).toContain('/proc/slabinfo')
    expect(errorOf('cgroups')).toContain('/sys/fs/cgroup/pod/memory.current, line 1: expected a number, came "many')
    expect(memory.MemTotal).toBe(8_000_000 * 1024)
    expect(cgroups.find(({ path }: { path: string }) => path === '/pod')).toMatchObject({
      memory: { current: null, max: 2_097_152 },
    })
    expect(cgroup.dying).toBe(1)
    expect(status).toBe(0)
  })
})

const EVIL = '\x1b[31mevil\x1b]0;title\x07'
const LOG = [
  `4,10,1000000,-;\\x1b[2Jhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
  `6,11,1000001,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/x,task_memcg=/x,task=\\x1b[2Jhog,pid=7,uid=0`,
  `3,12,1000002,-;Memory cgroup out of memory: Killed process 7 (\\x1b[2Jhog) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0`,
  `12,13,1000003,-;Killed process 99 (forged) total-vm:8kB, anon-rss:4kB, file-rss:0kB`,
  '',
].join('\n')

test('escape sequences in cgroup names, process names and messages never reach the terminal', async () => {
  await inTree(makeNode(EVIL, LOG), async ({ root }) => {
    await runProgram({ columns: 160, rows: 50, args: ['--root', root], keepBytes: true }, async terminal => {
      terminal.write('2')
      await terminal.waitFor(/\\x1b\[31mevil|\\x1…;title\\x07/) // the column may be too narrow for all of it
      for (const [key, shows] of [
        ['4', /\[userspace\/user\] Killed process 99/],
        ['6', /STATE/],
        ['5', /\\x1b\[2Jhog/],
      ] as const) {
        terminal.write(key)
        await terminal.waitFor(shows)
      }
      // kmemtop's own title of the terminal ends in BEL; nothing but printable characters may be in it
      const bytes = terminal
        .rawBytes()
        .bytes.toString('latin1')
        .replace(/\x1b\]2;[^\x00-\x1f\x7f]*\x07/g, '')
      expect(bytes).not.toContain('\x1b[31mevil')
      expect(bytes).not.toContain('\x1b]0;')
      expect(bytes).not.toContain('\x07')
      expect(bytes).not.toContain('\x1b[2Jhog')
    })
    const text = runOnce('--once', '--root', root).stdout
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
    const { oomKills } = JSON.parse(runOnce('--once', '--json', '--root', root).stdout)
    expect(oomKills.map((kill: { victim: { pid: number } }) => kill.victim?.pid)).toEqual([7])
  })
})

test('a config file that changes is reloaded, an invalid one is reported and ignored', async () => {
  await inTree(makeTree(), async tree => {
    tree.write('/config.json', '{}')
    await runProgram({ args: ['--root', tree.root, '--config', `${tree.root}/config.json`] }, async terminal => {
      await terminal.waitFor(/quit/)
      tree.write('/config.json', '{"detectors":{"oom-kill":{"markedMinutes":1}}}')
      await terminal.waitFor(/config reloaded/)
      tree.write('/config.json', '{"detektors":{}}')
      await terminal.waitFor(/config not reloaded: .*unknown key detektors; did you mean detectors/)
    })
  })
})

test('the help lists a source that cannot be read, with its path and the reason', async () => {
  await inTree(
    makeTree({ '/proc/meminfo': 'MemTotal: 1 kB\nMemFree: 1 kB\n', '/proc/uptime': '100.0 1\n' }),
    async tree => {
      tree.write('/proc/vmstat', 'oom_kill 0\n')
      await runProgram({ args: ['--root', tree.root, '-i', '200ms', '--kmsg', 'off'] }, async terminal => {
        terminal.write('?')
        await terminal.waitFor(/slabinfo .*slabinfo: no such file or directory \(ENOENT\)/)
      })
    },
  )
})

const nobody = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'only root can become nobody'
  for (let path = dirname(PROGRAM); path !== '/'; path = dirname(path)) {
    if ((statSync(path).mode & 0o005) !== 0o005) return `nobody cannot enter ${path}`
  }
  accessSync(PROGRAM, constants.R_OK)
  return spawnSync('setpriv', ['--version']).error ? 'setpriv is missing: apt-get install util-linux' : undefined
}

testUnless(nobody())('without root a source that cannot be read says what would help, and the rest is shown', () => {
  const args = ['--reuid=65534', '--regid=65534', '--clear-groups', PROGRAM, '--once', '--json']
  const { stdout, stderr } = spawnSync('setpriv', args, { encoding: 'utf8', env: createTerminalEnv() })
  const { sources, memory } = JSON.parse(stdout || `{"sources":[],"memory":{}, "said":${JSON.stringify(stderr)}}`)
  expect(memory.MemTotal).toBeGreaterThan(0)
  expect(sources.find(({ id }: { id: string }) => id === 'slabinfo')).toMatchObject({
    ok: false,
    hint: expect.stringContaining('run as root'),
  })
})
