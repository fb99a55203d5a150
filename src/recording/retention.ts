// Retention: decides which old files of a recorder are deleted.
import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { hasSeekTableEnd, SEEK_TABLE_END } from './frame-index.ts'
import { tryStat } from './try-stat.ts'

/** When a new file begins, and which files are kept. Milliseconds and bytes; absent: no bound. */
export interface RetentionPolicy {
  readonly rotate?: number | undefined
  readonly rotateSize?: number | undefined
  readonly retain?: number | undefined
  readonly maxSize?: number | undefined
}

/** Milliseconds after which an incomplete file is regarded as abandoned by its recorder. */
const ABANDONED_AFTER = 3_600_000

/**
 * Deletes the finished files of a recorder that are too old, or too many. Never deletes `current`, and never a file
 * that another recorder may still be writing: one that is not complete and was modified within the last hour.
 */
export function deleteExpiredFiles(paths: readonly string[], current: string, policy: RetentionPolicy): void {
  const { retain, maxSize } = policy
  if (retain === undefined && maxSize === undefined) return
  const files = paths.flatMap(path => statRecording(path) ?? []).sort((a, b) => b.modifiedAt - a.modifiedAt)
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

interface RotatedFile {
  readonly path: string
  /** milliseconds since 1970 */
  readonly modifiedAt: number
  readonly bytes: number
}

function statRecording(path: string): RotatedFile | undefined {
  const stat = tryStat(path)
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
