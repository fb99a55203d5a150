// Reads a file that an option names: a config, a token, a certificate. A FIFO or a device may block, or never end.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { formatBytes } from '../base/format.ts'

/** Reads a regular file of at most `maxBytes`. @throws Error that says what is wrong with it, or that of the system */
export function readSmallFile(path: string, maxBytes: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Error('it is no regular file')
    // a file that is growing, or one of /proc, may have more than its size says
    const bytes = Buffer.alloc(Math.min(maxBytes, Math.max(stat.size, 4096)) + 1)
    let length = 0
    for (let count = -1; count !== 0 && length < bytes.length; length += count)
      count = readSync(fd, bytes, length, bytes.length - length, null)
    if (length > maxBytes || stat.size > maxBytes) throw new Error(`it is larger than ${formatBytes(maxBytes)}`)
    return bytes.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}
