// `kmemtop run` with commands and patterns that misbehave: it ends, says what is wrong, and keeps the exit code.
// A saved node is sampled, so that nothing else on this machine is judged.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { PROGRAM } from './program.ts'
import { makeTree } from './tree.ts'

const tree = makeTree()
afterAll(tree.remove)
const SHORT = ['-q', '-i', '200ms', '--control', '1s', '--settle', '1s', '--kmsg', 'off', '--root', tree.root]

const runLoad = (options: readonly string[], script: string) =>
  spawnSync(PROGRAM, ['run', ...SHORT, ...options, '--', 'sh', '-c', script], {
    encoding: 'utf8',
    env: { ...createTerminalEnv(), XDG_RUNTIME_DIR: createTemporaryFolder() },
    maxBuffer: 64 * 2 ** 20,
  })

test('a daemon that keeps the output open does not keep the run', () => {
  const { status, stdout, stderr } = runLoad(['--mark-pattern', 'up'], 'echo up; sleep 25 & exit 3')
  expect([status, stdout]).toEqual([3, 'up\n'])
  expect(stderr).toMatch(/3: the command failed/)
})

test('a pattern that would backtrack for years is given up, with one sentence', () => {
  const { stderr, stdout } = runLoad(['--mark-pattern', '(a+)+$'], `echo ${'a'.repeat(60)}!; echo after`)
  expect(stderr.match(/--mark-pattern \(a\+\)\+\$: took more than 200 ms/g)).toHaveLength(1)
  expect(stdout).toContain('after')
})

test('SIGTERM ends a run whose output nobody reads', async () => {
  const started = join(createTemporaryFolder(), 'started')
  const args = ['run', ...SHORT, '--', 'sh', '-c', `touch ${started}; exec yes`]
  const program = spawn(PROGRAM, args, { env: createTerminalEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(program, 'exit')
  await vi.waitFor(() => expect(existsSync(started)).toBe(true), { timeout: 30_000 })
  program.kill('SIGTERM')
  expect(await ended).toEqual([143, null])
})

test('100,000 lines pass through whole while they are searched', () => {
  const { stdout } = runLoad(['--mark-pattern', '^99999$'], 'seq 100000')
  expect(stdout.split('\n')).toHaveLength(100_001)
})

test.each([
  ['--mark-pattern', '(', /--mark-pattern.*expected a regular expression/],
  ['--json', '/nowhere/run.json', /cannot write \/nowhere\/run\.json: /],
  ['--baseline', '/dev/zero', /--baseline \/dev\/zero: it is no regular file/],
  ['--mark-file', '/etc', /--mark-file \/etc: is a directory; expected a file or a FIFO/],
  ['--log', '/nowhere/*.log', /--log \/nowhere\/\*\.log: no such file/],
  ['--baseline', '/nowhere/run.json', /--baseline \/nowhere\/run\.json: .*ENOENT/],
])('%s %s is refused before the command runs', (option, value, sentence) => {
  const { status, stdout, stderr } = runLoad([option, value], 'echo ran')
  expect(stderr).toMatch(sentence)
  expect([status, stdout]).toEqual([2, ''])
})

test('a --cgroup that does not exist cannot tell, and is named', () => {
  const { status, stderr } = runLoad(['--cgroup', '/no/such', '--repeat', '1'], 'true')
  expect(stderr).toMatch(/--cgroup \/no\/such: its memory was not seen/)
  expect(status).toBe(2)
})

test('two runs at once do not disturb each other', () => {
  const folder = createTemporaryFolder()
  const one = (name: string): string =>
    `${PROGRAM} run ${SHORT.join(' ')} -o ${join(folder, name)}.kmem -- true 2>${join(folder, name)}.txt; echo ${name} $?`
  const { stdout } = spawnSync('sh', ['-c', `(${one('a')}) & (${one('b')}) & wait`], {
    encoding: 'utf8',
    env: createTerminalEnv(),
  })
  expect(stdout.trim().split('\n').sort()).toEqual(['a 2', 'b 2'])
})
