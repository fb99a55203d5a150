// The Host of this machine: synchronous reads of kernel files below a root. Used only in the worker thread.

import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { KiB } from '../base/units.ts'
import type { Host } from '../collectors/collector.ts'
import { createDeviceReader } from './device-reader.ts'
import { createFileReader, getOpenLimit } from './file-reader.ts'
import type { SurveyHost } from './holders/survey-host.ts'
import { isCgroupTree, watchDirectory, watchFile } from './kernel-notices.ts'

/** Creates the Host of this machine below `root` (`/` or a container's `/host`). `close` closes its file descriptors. */
export function createLocalHost(root: string): Host & SurveyHost & { close(): void } {
  const prefix = root.replace(/(?<!\/)\/+$/, '')
  const resolvePath = (path: string): string | Buffer => toNodePath(`${prefix}${path}`)
  const files = createFileReader(resolvePath, getOpenLimit())
  const devices = createDeviceReader(resolvePath)
  return {
    processes: prefix === '' ? ['self', '1'] : ['1', 'self'],
    readFile: files.read,
    listDirectory: path => readdirSync(resolvePath(path), { encoding: 'latin1' }),
    listSubdirectories: path =>
      readdirSync(resolvePath(path), { encoding: 'latin1', withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name),
    statFile: path => {
      const { ino, nlink } = statSync(resolvePath(path))
      return { inode: ino, links: nlink }
    },
    readLink: path => {
      try {
        return readlinkSync(resolvePath(path), { encoding: 'latin1' })
      } catch {
        return undefined
      }
    },
    drainDevice: devices.drain,
    readOnce: (path, maxBytes) => readBeginning(resolvePath(path), maxBytes),
    getReportedSize: path => (isProcfs(resolvePath('/proc')) ? statSync(resolvePath(path)).size : 0),
    getUsage: path => readUsage(resolvePath(path)),
    watchDirectory: (path, onChange) => watchDirectory(resolvePath(path), onChange),
    notices: {
      isCgroupTree: path => isCgroupTree(resolvePath(path)),
      watchFile: (path, listener) => watchFile(resolvePath(path), listener),
    },
    close: () => {
      files.close()
      devices.close()
    },
  }
}

// Names are bytes held as latin1; Node accepts bytes only as a Buffer.
function toNodePath(path: string): string | Buffer {
  return /[\x80-\xff]/.test(path) ? Buffer.from(path, 'latin1') : path
}

const BEGINNING = 256 * KiB

function readBeginning(path: string | Buffer, maxBytes = BEGINNING): string {
  const buffer = Buffer.allocUnsafe(maxBytes)
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    let length = 0
    while (length < maxBytes) {
      const count = readSync(fd, buffer, length, maxBytes - length, length)
      if (count === 0) break
      length += count
    }
    return buffer.toString('latin1', 0, length)
  } finally {
    closeSync(fd)
  }
}

const PROC_SUPER_MAGIC = 0x9fa0

// A copy of /proc on a disk has directories whose size is no number of entries.
const isProcfs = (path: string | Buffer): boolean => statfsSync(path).type === PROC_SUPER_MAGIC

// A tmpfs without a limit reports 0 of 0.
function readUsage(path: string | Buffer): { inodes: number | null; bytes: number | null } {
  const { files, ffree, blocks, bfree, bsize } = statfsSync(path)
  return { inodes: files > 0 ? files - ffree : null, bytes: blocks > 0 ? (blocks - bfree) * bsize : null }
}

/** Returns whether a path is a directory. */
export function isDirectory(path: string): boolean {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return fstatSync(fd).isDirectory()
    } finally {
      closeSync(fd)
    }
  } catch {
    return false
  }
}

/** Returns whether files can be created in a directory. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
