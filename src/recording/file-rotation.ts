// Places, names and deletes the files of a recorder: in a directory, or beside the file that was named.
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { hasSeekTableEnd, SEEK_TABLE_END } from './frame-index.ts'

/** When a new file begins, and which files are kept. Milliseconds and bytes; absent: no bound. */
export interface RetentionPolicy {
  readonly rotate?: number | undefined
  readonly rotateSize?: number | undefined
  readonly retain?: number | undefined
  readonly maxSize?: number | undefined
}

const EXTENSION = '.kmem'
/** Milliseconds after which an incomplete file is regarded as abandoned by its recorder. */
const ABANDONED_AFTER = 3_600_000
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

  isFull(age: number, bytes: number): boolean {
    const { rotate, rotateSize } = this.policy
    return (rotate !== undefined && age >= rotate) || (rotateSize !== undefined && bytes >= rotateSize)
  }

  /**
   * Deletes finished files of this recorder's name that are too old or too many. Never deletes `current`, and never a file
   * that another recorder may still be writing: one that is not complete and was modified within the last hour.
   */
  deleteExpired(current: string): void {
    const { retain, maxSize } = this.policy
    if (retain === undefined && maxSize === undefined) return
    const files = this.listFiles().flatMap(name => statRecording(join(this.directory, name)) ?? [])
    files.sort((a, b) => b.modifiedAt - a.modifiedAt)
    const now = statRecording(current)?.modifiedAt ?? files[0]?.modifiedAt ?? 0 // by the clock of the same filesystem
    let sum = 0
    for (const { path, modifiedAt, bytes } of files) {
      sum += bytes
      const age = now - modifiedAt
      const isExpired = age > (retain ?? Number.POSITIVE_INFINITY) || sum > (maxSize ?? Number.POSITIVE_INFINITY)
      if (isExpired && path !== current && (age > ABANDONED_AFTER || isFinished(path, bytes)))
        rmSync(path, { force: true })
    }
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

interface RotatedFile {
  readonly path: string
  /** milliseconds since 1970 */
  readonly modifiedAt: number
  readonly bytes: number
}

function statRecording(path: string): RotatedFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? { path, modifiedAt: stat.mtimeMs, bytes: stat.size } : undefined
}

/** Returns whether a file ends as a complete recording does. */
function isFinished(path: string, bytes: number): boolean {
  const end = Buffer.alloc(SEEK_TABLE_END)
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    return readSync(fd, end, 0, SEEK_TABLE_END, bytes - SEEK_TABLE_END) === SEEK_TABLE_END && hasSeekTableEnd(end)
  } catch {
    return false
  } finally {
    if (fd !== undefined) closeSync(fd)
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
