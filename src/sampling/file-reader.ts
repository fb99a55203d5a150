// Reads whole kernel files, and keeps those open that are read again soon.
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { getErrorCode } from '../base/errors.ts'
import { MiB } from '../base/units.ts'

const MAX_FILE_BYTES = 64 * MiB // the largest that a kernel writes are vmallocinfo and allocinfo, a few MiB
const MAX_OPEN_FDS = 1024 // reading an open file again costs half as much as open, read, close. The kernel keeps 5 KB for each
const MAX_SEEN_PATHS = 2000 // recently read paths; those of ten thousand cgroups would take 20 MB

/**
 * Creates a reader; `close` closes all files.
 * @param maxOpen files that may stay open
 */
export function createFileReader(
  resolvePath: (path: string) => string | Buffer,
  maxOpen = MAX_OPEN_FDS,
): {
  read(path: string): string
  close(): void
} {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024)
  const fds = new Map<string, number>()
  const seen = new Set<string>()
  const readToEnd = (fd: number, isWhole: boolean): string => {
    let length = 0
    for (;;) {
      const count = readSync(fd, buffer, length, buffer.length - length, length) // the kernel returns slabinfo page by page
      if (count === 0) return buffer.toString('latin1', 0, length)
      length += count
      if (length > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES / MiB} MiB: not read`)
      if (isWhole && length < buffer.length) return buffer.toString('latin1', 0, length)
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
    }
  }
  // An open descriptor returns ENODEV if its cgroup was removed; another cgroup may exist under the name.
  const read = (path: string): string => {
    const openFd = fds.get(path)
    if (openFd === undefined) return readAndKeep(path)
    fds.delete(path)
    try {
      const text = readToEnd(openFd, isReadWhole(path))
      fds.set(path, openFd) // now the last of the map: the first is the one that was not read for longest
      return text
    } catch {
      closeSync(openFd)
      return readAndKeep(path)
    }
  }
  const readAndKeep = (path: string): string => {
    const fd = openFreeing(fds, resolvePath(path))
    let keep = false
    try {
      const text = readToEnd(fd, isReadWhole(path))
      keep = seen.has(path)
      if (seen.size >= MAX_SEEN_PATHS) seen.clear()
      seen.add(path)
      return text
    } finally {
      if (keep) fds.set(path, fd)
      else closeSync(fd)
      if (fds.size > maxOpen) closeFirst(fds)
    }
  }
  return { read, close: () => closeAll(fds) }
}

// Where few files may be open, those that are kept give way.
function openFreeing(fds: Map<string, number>, path: string | Buffer): number {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK // a FIFO would block for ever
  try {
    return openSync(path, flags)
  } catch (error) {
    if (getErrorCode(error) !== 'EMFILE' || fds.size === 0) throw error
    for (let i = Math.ceil(fds.size / 2); i > 0; i--) closeFirst(fds)
    return openSync(path, flags)
  }
}

function closeFirst(fds: Map<string, number>): void {
  for (const [path, fd] of fds) {
    closeSync(fd)
    fds.delete(path)
    return
  }
}

// Files of sysfs and cgroups are one record (single_start in fs/kernfs/file.c), as some of /proc are (proc_create_single, single_open):
// one read gives all of it, and no second is needed to find the end. Other files of /proc, and lists of cgroups, may come a page at a
// time; memory.kmem.slabinfo of 4.4 gives its header first, and fails at the second read.
const isReadWhole = (path: string): boolean =>
  path.startsWith('/sys/') ? !LISTS_OF_CGROUPS.test(path) : SINGLE_RECORDS.has(path)

const LISTS_OF_CGROUPS = /\/(?:memory\.kmem\.slabinfo|cgroup\.procs|tasks)$/

const SINGLE_RECORDS: ReadonlySet<string> = new Set([
  '/proc/cgroups',
  '/proc/meminfo',
  '/proc/pressure/memory',
  '/proc/uptime',
])

/** Returns how many files may stay open: half of what this process may open, so that it can still record and answer. */
export function getOpenLimit(): number {
  const limit = Number(/^Max open files +(\d+)/m.exec(tryReadFile('/proc/self/limits'))?.[1] ?? MAX_OPEN_FDS)
  return Math.max(1, Math.min(MAX_OPEN_FDS, Math.floor(limit / 2)))
}

function tryReadFile(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Closes all descriptors. */
export const closeAll = (fds: ReadonlyMap<string, number>): void => {
  for (const fd of fds.values()) closeSync(fd)
}
