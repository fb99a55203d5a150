// A FIFO as a log: read to its end where a program writes to it, refused where none does.
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findFiles } from '../../../src/postmortem/logs/files/find-files.ts'
import { readFifo } from '../../../src/postmortem/logs/files/read-fifo.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const folder = createTemporaryFolder()

function makeFifo(name: string): string {
  const path = join(folder, name)
  execFileSync('mkfifo', [path])
  return path
}

test('a FIFO without a writer is refused, and not waited for', async () => {
  const path = makeFifo('silent')
  await expect(readFifo(path).next()).rejects.toThrow(`${path} is a FIFO, and no program writes to it`)
})

test.each([1, 300_000])('%i bytes that a program writes are all read', async length => {
  const path = makeFifo(`fifo-${length}`)
  const writer = spawn('sh', ['-c', 'exec 3> "$0"; head -c "$1" /dev/zero >&3; read done', path, `${length}`])
  const pieces: Buffer[] = []
  for await (const piece of endWhenRead(readFifo(path), length, () => writer.stdin.end())) pieces.push(piece)
  expect(Buffer.concat(pieces)).toHaveLength(length)
})

/** The writer keeps the FIFO open until all of it was read: what comes last must not be lost. */
async function* endWhenRead(source: AsyncIterable<Buffer>, length: number, end: () => void): AsyncGenerator<Buffer> {
  let left = length
  for await (const piece of source) {
    yield piece
    left -= piece.length
    if (left === 0) end()
  }
}

test('/proc/kmsg is refused: reading it would take the records from syslogd', async () => {
  await expect(findFiles('/proc/kmsg')).rejects.toThrow('save dmesg')
})
