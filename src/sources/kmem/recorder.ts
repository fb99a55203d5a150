// Recorder: one encoder, two places for its bytes: the flight memory of the last minutes, and a file. Runs in the worker thread.
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Reading } from '../../history.ts'
import { Encoder } from './encoder.ts'
import { RecordingFile } from './file.ts'
import { type Keeping, Shelf } from './shelf.ts'
import type { Summary } from './trailer.ts'

/** How the recorder is doing. Times are session milliseconds. */
export interface RecorderStatus {
  readonly file?: { readonly path: string; readonly since: number; readonly bytes: number }
  /** what memory holds of the last minutes */
  readonly flight?: { readonly begin: number; readonly bytes: number }
  /** why nothing is recorded, or no more */
  readonly problem?: string
  /** the last file that was completed */
  readonly finished?: string
  /** its bytes */
  readonly written?: number
}

/** Flight memory: milliseconds that are kept at least, bytes at most. */
export const FLIGHT = { keep: 900_000, most: 16 * 2 ** 20 }
const DISK_EVERY = 10_000

interface KeptFrame {
  readonly begin: number
  end: number
  bytes: number
  readonly chunks: Buffer[]
  summary?: Summary
}

export class Recorder {
  private readonly session: RecordingHeader
  private readonly encoder: Encoder
  private readonly keep: number
  private frames: KeptFrame[] = []
  private file: RecordingFile | undefined
  private shelf: Shelf | undefined
  private problem: string | undefined
  private finished: { readonly path: string; readonly bytes: number } | undefined
  private now = 0
  private diskCheckedAt = 0

  /** @param keep milliseconds that the flight memory holds; 0: none, and a file must be started before the first look */
  constructor(session: RecordingHeader, keep: number) {
    this.session = session
    this.keep = keep
    this.encoder = new Encoder(session, { bytes: chunk => this.bytes(chunk), frame: summary => this.frame(summary) })
  }

  /** Records one look. Resolves when it is with the kernel, or when the disk is slow: then it is queued. */
  async look(readings: readonly Reading[]): Promise<void> {
    this.now = readings.at(-1)?.time ?? this.now
    if (this.isIdle) return
    await this.rotate()
    await this.encoder.look(readings)
    await this.file?.written()
    await this.watchDisk()
  }

  note(notes: Pick<Summary, 'alerts' | 'minutes'>): void {
    if (!this.isIdle) this.encoder.note(notes)
  }

  /** Begins a file, with what the flight memory holds. @throws UserError when it cannot be made */
  async start(target: string, keeping: Keeping): Promise<void> {
    await this.stop()
    this.problem = undefined
    this.shelf = new Shelf(target, this.session.host, keeping)
    this.file = await this.create(this.frames[0]?.begin ?? this.now)
    for (const { chunks, summary } of this.frames) {
      for (const chunk of chunks) this.file.write(chunk)
      if (summary) this.file.frame(summary)
    }
  }

  /** Completes the file, if there is one. */
  async stop(): Promise<void> {
    const { file } = this
    if (!file) return
    const lost = await this.complete(file)
    if (lost === undefined) this.finished = { path: file.path, bytes: file.bytes }
  }

  /** The bytes of the flight memory: a recording of its own, whose last frame is still open. */
  flight(): Buffer {
    return Buffer.concat(this.frames.flatMap(({ chunks }) => chunks))
  }

  status(): RecorderStatus {
    const { file, frames, problem, finished } = this
    const [oldest] = frames
    return {
      ...(file ? { file: { path: file.path, since: file.since, bytes: file.bytes } } : {}),
      ...(oldest ? { flight: { begin: oldest.begin, bytes: frames.reduce((sum, { bytes }) => sum + bytes, 0) } } : {}),
      ...(problem === undefined ? {} : { problem }),
      ...(finished ? { finished: finished.path, written: finished.bytes } : {}),
    }
  }

  // Nobody wants the bytes: nothing is packed.
  private get isIdle(): boolean {
    return this.keep === 0 && !this.file
  }

  private async create(since: number): Promise<RecordingFile> {
    const file = await RecordingFile.create(this.shelf!.next(this.session.wallClock + since), since)
    this.shelf!.tidy(this.session.wallClock + this.now, file.path)
    return file
  }

  private async rotate(): Promise<void> {
    const { file, shelf } = this
    if (!file || !shelf?.isFull(this.now - file.since, file.bytes)) return
    await this.complete(file)
    try {
      this.file = await this.create(this.now)
    } catch (error) {
      this.problem = (error as Error).message
    }
  }

  // What goes wrong with its last bytes is a problem as at any look before. Gives why the file is no longer there.
  private async complete(file: RecordingFile): Promise<string | undefined> {
    await this.encoder.finish()
    this.file = undefined
    const lost = await file.lost()
    await file.close()
    this.problem ??= lost ?? file.problem
    return lost
  }

  private async watchDisk(): Promise<void> {
    const { file, now } = this
    if (!file) return
    let full: string | undefined
    if (now - this.diskCheckedAt >= DISK_EVERY) {
      this.diskCheckedAt = now
      full = (await file.lost()) ?? (await file.fullDisk())
    }
    if (full === undefined && file.problem === undefined) return
    await this.stop()
    this.problem = full ?? file.problem
  }

  private bytes(chunk: Buffer): void {
    this.file?.write(chunk)
    if (this.keep === 0) return
    let frame = this.frames.at(-1)
    if (!frame || frame.summary) {
      frame = { begin: this.now, end: this.now, bytes: 0, chunks: [] }
      this.frames.push(frame)
    }
    frame.chunks.push(chunk)
    frame.bytes += chunk.length
    frame.end = this.now
  }

  private frame(summary: Summary): void {
    this.file?.frame(summary)
    const last = this.frames.at(-1)
    if (last) last.summary = summary
    const held = (): number => this.frames.reduce((sum, { bytes }) => sum + bytes, 0)
    while (this.frames.length > 1 && (this.frames[0]!.end < this.now - this.keep || held() > FLIGHT.most))
      this.frames.shift()
  }
}
