// The folder of what kmemtop keeps between two runs: $XDG_STATE_HOME/kmemtop. Only its owner can read it.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Returns the path of the folder. */
export const getStateFolder = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'kmemtop')

/** Creates the folder. Returns whether it is new: the first run of this user. A home that cannot be written is no error. */
export function createStateFolder(folder: string): boolean {
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
    mkdirSync(folder, { mode: 0o700 })
    return true
  } catch {
    return false
  }
}

/**
 * Returns whether the folder of a file is this user's alone: nobody else made it, or a link in its place, and nobody else can write
 * into it. Otherwise another user would choose what is read, and where root writes.
 */
export function isInOwnFolder(path: string): boolean {
  try {
    const uid = process.getuid?.()
    const folder = dirname(path)
    const stats = statSync(folder)
    return lstatSync(folder).uid === uid && stats.uid === uid && (stats.mode & WRITABLE_BY_OTHERS) === 0
  } catch {
    return false
  }
}

const WRITABLE_BY_OTHERS = 0o022

/** Reads a file of this user, of at most `maxBytes`; undefined if there is none, or it is anything else. */
export function readStateFile(path: string, maxBytes: number): string | undefined {
  if (!isInOwnFolder(path)) return undefined
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const { size, uid, mode } = fstatSync(fd)
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG && (mode & WRITABLE_BY_OTHERS) === 0
    if (!isPlain || uid !== process.getuid?.() || size > maxBytes) return undefined
    const bytes = Buffer.alloc(size)
    return bytes.toString('utf8', 0, readSync(fd, bytes))
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // there is no folder to remove it from
  }
}

/** Writes a file as a whole, readable for its owner only. A home that cannot be written is no error. */
export function writeStateFile(path: string, text: string): void {
  if (!isInOwnFolder(path)) return
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 })
    renameSync(temporary, path)
  } catch {
    removeFile(temporary)
  }
}
