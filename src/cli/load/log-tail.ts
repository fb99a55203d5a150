// Reads what is added to one log file from now on: through truncation and rotation, bounded in bytes per call.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { KiB, MiB } from '../../base/units.ts'
import { tryStat } from '../../recording/try-stat.ts'

const PIECE = 256 * KiB
const MAX_PER_CALL = 8 * MiB // of more, the middle is skipped and counted

/** What was appended to a log since it was read last. */
export interface Addition {
  readonly text: string
  /** bytes that were not read */
  readonly skipped: number
}

/** An open log file. Its descriptor stays open, so that the end of a rotated file is read before the new one. */
export class LogTail {
  private readonly path: string
  private file: number | undefined
  private inode = 0
  private offset = 0

  /** @param fromStart read it from its first byte: a file that appeared while others were watched */
  constructor(path: string, fromStart = false) {
    this.path = path
    this.open(fromStart)
  }

  /** What was added since the last call. A file that cannot be read has nothing. */
  readAddition(): Addition {
    const rest = this.readRest()
    const stats = tryStat(this.path)
    if (!stats || stats.ino === this.inode) return rest
    this.close()
    this.open(true)
    const added = this.readRest()
    return { text: rest.text + added.text, skipped: rest.skipped + added.skipped }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }

  private open(fromStart: boolean): void {
    try {
      this.file = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stats = fstatSync(this.file)
      if (!stats.isFile()) {
        this.close()
        return
      }
      this.inode = stats.ino
      this.offset = fromStart ? 0 : stats.size
    } catch {
      this.file = undefined
    }
  }

  private readRest(): Addition {
    if (this.file === undefined) {
      this.open(true)
      if (this.file === undefined) return { text: '', skipped: 0 }
    }
    const { size } = fstatSync(this.file)
    if (size < this.offset) this.offset = 0 // truncated
    const skipped = Math.max(0, size - this.offset - MAX_PER_CALL)
    this.offset += skipped
    const pieces: string[] = []
    while (this.offset < size) {
      const bytes = Buffer.alloc(Math.min(PIECE, size - this.offset))
      const length = readSync(this.file, bytes, 0, bytes.length, this.offset)
      if (length === 0) break
      this.offset += length
      pieces.push(bytes.toString('latin1', 0, length))
    }
    return { text: pieces.join(''), skipped }
  }
}
