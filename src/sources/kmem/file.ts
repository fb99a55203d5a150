// A recording's file while it is written: frames with their summaries, and at the end index and seek table. Writes queue up
// beside the sampling, so that a slow disk delays nothing; one that fails or fills up ends the file, never the session.
import { close, fstatSync, open, rmSync, statfs, statSync, write } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '../../base/errors.ts'
import { encodeIndex, encodeSeekTable, encodeSummary, type Summary } from './trailer.ts'

const MODE = 0o600 // what a kernel log and the names of processes tell is root's
const LARGEST_QUEUE = 32 * 2 ** 20
/** A disk keeps this much free: the smaller of a share and an amount. */
const RESERVE = { share: 0.05, most: 2 ** 30 }

const openFile = promisify(open)
const writeTo = promisify(write)
const statOf = promisify(statfs)

export class RecordingFile {
  readonly path: string
  /** session time of its first reading */
  readonly since: number
  /** written, and still waiting to be */
  bytes = 0
  /** why it ended before it was told to */
  problem: string | undefined
  private readonly fd: number
  private isOpen = true
  private queue: Promise<void> = Promise.resolve()
  private queued = 0
  private inFrame = 0
  private readonly entries: [number, number][] = []
  private readonly summaries: Summary[] = []

  private constructor(path: string, fd: number, since: number) {
    this.path = path
    this.fd = fd
    this.since = since
  }

  /** A new file, written at its end wherever that is: one cut short gets no hole. @throws UserError when it exists already or cannot be made */
  static async create(path: string, since: number): Promise<RecordingFile> {
    try {
      return new RecordingFile(path, await openFile(path, 'ax', MODE), since)
    } catch (error) {
      throw new UserError(refusal(path, error as NodeJS.ErrnoException))
    }
  }

  /** The next bytes of the data frame. */
  write(chunk: Buffer): void {
    this.inFrame += chunk.length
    this.put(chunk)
  }

  /** The data frame has ended. */
  frame(summary: Summary): void {
    const bytes = encodeSummary(summary)
    this.entries.push([this.inFrame, summary.bytes], [bytes.length, 0])
    this.inFrame = 0
    this.summaries.push(summary)
    this.put(bytes)
  }

  /** Resolves when all that was put has been written, or could not be. */
  written(): Promise<void> {
    return this.queue
  }

  /** Why nothing more should be written: its disk is nearly full. */
  async fullDisk(): Promise<string | undefined> {
    try {
      const { bavail, blocks, bsize } = await statOf(this.path)
      const reserve = Math.min(RESERVE.share * blocks, RESERVE.most / bsize)
      return bavail < reserve ? `recording stopped: the disk of ${this.path} is nearly full` : undefined
    } catch {
      return undefined // what keeps it from being written is said when it is written
    }
  }

  /** Why what was written is no longer there: somebody took the file away under it. */
  async lost(): Promise<string | undefined> {
    await this.queue
    const { size, nlink, ino } = fstatSync(this.fd)
    if (nlink === 0 && statSync(this.path, { throwIfNoEntry: false })?.ino !== ino)
      return `recording stopped: ${this.path} was removed`
    return size < this.bytes ? `recording stopped: somebody cut ${this.path} short` : undefined
  }

  /** Writes the trailer and closes. The data frame must have ended. */
  async close(): Promise<void> {
    if (this.inFrame === 0 && this.entries.length > 0) {
      const index = encodeIndex(this.summaries)
      this.entries.push([index.length, 0])
      this.put(index)
      this.put(encodeSeekTable(this.entries))
    }
    await this.ended()
  }

  /** Closes and deletes it: what it should hold could not be made. */
  async discard(): Promise<void> {
    await this.ended()
    rmSync(this.path, { force: true })
  }

  private async ended(): Promise<void> {
    await this.queue
    if (!this.isOpen) return
    this.isOpen = false
    await new Promise<void>(resolve => close(this.fd, () => resolve()))
  }

  private put(chunk: Buffer): void {
    if (this.problem !== undefined) return
    if (this.queued + chunk.length > LARGEST_QUEUE) {
      this.problem = `recording stopped: the disk of ${this.path} does not keep up`
      return
    }
    this.bytes += chunk.length
    this.queued += chunk.length
    this.queue = this.queue.then(() => this.writeNow(chunk))
  }

  private async writeNow(chunk: Buffer): Promise<void> {
    let at = 0
    try {
      while (at < chunk.length && this.problem === undefined)
        at += (await writeTo(this.fd, chunk, at, chunk.length - at)).bytesWritten
    } catch (error) {
      this.problem ??= `recording stopped: ${(error as Error).message}, ${this.path}`
    } finally {
      this.queued -= chunk.length
      this.bytes -= chunk.length - at
    }
  }
}

function refusal(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EEXIST')
    return `${path} exists: a recording is never written over another; name a new file, or a directory`
  if (error.code === 'ENOENT' && !statSync(dirname(path), { throwIfNoEntry: false }))
    return `cannot make ${path}: there is no directory ${dirname(path)}; make it first`
  return `cannot make ${path}: ${error.message}`
}
