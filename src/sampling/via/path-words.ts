// Paths as short words: each directory and each file name is a variable of the far shell, sent once. A request is then a few bytes per file.

import { REQUEST } from './collector-script.ts'

/** Files of one command, and bytes of their paths: what a shell takes up for its longest command it keeps. */
const MAX_FILES = 320
const MAX_PATH_BYTES = 64_000

/** One command's files: the words of the request, and the paths they stand for. */
export interface FileBatch {
  readonly words: string
  readonly paths: readonly string[]
}

/** The variables of one connection. */
export class PathWords {
  private readonly directories = new Map<string, number>()
  private readonly names = new Map<string, number>()
  private readonly freeNumbers: number[] = []
  private nextNumber = 0
  private definitions = ''

  /** Batches that together ask for these files; the new definitions are in `takeDefinitions`. */
  encode(paths: readonly string[]): readonly FileBatch[] {
    const batches: { words: string[]; paths: string[]; bytes: number }[] = []
    for (const path of paths) {
      if (path.includes('\n')) continue // cannot be sent, and is never listed
      const current = batches.at(-1)
      const isFull = current && (current.bytes + path.length > MAX_PATH_BYTES || current.paths.length === MAX_FILES)
      const last = current && !isFull ? current : { words: [], paths: [], bytes: 0 }
      if (last !== current) batches.push(last)
      last.words.push(this.encodePath(path))
      last.paths.push(path)
      last.bytes += path.length + 1
    }
    return batches.map(batch => ({ words: batch.words.join(' '), paths: batch.paths }))
  }

  /** The word for a directory that is asked for again and again; nothing for `''`. */
  encodeDirectory(path: string): string {
    return path === '' ? '' : `$d${this.define(this.directories, 'd', path)}`
  }

  /** The lines that define what was encoded since the last call. */
  takeDefinitions(): string {
    const lines = this.definitions
    this.definitions = ''
    return lines
  }

  /** Gives the variables of directories that are gone to those that come. */
  forget(directory: string): void {
    const number = this.directories.get(directory)
    if (number === undefined) return
    this.directories.delete(directory)
    this.freeNumbers.push(number)
  }

  private encodePath(path: string): string {
    const slash = path.lastIndexOf('/')
    return `$d${this.define(this.directories, 'd', path.slice(0, slash))}$f${this.define(this.names, 'f', path.slice(slash))}`
  }

  private define(known: Map<string, number>, prefix: 'd' | 'f', value: string): number {
    const before = known.get(value)
    if (before !== undefined) return before
    const number = (prefix === 'd' ? this.freeNumbers.pop() : undefined) ?? this.nextNumber++
    known.set(value, number)
    this.definitions += `${REQUEST}V ${prefix}${number} ${value}\n`
    return number
  }
}
