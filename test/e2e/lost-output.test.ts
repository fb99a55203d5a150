// A recorder whose stdout and stderr cannot be written: a log on a full disk, or whose reader has gone. It records nevertheless.
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
