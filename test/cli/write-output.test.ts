// A report that goes into a FIFO: whole, to a reader that comes late, and without blocking the program meanwhile.
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { writeOutput } from '../../src/cli/write-output.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

test('a FIFO whose reader comes late gets more than a pipe holds', async () => {
  const path = join(createTemporaryFolder(), 'fifo')
  execFileSync('mkfifo', [path])
  const writing = writeOutput(path, 'x'.repeat(300_000))
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  expect((await buffer(reader.stdout)).length).toBe(300_000)
  await writing
})
