// The launcher: it finds a Node that is new enough and becomes it, so that a signal to the command reaches the program.
import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { NODE, PROGRAM } from './program.ts'

const PIDS = '/sys/fs/cgroup/pids'

function noPidsController(): string | undefined {
  try {
    accessSync(PIDS, constants.W_OK)
    return undefined
  } catch {
    return 'needs a writable hierarchy of the pids controller (cgroup v1)'
  }
}

/** A folder with a command `node` that prints a version and can do nothing else. */
function createOldNode(version: string): string {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'node'), `#!/bin/sh\necho ${version}\n`)
  chmodSync(join(folder, 'node'), 0o755)
  return folder
}

/** The package as it is installed: without the Node of a checkout, and built or not. */
function installPackage(isBuilt = true): string {
  const folder = join(createTemporaryFolder(), 'a folder')
  mkdirSync(folder)
  const checkout = dirname(dirname(PROGRAM))
  for (const name of isBuilt ? ['bin', 'dist'] : ['bin'])
    cpSync(join(checkout, name), join(folder, name), { recursive: true })
  return join(folder, 'bin/kmemtop')
}

const run = (program: string, ...path: readonly string[]) =>
  spawnSync(program, ['--version'], { encoding: 'utf8', env: { PATH: [...path, '/usr/bin', '/bin'].join(':') } })

const withNewNode = (folder: string): string => {
  symlinkSync(NODE, join(folder, 'nodejs'))
  return folder
}

describe('with an old Node first in PATH', () => {
  test('a checkout runs its own Node', () => {
    expect(run(PROGRAM, createOldNode('v20.20.2'))).toMatchObject({ status: 0, stderr: '' })
  })

  test('an installed package runs the first Node of PATH that is new enough', () => {
    expect(run(installPackage(), createOldNode('v22.9.9'), withNewNode(createTemporaryFolder()))).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  test('the command is one process, and a signal to it ends the program and restores the terminal', async () => {
    const env = { PATH: `${createOldNode('v20.20.2')}:/usr/bin:/bin` }
    const terminal = await openTerminal({ command: PROGRAM, args: [], columns: 120, rows: 40, env })
    try {
      await terminal.waitFor(/LIVE/)
      expect(readFileSync(`/proc/${terminal.pid}/cmdline`, 'utf8')).toContain('dist/main.js')
      expect(readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8')).toBe('')
      process.kill(terminal.pid, 'SIGTERM')
      await terminal.exited
      expect(terminal.readTermios()).toBe(terminal.initialTermios)
    } finally {
      await terminal.close()
    }
  })
})

test.each(['v20.20.2', 'v22.21.9', 'v9.99.0', 'garbage'])(
  'only Node %s in PATH: a sentence says what is needed',
  version => {
    const folder = createOldNode(version)
    const program = installPackage()
    const { status, stderr } = spawnSync(program, [], { encoding: 'utf8', env: { PATH: `${folder}:${createTools()}` } })
    expect(stderr).toBe(
      `kmemtop needs Node.js >= 22.22 (this is ${version}, ${folder}/node): in a checkout run npm ci, then npm start; elsewhere install a current Node.js.\n`,
    )
    expect(status).toBe(2)
  },
)

test('a package that is not built says so', () => {
  const { status, stderr } = run(installPackage(false), withNewNode(createTemporaryFolder()))
  expect([status, stderr]).toEqual([2, expect.stringContaining('kmemtop is not built: run npm ci')])
})

/** A folder with the tools that the script needs, and no Node. */
function createTools(): string {
  const folder = createTemporaryFolder()
  symlinkSync('/usr/bin/readlink', join(folder, 'readlink'))
  return folder
}

test('a Node that does not start is named as such', () => {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'node'), '#!/bin/sh\necho no such library >&2\nexit 127\n', { mode: 0o755 })
  const { stderr } = spawnSync(installPackage(), [], { encoding: 'utf8', env: { PATH: `${folder}:${createTools()}` } })
  expect(stderr).toContain(`(this is one that does not start, ${folder}/node)`)
})

test('a warning before the version of a Node does not hide it', () => {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'node'), `#!/bin/sh\necho node: no version information >&2\nexec ${NODE} "$@"\n`, {
    mode: 0o755,
  })
  expect(run(installPackage(), folder)).toMatchObject({ status: 0 })
})

/** Words before a command that give it a /dev which has no files and gets none, or why there is no such thing here. */
const WITHOUT_DEVICES = [
  ...['unshare', '-m', 'sh', '-c'],
  'mount -t tmpfs none /dev && mount -o remount,ro /dev && exec "$0" "$@"',
]
const noEmptyDev = (): string | undefined =>
  spawnSync(WITHOUT_DEVICES[0]!, [...WITHOUT_DEVICES.slice(1), 'true']).status === 0
    ? undefined
    : 'needs a mount namespace of its own'

testUnless(noEmptyDev())('a chroot without /dev/null is no obstacle', () => {
  const [command, ...words] = [...WITHOUT_DEVICES, PROGRAM, '--once', '--json']
  const { status, stdout, stderr } = spawnSync(command!, words, { encoding: 'utf8', maxBuffer: 64 << 20 })
  expect([status, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout).memory).toBeDefined()
})

describe('limits that Node would abort at', () => {
  test('too few open files: a sentence', () => {
    const { status, stderr, stdout } = spawnSync('sh', ['-c', 'ulimit -n 40; exec "$0" --once', PROGRAM], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('kmemtop: too few open files are allowed; at least 128 are needed: ulimit -n 1024\n')
    expect([status, stdout]).toEqual([2, ''])
  })

  test('few open files are enough for many cgroups', () => {
    const words = ['-c', 'ulimit -n 128; exec "$0" --json -n 3 -i 200ms', PROGRAM]
    const { status, stdout } = spawnSync('sh', words, { encoding: 'utf8', maxBuffer: 64 << 20 })
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!)
    const errors = last.sources.map(({ error }: { error: string | null }) => error ?? '')
    expect(errors.join('\n')).not.toMatch(/EMFILE|too many open files/)
    expect(status).toBe(0)
  })

  testUnless(noPidsController())('too few processes in its cgroup: a sentence', () => {
    const group = `${PIDS}/kmt-launcher-${process.pid}`
    mkdirSync(group)
    try {
      writeFileSync(`${group}/pids.max`, '8')
      const enter = 'echo $$ > "$1/cgroup.procs" && exec "$0" --once'
      const { status, stderr } = spawnSync('sh', ['-c', enter, PROGRAM, group], { encoding: 'utf8' })
      expect(stderr).toMatch(/^kmemtop: its cgroup may have 8 processes and threads, and has 1; at least 15 more/)
      expect(status).toBe(2)
    } finally {
      rmdirSync(group)
    }
  })
})

describe('compiled code is kept for the next start', () => {
  const runHelp = (caches: string): string =>
    spawnSync(PROGRAM, ['--help'], { env: { ...process.env, XDG_CACHE_HOME: caches }, encoding: 'utf8' }).stdout

  test('in a folder that only its owner can read', () => {
    const caches = createTemporaryFolder()
    const help = runHelp(caches)
    expect(statSync(join(caches, 'kmemtop')).mode & 0o777).toBe(0o700)
    const [version] = readdirSync(join(caches, 'kmemtop'))
    expect(readdirSync(join(caches, 'kmemtop', version!)).length).toBeGreaterThan(3)
    expect(runHelp(caches)).toBe(help)
  })

  test('but not where others can write, and where nothing can be written it is not missed', () => {
    const caches = createTemporaryFolder()
    mkdirSync(join(caches, 'kmemtop'))
    chmodSync(join(caches, 'kmemtop'), 0o777)
    expect(runHelp(caches)).toContain('kmemtop')
    expect(readdirSync(join(caches, 'kmemtop'))).toEqual([])
    expect(runHelp('/dev/null/none')).toContain('kmemtop')
  })
})
