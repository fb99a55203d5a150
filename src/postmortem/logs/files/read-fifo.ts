// Reads a FIFO, such as the shell's <(journalctl -k). Without a writer, an ordinary open would block for ever.
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { getErrorCode, UserError } from '../../../base/errors.ts'
import { sleep } from '../../../sampling/clock.ts'

/** Milliseconds that a writer has to open the FIFO, and between two attempts to read. */
const MAX_WAIT = 2000
const POLL_INTERVAL = 50
const FIRST_PIECE = 64 * 1024

/** Yields what comes through a FIFO until its writer closes it. @throws UserError if no program opens it for writing within two seconds */
export async function* readFifo(path: string): AsyncGenerator<Buffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const first = await waitForWriter(fd)
  if (first === undefined) {
    closeSync(fd)
    throw new UserError(`${path} is a FIFO, and no program writes to it`)
  }
  if (first.length > 0) yield first
  yield* new Socket({ fd, readable: true, writable: false }) as AsyncIterable<Buffer>
}

// A read gives no bytes without a writer, and EAGAIN from a writer that has not written yet.
async function waitForWriter(fd: number): Promise<Buffer | undefined> {
  for (let waited = 0; waited < MAX_WAIT; waited += POLL_INTERVAL) {
    const bytes = Buffer.alloc(FIRST_PIECE)
    try {
      const length = readSync(fd, bytes)
      if (length > 0) return bytes.subarray(0, length)
    } catch (error) {
      if (getErrorCode(error) === 'EAGAIN') return Buffer.alloc(0)
      throw error
    }
    await sleep(POLL_INTERVAL)
  }
  return undefined
}
