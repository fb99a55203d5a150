// Finds the files of a path: itself, or all below a folder. No text is read here.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getErrorCode, getErrorMessage, UserError } from '../../../base/errors.ts'
import { isWithin } from '../../../base/paths.ts'
import { tryStat } from '../../../recording/try-stat.ts'

/** A file, or a folder that cannot be searched and why not. */
export interface FoundPath {
  readonly path: string
  readonly problem: string | null
  /** the path was given by the user */
  readonly isGiven?: true
}

const STDIN: FoundPath = { path: '-', problem: null }

/**
 * Lists the files of all given paths; `-` is stdin. A path that is not there does not keep the others from being read.
 * @throws UserError if there is none of them
 */
export async function findGivenFiles(paths: readonly string[]): Promise<readonly FoundPath[]> {
  const found = await Promise.allSettled(paths.map(path => (path === '-' ? [STDIN] : findFiles(path))))
  const failed = found.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected' && found.every(({ status }) => status === 'rejected')) throw failed.reason
  return found.flatMap((result, i) => {
    if (result.status === 'fulfilled') return result.value
    const path = paths[i]!
    const problem = getErrorMessage(result.reason)
    return [
      {
        path,
        problem: problem.startsWith(path) ? problem.slice(path.length).replace(/^:? /, '') : problem,
        isGiven: true,
      },
    ]
  })
}

/** Lists the files of a path: itself, or all below a folder. @throws UserError if it does not exist */
export async function findFiles(path: string): Promise<readonly FoundPath[]> {
  const stat = wrapPathError(path, () => statSync(path))
  if (isKernelLogDevice(path))
    throw new UserError(`${path} would wait for new records, and take them from syslogd: save dmesg`)
  if (stat.isFile()) return [{ path, problem: null }]
  if (stat.isFIFO()) return [{ path, problem: null }] // as the shell's <(journalctl -k)
  if (!stat.isDirectory())
    throw new UserError(`${path} is no regular file; save it to a file, or pipe it in and name - as the file`)
  return findFilesBelow(path, realpathSync(path))
}

/** Returns whether a path is the file of the kernel log that only one program may read. It says that it is a regular file. */
export const isKernelLogDevice = (path: string): boolean => realpathSync(path) === '/proc/kmsg'

async function findFilesBelow(path: string, top: string): Promise<readonly FoundPath[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    const inside = entries.map(entry => {
      const own = join(path, entry.name)
      if (entry.isDirectory()) return findFilesBelow(own, top)
      if (entry.isSymbolicLink()) return resolveLink(own, top)
      return [{ path: own, problem: entry.isFile() ? null : 'a pipe, a socket or a device' }]
    })
    return (await Promise.all(inside)).flat()
  } catch (error) {
    return [{ path, problem: getErrorMessage(error) }]
  }
}

// The target of a link is read if the search does not find it anyway. A link to a folder may lead anywhere, even in circles.
function resolveLink(path: string, top: string): readonly FoundPath[] {
  try {
    const target = realpathSync(path)
    if (isWithin(target, top)) return []
    const stat = statSync(target)
    if (stat.isFile()) return [{ path, problem: null }]
    return [
      { path, problem: stat.isDirectory() ? `a link to a folder elsewhere: give ${target} too` : 'a link to no file' },
    ]
  } catch {
    return [] // to nothing
  }
}

/** Runs an operation on a path. @throws UserError that names the path */
export function wrapPathError<T>(path: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    const code = getErrorCode(error)
    throw new UserError(`${path}: ${code === 'ENOENT' ? 'no such file or folder' : getErrorMessage(error)}`)
  }
}

/** Returns the size of a file on disk; 0 if it no longer exists. */
export const getFileSize = (path: string): number => tryStat(path)?.size ?? 0

const HEAD_SIZE = 128

/** Returns the first bytes of a file on disk; an empty text if it cannot be read or is no file: a FIFO would wait for a writer. */
export function readHead(path: string): string {
  const bytes = Buffer.alloc(HEAD_SIZE)
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return fstatSync(file).isFile() ? bytes.toString('latin1', 0, readSync(file, bytes)) : ''
  } catch {
    return '' // reading it later reports why
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
