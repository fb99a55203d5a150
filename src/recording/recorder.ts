// The recorder: one encoder whose bytes go to two places, the flight memory of the last minutes and a file. Runs in the worker thread.
import { getErrorMessage } from '../base/errors.ts'
import { MiB } from '../base/units.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { readSteps, toWallTime } from '../collectors/wall-clock.ts'
import type { Reading } from '../history.ts'
import { Encoder } from './encoder.ts'
import { FileRotation } from './file-rotation.ts'
import type { FrameSummary } from './frame-index.ts'
import { RecordingWriter } from './recording-writer.ts'
import type { RetentionPolicy } from './retention.ts'

/** The recorder's state. Times are session milliseconds. */
export interface RecorderStatus {
  readonly file?: { readonly path: string; readonly since: number; readonly bytes: number }
  /** the recording of the last minutes in memory */
  readonly flight?: { readonly begin: number; readonly bytes: number }
  /** why nothing is recorded any more */
  readonly problem?: string
  /** the last file that was completed */
  readonly finished?: string
  /** its bytes */
  readonly written?: number
}

/** Flight memory: at least these milliseconds, at most these bytes. */
export const FLIGHT = { duration: 900_000, maxBytes: 16 * MiB }
const DISK_CHECK_INTERVAL = 10_000

interface BufferedFrame {
  readonly begin: number
  end: number
  bytes: number
  readonly chunks: Buffer[]
  summary?: FrameSummary
}

/** Keeps the last minutes of a session in memory, and writes it to a file while one is open. */
export class Recorder {
  private session: RecordingHeader
  /** the session with the steps of the wall clock: new files are named after the clock of now */
  private clocked: RecordingHeader
  private readonly encoder: Encoder
  private readonly flightDuration: number
  private frames: BufferedFrame[] = []
  private file: RecordingWriter | undefined
  private rotation: FileRotation | undefined
  private problem: string | undefined
  private finished: { readonly path: string; readonly bytes: number } | undefined
  private now = 0
  private diskCheckedAt = 0

  /** @param flightDuration milliseconds that the flight memory holds; 0: none, and a file must be started before the first sample */
  constructor(session: RecordingHeader, flightDuration: number) {
    this.session = session
    this.clocked = session
    this.flightDuration = flightDuration
    this.encoder = new Encoder(session, {
      writeBytes: chunk => this.writeBytes(chunk),
      endFrame: summary => this.endFrame(summary),
    })
  }

  /** Records one sample. Resolves when the kernel has it, or when it is queued because the disk is slow. */
  async recordSample(readings: readonly Reading[]): Promise<void> {
    this.now = readings.at(-1)?.time ?? this.now
    const step = readings.find(({ collector }) => collector === 'clock')
    if (step) this.clocked = { ...this.session, clockSteps: readSteps(step, this.session) }
    if (this.isIdle) return
    await this.rotate()
    await this.encoder.writeSample(readings)
    await this.file?.waitForWrites()
    await this.checkDisk()
  }

  /** Continues with the session of another boot: its first sample begins a frame with a header of its own. */
  async switchSession(session: RecordingHeader): Promise<void> {
    this.session = session
    this.clocked = session
    await this.encoder.switchSession(session, [])
  }

  addToSummary(additions: Pick<FrameSummary, 'alerts' | 'minutes'>): void {
    if (!this.isIdle) this.encoder.addToSummary(additions)
  }

  /** Starts a file with the contents of the flight memory. @throws UserError if it cannot be created */
  async start(target: string, retention: RetentionPolicy): Promise<void> {
    await this.stop()
    this.problem = undefined
    this.rotation = new FileRotation(target, this.session.host, retention)
    this.file = await this.createFile(this.frames[0]?.begin ?? this.now)
    for (const { chunks, summary } of this.frames) {
      for (const chunk of chunks) this.file.write(chunk)
      if (summary) this.file.endFrame(summary)
    }
  }

  /** Completes the file, if there is one. */
  async stop(): Promise<void> {
    const { file } = this
    if (!file) return
    const problem = await this.completeFile(file)
    if (problem === undefined) this.finished = { path: file.path, bytes: file.bytes }
  }

  /** Returns the bytes of the flight memory: a recording whose last frame is not finished. */
  getFlightRecording(): Buffer {
    return Buffer.concat(this.frames.flatMap(({ chunks }) => chunks))
  }

  getStatus(): RecorderStatus {
    const { file, frames, problem, finished } = this
    const [oldest] = frames
    return {
      ...(file ? { file: { path: file.path, since: file.since, bytes: file.bytes } } : {}),
      ...(oldest ? { flight: { begin: oldest.begin, bytes: frames.reduce((sum, { bytes }) => sum + bytes, 0) } } : {}),
      ...(problem === undefined ? {} : { problem }),
      ...(finished ? { finished: finished.path, written: finished.bytes } : {}),
    }
  }

  // Without a reader of the bytes nothing is compressed.
  private get isIdle(): boolean {
    return this.flightDuration === 0 && !this.file
  }

  private async createFile(since: number): Promise<RecordingWriter> {
    const file = await RecordingWriter.create(this.rotation!.createPath(toWallTime(this.clocked, since)), since)
    this.rotation!.deleteExpired(file.path)
    return file
  }

  private async rotate(): Promise<void> {
    const { file, rotation } = this
    if (!file || file.bytes === 0 || !rotation?.isFull(this.now - file.since, file.bytes)) return // an empty file is no recording
    await this.completeFile(file)
    try {
      this.file = await this.createFile(this.now)
    } catch (error) {
      this.problem = getErrorMessage(error)
    }
  }

  // An error in the last bytes is a problem like any other. Returns why the file no longer exists.
  private async completeFile(file: RecordingWriter): Promise<string | undefined> {
    await this.encoder.finishFrame()
    this.file = undefined
    const fileProblem = await file.findFileProblem()
    await file.close()
    this.problem ??= fileProblem ?? file.problem
    return fileProblem
  }

  private async checkDisk(): Promise<void> {
    const { file, now } = this
    if (!file) return
    let diskProblem: string | undefined
    if (now - this.diskCheckedAt >= DISK_CHECK_INTERVAL) {
      this.diskCheckedAt = now
      diskProblem = (await file.findFileProblem()) ?? (await file.findDiskProblem())
      file.syncInBackground()
    }
    if (diskProblem === undefined && file.problem === undefined) return
    await this.stop()
    this.problem = diskProblem ?? file.problem
  }

  private writeBytes(chunk: Buffer): void {
    this.file?.write(chunk)
    if (this.flightDuration === 0) return
    let frame = this.frames.at(-1)
    if (!frame || frame.summary) {
      frame = { begin: this.now, end: this.now, bytes: 0, chunks: [] }
      this.frames.push(frame)
    }
    frame.chunks.push(chunk)
    frame.bytes += chunk.length
    frame.end = this.now
  }

  private endFrame(summary: FrameSummary): void {
    this.file?.endFrame(summary)
    const last = this.frames.at(-1)
    if (last) last.summary = summary
    const sumBytes = (): number => this.frames.reduce((sum, { bytes }) => sum + bytes, 0)
    while (
      this.frames.length > 1 &&
      (this.frames[0]!.end < this.now - this.flightDuration || sumBytes() > FLIGHT.maxBytes)
    )
      this.frames.shift()
  }
}
