// Reads what is added to one log file from now on: through truncation and rotation, bounded in bytes per call. Nothing blocks the
// thread: a file system may not answer.
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { KiB, MiB } from '../../base/units.ts'

const PIECE = 256 * KiB
const MAX_PER_CALL = 8 * MiB // of more, the middle is skipped and counted

/** What was appended to a log since it was read last. */
export interface Addition {
  readonly text: string
  /** bytes that were not read */
  readonly skipped: number
}

/** A log file. Its descriptor stays open, so that the end of a rotated file is read before the new one. */
export class LogTail {
  private readonly path: string
  private file: FileHandle | undefined
  private inode = 0
  private offset = 0

  /** It is read from its first byte, unless `openAtEnd` comes first. */
  constructor(path: string) {
    this.path = path
  }

  /** Leaves out what it holds now. */
  async openAtEnd(): Promise<void> {
    this.offset = await this.open()
  }

  /** What was added since the last call. A file that cannot be opened has nothing. @throws Error of the system */
  async readAddition(): Promise<Addition> {
    const rest = await this.readRest()
    const stats = await stat(this.path).catch(() => undefined)
    if (!stats || stats.ino === this.inode) return rest
    await this.close()
    await this.open()
    const added = await this.readRest()
    return { text: rest.text + added.text, skipped: rest.skipped + added.skipped }
  }

  async close(): Promise<void> {
    const { file } = this
    this.file = undefined
    await file?.close()
  }

  /** Returns its size; 0 for what cannot be opened, or is no regular file. */
  private async open(): Promise<number> {
    this.offset = 0
    const file = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
    const stats = await file?.stat()
    if (!stats?.isFile()) {
      await file?.close()
      return 0
    }
    this.file = file
    this.inode = stats.ino
    return stats.size
  }

  private async readRest(): Promise<Addition> {
    if (this.file === undefined) await this.open()
    const { file } = this
    if (file === undefined) return { text: '', skipped: 0 }
    const { size } = await file.stat()
    if (size < this.offset) this.offset = 0 // truncated
    const skipped = Math.max(0, size - this.offset - MAX_PER_CALL)
    this.offset += skipped
    const pieces: string[] = []
    while (this.offset < size) {
      const bytes = Buffer.alloc(Math.min(PIECE, size - this.offset))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.offset)
      if (bytesRead === 0) break
      this.offset += bytesRead
      pieces.push(bytes.toString('latin1', 0, bytesRead))
    }
    return { text: pieces.join(''), skipped }
  }
}
