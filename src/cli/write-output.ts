// Writes a report to what an option names: a file, stdout, a device, or a FIFO that somebody may read or not.
import { closeSync, constants, fstatSync, openSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { getErrorCode, getErrorMessage, UserError } from '../base/errors.ts'
import { SECOND } from '../base/units.ts'
import { sleep, waitAtMost } from '../sampling/clock.ts'
import { logToStderr } from './stderr.ts'

const MAX_WAIT = 60 * SECOND // for the reader of a FIFO to open it, and again to read all
const RETRY = 100 // ms

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK

/** Writes a whole text; `-` is stdout. Signals are handled meanwhile. @throws UserError if it cannot be written */
export async function writeOutput(path: string, text: string): Promise<void> {
  try {
    if (path === '-') return await writeTo(process.stdout, text)
    const file = await openOutput(path)
    if (fstatSync(file).isFIFO()) return await writeToFifo(file, text)
    try {
      writeFileSync(file, text)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new UserError(`cannot write ${path === '-' ? 'to stdout' : path}: ${getErrorMessage(error)}`)
  }
}

// Without O_NONBLOCK the open of a FIFO without a reader takes until there is one, and no signal is handled.
async function openOutput(path: string): Promise<number> {
  for (let waited = 0; ; waited += RETRY) {
    try {
      return openSync(path, WRITE, 0o666)
    } catch (error) {
      if (getErrorCode(error) !== 'ENXIO') throw error
      if (waited >= MAX_WAIT) throw new Error(`no program read it within ${MAX_WAIT / SECOND} s`)
    }
    if (waited === 0) logToStderr(`waiting for a program that reads ${path}, for ${MAX_WAIT / SECOND} s at most`)
    await sleep(RETRY)
  }
}

async function writeToFifo(fd: number, text: string): Promise<void> {
  const socket = new Socket({ fd, readable: false, writable: true })
  let isWritten = false
  const writing = writeTo(socket, text).then(() => {
    isWritten = true
  })
  await waitAtMost(MAX_WAIT, writing)
  if (isWritten) return void socket.end()
  socket.destroy()
  throw new Error(`its reader did not read within ${MAX_WAIT / SECOND} s`)
}

const writeTo = (stream: NodeJS.WritableStream, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.on('error', reject)
    stream.write(text, error => (error ? reject(error) : resolve()))
  })
