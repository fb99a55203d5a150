// Shelf: where a recorder's files stand, how they are named, and which are deleted. A directory, or a name that the parts carry with their time.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** When a new file begins, and what is kept. Milliseconds and bytes; absent: no bound. */
export interface Keeping {
  readonly rotate?: number | undefined
  readonly rotateSize?: number | undefined
  readonly retain?: number | undefined
  readonly maxSize?: number | undefined
}

const EXTENSION = '.kmem'
const STAMP = /-\d{8}T\d{6}Z(-\d+)?\.kmem$/

/** Names files after the time of their first reading. */
export class Shelf {
  private readonly directory: string
  private readonly stem: string
  private readonly single: string | undefined
  private readonly keeping: Keeping
  private made = 0

  /** @param target a directory, or a file; of a file that rotates, the parts carry their time before the extension */
  constructor(target: string, host: string, keeping: Keeping) {
    const isDirectory = target.endsWith('/') || directoryExists(target)
    const rotates = keeping.rotate !== undefined || keeping.rotateSize !== undefined
    this.directory = isDirectory ? target : dirname(target)
    this.stem = isDirectory ? `kmemtop-${host.replace(/[^\w.-]/g, '_')}` : basename(target, EXTENSION)
    this.single = isDirectory || rotates ? undefined : target
    this.keeping = keeping
  }

  /** The path of the next file. */
  next(wallClock: number): string {
    if (this.single !== undefined && this.made++ === 0) return this.single
    const stamp = new Date(wallClock).toISOString().replace(/[-:]|\.\d+/g, '')
    const taken = new Set(this.names())
    const name = (n: number): string => `${this.stem}-${stamp}${n > 1 ? `-${n}` : ''}${EXTENSION}`
    let n = 1
    while (taken.has(name(n))) n++
    return join(this.directory, name(n))
  }

  isFull(age: number, bytes: number): boolean {
    const { rotate, rotateSize } = this.keeping
    return (rotate !== undefined && age >= rotate) || (rotateSize !== undefined && bytes >= rotateSize)
  }

  /** Deletes files of this recorder that are too old or too many; never `current`, and nothing that has another name. */
  tidy(now: number, current: string): void {
    const { retain, maxSize } = this.keeping
    if (retain === undefined && maxSize === undefined) return
    const files = this.names()
      .map(name => join(this.directory, name))
      .flatMap(path => {
        const stat = statSync(path, { throwIfNoEntry: false })
        return stat?.isFile() ? { path, at: stat.mtimeMs, bytes: stat.size } : []
      })
      .sort((a, b) => b.at - a.at)
    let sum = 0
    for (const { path, at, bytes } of files) {
      sum += bytes
      const old = now - at > (retain ?? Number.POSITIVE_INFINITY) || sum > (maxSize ?? Number.POSITIVE_INFINITY)
      if (old && path !== current) rmSync(path, { force: true })
    }
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.directory).filter(
        name => name.startsWith(`${this.stem}-`) && STAMP.test(name.slice(this.stem.length)),
      )
    } catch {
      return []
    }
  }
}

/** The recording that the recorder of `path` began after it, by the time in its name; undefined when there is none. */
export function nextAfter(path: string): string | undefined {
  const name = basename(path)
  const stem = name.replace(STAMP, '')
  if (stem === name) return undefined
  const others = readdirSync(dirname(path)).filter(other => other !== stem && other.replace(STAMP, '') === stem)
  const next = others.filter(other => other > name).sort()[0]
  return next === undefined ? undefined : join(dirname(path), next)
}

// What may not be looked at is said when the file is made.
function directoryExists(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
