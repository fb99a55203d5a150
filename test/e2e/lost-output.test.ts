// Programs whose stdout or stderr cannot be written: a log on a full disk, or whose reader has gone. The recording is completed nevertheless.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { PROGRAM } from './program.ts'

const folder = createTemporaryFolder()
const openFull = (): number => openSync('/dev/full', 'w')

test.each([
  ['are on a full disk', openFull],
  ['have no reader', (): 'pipe' => 'pipe'],
])('outputs that %s', async (name, open) => {
  const path = join(folder, `${name}.kmem`)
  const words = ['agent', '-o', path, '-i', '500ms', '--iterations', '2', '--events', '--listen', '127.0.0.1:0']
  const child = spawn(PROGRAM, words, { env: createTerminalEnv(), stdio: ['ignore', open(), open()] })
  child.stdout?.destroy()
  child.stderr?.destroy()
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(openRecording(path).recording.complete).toBe(true)
})

async function runWithoutReader(args: readonly string[], stdout: number | 'pipe') {
  const child = spawn(PROGRAM, args, { env: createTerminalEnv(), stdio: ['ignore', stdout, 'pipe'] })
  child.stdout?.destroy()
  const chunks: Buffer[] = []
  child.stderr?.on('data', chunk => chunks.push(chunk))
  const [code, signal] = await once(child, 'close')
  const messages = Buffer.concat(chunks).toString()
  expect(messages).not.toMatch(/^ +at /m)
  expect(signal).toBe(null)
  return { code, messages }
}

const LOAD = ['--control', '1s', '--settle', '1s', '--mark-pattern', '^last$', '--json', '-']

test.each([
  ['-b', ['-b', '-i', '200ms', '-w'], [], [0, 2]],
  ['--linear', ['--linear', '-i', '200ms', '-n', '20', '-w'], [], [0, 2]],
  ['run', ['run', '-i', '200ms', ...LOAD, '-o'], ['--', 'sh', '-c', 'seq 50000; echo last'], [2, 2]],
] as const)('the recording of %s is completed when stdout cannot be written', async (name, before, after, codes) => {
  const run = async (kind: string, stdout: number | 'pipe'): Promise<unknown> => {
    const path = join(folder, `${name}-${kind}.kmem`)
    const { code, messages } = await runWithoutReader([...before, path, ...after], stdout)
    expect(openRecording(path).recording.complete).toBe(true)
    if (name === 'run') expect(messages).toMatch(/cannot write to stdout: .*(EPIPE|ENOSPC)/)
    return code
  }
  expect(await Promise.all([run('pipe', 'pipe'), run('full', openFull())])).toEqual(codes)
})

test('a wrong option is said where stdout has no reader', async () => {
  const { code, messages } = await runWithoutReader(['run', '--settle', 'soon', 'true'], 'pipe')
  expect(messages).toContain("argument 'soon' is invalid")
  expect(code).toBe(2)
})
