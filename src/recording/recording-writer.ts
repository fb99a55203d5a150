// Writes the file of a recording: frames with their summaries, and at the end index and seek table. Writes are queued, so a slow disk
// does not delay sampling. A disk that fails or fills up ends the file, never the session.
import { close, fdatasync, open, rmSync, statfs, write } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import { getErrorCode, getErrorMessage, UserError } from '../base/errors.ts'
import { GiB, MiB } from '../base/units.ts'
import { findOpenFileProblem } from './file-problem.ts'
import { encodeIndex, encodeSeekTable, encodeSummary, type FrameSummary } from './frame-index.ts'
import { tryStat } from './try-stat.ts'

const MODE = 0o600 // the kernel log and names of processes are not public
const MAX_QUEUE_BYTES = 32 * MiB
/** Space that stays free on the disk: the smaller of a share and an amount. */
const RESERVE = { share: 0.05, maxBytes: GiB }

const TRANSIENT_CODES: ReadonlySet<string> = new Set(['EIO', 'EAGAIN', 'EINTR'])
/** Attempts in a row that may fail: one is made with each sample, and at the end. */
const MAX_FAILED_WRITES = 10
/** Errors of a sync that mean that bytes were lost, and how many in a row end the file: there is one every ten seconds. */
const LOSING_CODES: ReadonlySet<string> = new Set(['EIO', 'ENOSPC', 'EDQUOT'])
const MAX_FAILED_SYNCS = 3

const openFile = promisify(open)
const writeToFile = promisify(write)
const statFilesystem = promisify(statfs)
const syncFile = promisify(fdatasync)

/** Writes one file of a recording. A failed write is no exception: `problem` says why the file ended early. */
export class RecordingWriter {
  readonly path: string
  /** session time of its first reading */
  readonly since: number
  /** bytes written and queued */
  bytes = 0
  /** why it ended early */
  problem: string | undefined
  private readonly fd: number
  private isOpen = true
  private queue: Promise<void> = Promise.resolve()
  private readonly chunks: Buffer[] = []
  private queuedBytes = 0
  private failedWrites = 0
  private failedSyncs = 0
  private syncing: Promise<void> | undefined
  private frameBytes = 0
  private readonly seekEntries: [number, number][] = []
  private readonly summaries: FrameSummary[] = []
  private summaryBytes = 0

  private constructor(path: string, fd: number, since: number) {
    this.path = path
    this.fd = fd
    this.since = since
  }

  /** Creates a file in append mode, so that a truncated file gets no hole. @throws UserError if it exists or cannot be created */
  static async create(path: string, since: number): Promise<RecordingWriter> {
    try {
      return new RecordingWriter(path, await openFile(path, 'ax', MODE), since)
    } catch (error) {
      throw new UserError(explainCreateError(path, error as NodeJS.ErrnoException))
    }
  }

  /** Writes the next bytes of the data frame. */
  write(chunk: Buffer): void {
    this.frameBytes += chunk.length
    this.enqueue(chunk)
  }

  /** Ends the data frame. */
  endFrame(summary: FrameSummary): void {
    const bytes = encodeSummary(summary)
    this.seekEntries.push([this.frameBytes, summary.bytes], [bytes.length, 0])
    this.frameBytes = 0
    this.summaryBytes += bytes.length
    if (this.summaryBytes <= RECORDING_BOUNDS.index) this.summaries.push(summary)
    else this.summaries.length = 0 // a reader refuses an index that large, and reads the summaries themselves
    this.enqueue(bytes)
  }

  /** Resolves when everything in the queue was written or has failed. */
  waitForWrites(): Promise<void> {
    return this.queue
  }

  /**
   * Has the disk keep what was written, so that a power failure, a panic, or a disk that is taken away loses only what follows. It may
   * take long, so nobody waits for it; one that is under way is not asked again.
   */
  syncInBackground(): void {
    this.syncing ??= this.sync().finally(() => {
      this.syncing = undefined
    })
  }

  // A filesystem that cannot sync is no problem. One that fails has lost what it had taken.
  private async sync(allowedFailures = MAX_FAILED_SYNCS - 1): Promise<void> {
    try {
      await syncFile(this.fd)
      this.failedSyncs = 0
    } catch (error) {
      if (!LOSING_CODES.has(getErrorCode(error) ?? '') || ++this.failedSyncs <= allowedFailures) return
      this.problem ??= `recording stopped: ${this.path} does not reach the disk: ${getErrorMessage(error)}`
    }
  }

  /** Returns why writing must stop: the disk is nearly full. */
  async findDiskProblem(): Promise<string | undefined> {
    try {
      const { bavail, blocks, bsize } = await statFilesystem(this.path)
      const reserve = Math.min(RESERVE.share * blocks, RESERVE.maxBytes / bsize)
      return bavail < reserve ? `recording stopped: the disk of ${this.path} is nearly full` : undefined
    } catch {
      return undefined // an error that prevents writing is reported by the write itself
    }
  }

  /** Returns why the written bytes are no longer in the file, or the file cannot be reached. */
  async findFileProblem(): Promise<string | undefined> {
    await this.queue
    return findOpenFileProblem(this.fd, this.path, this.bytes - this.queuedBytes)
  }

  /** Writes index and seek table and closes the file. The data frame must have ended. */
  async close(): Promise<void> {
    if (this.frameBytes === 0 && this.seekEntries.length > 0) {
      const index = this.summaries.length === 0 ? Buffer.alloc(0) : encodeIndex(this.summaries)
      if (index.length > 0) this.seekEntries.push([index.length, 0])
      this.enqueue(index)
      this.enqueue(encodeSeekTable(this.seekEntries))
    }
    await this.finishAndClose()
  }

  /** Closes and deletes the file, because its contents could not be produced. */
  async discard(): Promise<void> {
    await this.finishAndClose()
    rmSync(this.path, { force: true })
  }

  private async finishAndClose(): Promise<void> {
    for (let i = 0; i < MAX_FAILED_WRITES; i++) await this.flush()
    if (!this.isOpen) return
    this.isOpen = false
    await this.syncing
    await this.sync(0)
    await new Promise<void>(resolve => close(this.fd, () => resolve()))
  }

  private enqueue(chunk: Buffer): void {
    if (this.problem !== undefined) return
    if (this.queuedBytes + chunk.length > MAX_QUEUE_BYTES) {
      this.problem = `recording stopped: the disk of ${this.path} does not keep up`
      return
    }
    this.bytes += chunk.length
    this.queuedBytes += chunk.length
    this.chunks.push(chunk)
    void this.flush()
  }

  private flush(): Promise<void> {
    this.queue = this.queue.then(() => this.writeQueued())
    return this.queue
  }

  // One failed write of a disk or of a network file system is often followed by one that succeeds: a recording of hours must
  // not end with it. What failed waits for the next sample.
  private async writeQueued(): Promise<void> {
    for (let chunk = this.chunks[0]; chunk && this.problem === undefined; chunk = this.chunks[0]) {
      try {
        this.noteWritten(chunk, (await writeToFile(this.fd, chunk)).bytesWritten)
        this.failedWrites = 0
      } catch (error) {
        this.failedWrites++
        const isTransient = TRANSIENT_CODES.has(getErrorCode(error) ?? '')
        if (isTransient && this.failedWrites < MAX_FAILED_WRITES) return
        this.problem ??= `recording stopped: ${getErrorMessage(error)}, ${this.path}`
      }
    }
    if (this.problem !== undefined) this.dropQueue()
  }

  private noteWritten(chunk: Buffer, count: number): void {
    this.queuedBytes -= count
    if (count === chunk.length) this.chunks.shift()
    else this.chunks[0] = chunk.subarray(count)
  }

  private dropQueue(): void {
    this.chunks.length = 0
    this.bytes -= this.queuedBytes
    this.queuedBytes = 0
  }
}

function explainCreateError(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EEXIST')
    return `${path} exists, and a recording is never overwritten; name a new file, or a directory`
  if (error.code === 'ENOENT' && !tryStat(dirname(path)))
    return `cannot make ${path}: there is no directory ${dirname(path)}; make it first`
  return `cannot make ${path}: ${error.message}`
}
