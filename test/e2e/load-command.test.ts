// kmemtop run and the command it runs: exit codes, signals, marks. A saved node is sampled, so that nothing else on this machine is judged.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { readSamples } from '../../src/playback/recorded-samples.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { PROGRAM } from './program.ts'
import { makeTree } from './tree.ts'

const tree = makeTree()
afterAll(tree.remove)
const SHORT = ['-q', '-i', '200ms', '--kmsg', 'off', '--control', '1s', '--settle', '1s', '--root', tree.root]

const runLoad = (options: readonly string[], command: readonly string[]) =>
  spawnSync(PROGRAM, ['run', ...SHORT, ...options, '--', ...command], { encoding: 'utf8', env: createTerminalEnv() })

test('one execution alone cannot tell, and says what is missing', () => {
  const { status, stderr } = runLoad([], ['true'])
  expect(stderr).toMatch(
    /\? {2}Cannot tell: 1 iteration .* cannot separate a leak from a warm-up: --repeat 4 --warmup 1/,
  )
  expect(status).toBe(2)
})

test('a command that fails keeps its exit code, and is not executed again', () => {
  const { status, stderr } = runLoad(['--repeat', '3'], ['sh', '-c', 'exit 7'])
  expect(stderr).toMatch(/1 execution.*\n[\s\S]*7: the command failed/)
  expect(status).toBe(7)
})

test.each([
  ['/does/not/exist', 'no such command'],
  ['/proc/self/status', 'it is not executable'],
])('%s is no command: one sentence and code 2', (command, reason) => {
  const { status, stderr } = runLoad([], [command])
  expect(stderr).toContain(`cannot run ${command}: ${reason}`)
  expect(stderr).not.toMatch(/^ +at /m)
  expect(status).toBe(2)
})

test.each([
  [['--fail-on', 'memory'], /expected oom, leak, growth=SIZE or pressure=PERCENT/],
  [['--repeat', '2', '--warmup', '2'], /--warmup 2 leaves no execution of --repeat 2 to judge/],
  [['--baseline', '/etc/hostname'], /\/etc\/hostname is not JSON/],
])('%j is rejected before anything runs', (options, sentence) => {
  const { status, stderr, stdout } = runLoad(options, ['echo', 'ran'])
  expect(stderr).toMatch(sentence)
  expect([status, stdout]).toEqual([2, ''])
})

/** Resolves when the output so far matches. */
function waitForOutput(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = ''
  return new Promise(resolve => {
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      text += chunk
      const match = pattern.exec(text)
      if (match) resolve(match)
    })
  })
}

test('Ctrl-C ends a command that ignores SIGTERM at the second press, and the report still comes', async () => {
  const load = 'trap "" TERM INT; echo started; while :; do sleep 0.1; done'
  const child = spawn(PROGRAM, ['run', ...SHORT, '--', 'sh', '-c', load], { env: createTerminalEnv() })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk
  })
  const closed = once(child, 'close')
  await waitForOutput(child, /started/)
  child.kill('SIGINT')
  child.kill('SIGINT')
  // signals that arrive together may be delivered as one; after the command has ended another one would end kmemtop
  const again = setInterval(() => {
    if (!/settling|interrupted/.test(stderr)) child.kill('SIGINT')
  }, 200)
  const [status] = await closed
  clearInterval(again)
  expect(stderr).toMatch(/1 execution, 1 judged, interrupted/)
  expect(status).toBe(137)
})

test('a signal ends what the script of the command started too', async () => {
  const load = 'sleep 600 & echo started $!; wait; exit 3'
  const child = spawn(PROGRAM, ['run', ...SHORT, '--', 'sh', '-c', load], { env: createTerminalEnv() })
  const closed = once(child, 'close')
  const pid = Number((await waitForOutput(child, /started (\d+)\n/))[1])
  child.kill('SIGTERM')
  await closed
  const path = `/proc/${pid}/cmdline`
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').not.toContain('sleep')
})

/** Labels of the marks in a recording. */
function listMarks(path: string): readonly string[] {
  const recording = openRecording(path)
  const seeker = new RecordingSeeker(recording, defaultThresholds)
  const samples = [...readSamples(seeker.replayer)].flatMap(({ readings }) => readings)
  recording.close()
  return samples.flatMap(({ collector, files }) => (collector === 'mark' && files.text ? [files.text] : []))
}

test('phases of the run, matching lines of the command and kmemtop mark are marks in the recording', () => {
  const recording = join(createTemporaryFolder(), 'run.kmem')
  const env = { ...createTerminalEnv(), XDG_RUNTIME_DIR: createTemporaryFolder() }
  const load = `echo 'ramp to 500 rps'; echo noise; ${PROGRAM} mark from another shell; sleep 1`
  const options = ['run', ...SHORT, '-o', recording, '--mark-pattern', 'ramp to \\d+', '--', 'sh', '-c', load]
  const { stdout } = spawnSync(PROGRAM, options, { encoding: 'utf8', env })
  expect(stdout).toBe('ramp to 500 rps\nnoise\n')
  expect(listMarks(recording)).toEqual(
    expect.arrayContaining(['command starts', 'ramp to 500 rps', 'from another shell', 'command ended']),
  )
  expect(listMarks(recording)).not.toContain('noise')
  const between = spawnSync(
    PROGRAM,
    ['diff', recording, '--from', 'command starts', '--to', 'command ended', '--json'],
    { encoding: 'utf8', env },
  )
  const { before, after } = JSON.parse(between.stdout)
  expect(Date.parse(after.end) - Date.parse(before.end)).toBeGreaterThanOrEqual(1000) // it sleeps for a second
})
