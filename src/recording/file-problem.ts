// Finds out whether what a recorder writes no longer arrives in its file: removed, truncated, unmounted, or on a disk that became read-only.
import { accessSync, constants, fstatSync, readlinkSync, type Stats } from 'node:fs'
import { getErrorCode } from '../base/errors.ts'
import { tryStat } from './try-stat.ts'

/** Returns why the bytes written to an open file are not in it, or cannot be reached. @param written bytes that it must have */
export function findOpenFileProblem(fd: number, path: string, written: number): string | undefined {
  const open = tryFstat(fd)
  if (!open) return undefined // if it can no longer be written, the next write fails
  const isThere = isSameFile(open, path)
  if (open.nlink === 0 && !isThere) return `recording stopped: ${path} was removed`
  if (open.size < written) return `recording stopped: another process truncated ${path}`
  if (!isThere && isUnreachable(fd, open)) return `recording stopped: the filesystem of ${path} was unmounted`
  return isThere && isReadOnly(path) ? `recording stopped: the filesystem of ${path} is read-only` : undefined
}

const isSameFile = (open: Stats, path: string): boolean => {
  const stat = tryStat(path)
  return stat?.ino === open.ino && stat.dev === open.dev
}

// A file that was renamed has another path. One whose filesystem was detached (umount -l) keeps its name there, but no path leads to it.
function isUnreachable(fd: number, open: Stats): boolean {
  try {
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    return !path.endsWith(' (deleted)') && !isSameFile(open, path)
  } catch {
    return false
  }
}

// Writes to a file that was open before may still succeed, and never reach the disk.
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return getErrorCode(error) === 'EROFS'
  }
}

function tryFstat(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    return undefined
  }
}
