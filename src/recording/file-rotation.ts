// Rotation: places and names the files of a recorder, in a directory or beside the file that was named.
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { deleteExpiredFiles, type RetentionPolicy } from './retention.ts'

const EXTENSION = '.kmem'
const STAMP = /-\d{8}T\d{6}Z(-\d+)?\.kmem$/

/** Names files after the time of their first reading. */
export class FileRotation {
  private readonly directory: string
  private readonly nameStem: string
  private readonly singlePath: string | undefined
  private readonly policy: RetentionPolicy
  private pathsGiven = 0

  /** @param target a directory, or a file; a rotating file gets the time before its extension */
  constructor(target: string, host: string, policy: RetentionPolicy) {
    const isDirectory = target.endsWith('/') || isExistingDirectory(target)
    const rotates = policy.rotate !== undefined || policy.rotateSize !== undefined
    this.directory = isDirectory ? target : dirname(target)
    this.nameStem = isDirectory ? `kmemtop-${host.replace(/[^\w.-]/g, '_')}` : basename(target, EXTENSION)
    this.singlePath = isDirectory || rotates ? undefined : target
    this.policy = policy
  }

  /** Returns the path of the next file. */
  createPath(wallClock: number): string {
    if (this.singlePath !== undefined && this.pathsGiven++ === 0) return this.singlePath
    const stamp = new Date(wallClock).toISOString().replace(/[-:]|\.\d+/g, '')
    const existing = new Set(this.listFiles())
    const formatName = (n: number): string => `${this.nameStem}-${stamp}${n > 1 ? `-${n}` : ''}${EXTENSION}`
    let n = 1
    while (existing.has(formatName(n))) n++
    return join(this.directory, formatName(n))
  }

  /** Returns whether a file of this age (ms) and size (bytes) is to be followed by another. */
  isFull(age: number, bytes: number): boolean {
    const { rotate, rotateSize } = this.policy
    return (rotate !== undefined && age >= rotate) || (rotateSize !== undefined && bytes >= rotateSize)
  }

  /** Deletes the files of this recorder's name that the policy no longer keeps, never `current`. */
  deleteExpired(current: string): void {
    const paths = this.listFiles().map(name => join(this.directory, name))
    deleteExpiredFiles(paths, current, this.policy)
  }

  private listFiles(): readonly string[] {
    try {
      return readdirSync(this.directory).filter(
        name => name.startsWith(`${this.nameStem}-`) && STAMP.test(name.slice(this.nameStem.length)),
      )
    } catch {
      return []
    }
  }
}

/** Finds the next recording of the recorder of `path`, by the time in its name; undefined if there is none. */
export function findNextRecording(path: string): string | undefined {
  const name = basename(path)
  const stem = name.replace(STAMP, '')
  if (stem === name) return undefined
  const others = readdirSync(dirname(path)).filter(other => other !== stem && other.replace(STAMP, '') === stem)
  const next = others.filter(other => other > name).sort()[0]
  return next === undefined ? undefined : join(dirname(path), next)
}

// A path that may not be accessed causes an error when the file is created.
function isExistingDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
