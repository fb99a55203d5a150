// Encodes readings to the bytes of a recording, sample by sample. Each sample ends with a whole block, so everything that was
// written can be read.

import { once } from 'node:events'
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib'
import { MiB } from '../base/units.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import type { FrameSummary } from './frame-index.ts'
import { LatestFiles } from './latest-files.ts'
import { encodeCheck, encodeHeader, encodeReading } from './line-codec.ts'

/** Level 9 with small tables: measured as the smallest output within 0.1 CPU seconds per minute and 3 MB. */
const recorderParams = {
  [constants.ZSTD_c_compressionLevel]: 9,
  [constants.ZSTD_c_strategy]: constants.ZSTD_lazy2,
  [constants.ZSTD_c_windowLog]: 21,
  [constants.ZSTD_c_hashLog]: 17,
  [constants.ZSTD_c_chainLog]: 18,
  [constants.ZSTD_c_searchLog]: 4,
  [constants.ZSTD_c_checksumFlag]: 1,
}
/** For data that is compressed once and sent. */
const denseParams = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 23,
  [constants.ZSTD_c_checksumFlag]: 1,
}
const FRAME_DURATION = 300_000 // ms
const MIN_FRAME_SAMPLES = 30 // with fewer samples per keyframe, keyframes would be most of the file and of the time to read it
const KEYFRAME_PIECE = 2 ** 19 // characters of a keyframe that are encoded together
const MAX_FRAME_TEXT = 64 * MiB // bytes of a frame's text after its keyframe: a reader decodes it as a whole

/** Receives the bytes. */
export interface FrameSink {
  writeBytes(chunk: Buffer): void
  /** called at the end of a data frame */
  endFrame(summary: FrameSummary): void
}

/** Options; the defaults are those of a recorder. */
export interface EncoderOptions {
  /** milliseconds per frame */
  readonly frameDuration?: number
  /** the keyframe before the first sample, for a recording that begins in the middle of a session. A `kmsg` reading may hold log text */
  readonly keyframe?: readonly Reading[]
  readonly dense?: boolean
}

/** Additions to the summary of the current frame. */
type SummaryAdditions = Pick<FrameSummary, 'alerts' | 'minutes'>

const MAX_SUMMARY_ALERTS = 1000 // of one frame, about 4 KB each: a node may kill 100 processes a second in as many cgroups

/** Turns samples into compressed frames. It writes no file: the bytes go to a `FrameSink`. */
export class Encoder {
  private latestFiles = new LatestFiles()
  private stream: ZstdCompress | undefined
  private frameBegin = 0
  private frameEnd = 0
  private readingCount = 0
  private sampleCount = 0
  private textBytes = 0
  /** bytes of the keyframe among them */
  private keyframeBytes = 0
  private marks: [number, string][] = []
  private additions: SummaryAdditions = { alerts: [], minutes: [] }
  private alertsLeftOut = 0
  private session: RecordingHeader
  private hasNewHeader = false
  private readonly sink: FrameSink
  private readonly options: EncoderOptions
  private pendingKeyframe: readonly Reading[]

  constructor(session: RecordingHeader, sink: FrameSink, options: EncoderOptions = {}) {
    this.session = session
    this.sink = sink
    this.options = options
    this.pendingKeyframe = (options.keyframe ?? []).map(reading => ({ ...reading, keyframe: true }))
    for (const reading of this.pendingKeyframe) this.latestFiles.addReading(reading)
  }

  /**
   * Switches to another session.
   * @param keyframe for another boot: everything known about it; earlier texts no longer hold
   */
  async switchSession(session: RecordingHeader, keyframe?: readonly Reading[]): Promise<void> {
    await this.finishFrame()
    this.session = session
    this.hasNewHeader = true
    if (!keyframe) return
    this.latestFiles = new LatestFiles()
    this.pendingKeyframe = keyframe.map(reading => ({ ...reading, keyframe: true }))
    for (const reading of this.pendingKeyframe) this.latestFiles.addReading(reading)
  }

  /** Writes one sample. Resolves when the sink has its bytes. */
  async writeSample(readings: readonly Reading[]): Promise<void> {
    const [first] = readings
    if (!first) return
    if (this.stream && this.isFrameFull(first.time)) await this.finishFrame()
    if (!this.stream) await this.beginFrame(first.time)
    const text = readings.map(encodeReading).join('')
    for (const reading of readings) this.addReading(reading)
    await this.writeText(text)
    this.sampleCount++
  }

  /** Adds what was derived from the readings so far to the summary of the frame. */
  addToSummary(additions: SummaryAdditions): void {
    const { alerts, minutes } = this.additions
    const added = additions.alerts.slice(0, MAX_SUMMARY_ALERTS - alerts.length)
    this.alertsLeftOut += additions.alerts.length - added.length
    this.additions = { alerts: [...alerts, ...added], minutes: [...minutes, ...additions.minutes] }
  }

  /** Ends the frame; the next sample begins another. */
  async finishFrame(): Promise<void> {
    const { stream } = this
    if (!stream) return
    this.stream = undefined
    const ended = once(stream, 'end')
    stream.end()
    await ended
    const { frameBegin, frameEnd, readingCount, textBytes, marks } = this
    const newHeader = this.hasNewHeader ? { session: this.session } : {}
    const leftOut = this.alertsLeftOut === 0 ? {} : { alertsLeftOut: this.alertsLeftOut }
    this.hasNewHeader = false
    this.sink.endFrame({
      begin: frameBegin,
      end: frameEnd,
      readings: readingCount,
      bytes: textBytes,
      marks,
      ...this.additions,
      ...leftOut,
      ...newHeader,
    })
    this.additions = { alerts: [], minutes: [] }
    this.alertsLeftOut = 0
  }

  private isFrameFull(time: number): boolean {
    if (this.textBytes - this.keyframeBytes >= MAX_FRAME_TEXT) return true
    const { frameDuration } = this.options
    const isOver = time - this.frameBegin >= (frameDuration ?? FRAME_DURATION)
    return isOver && (frameDuration !== undefined || this.sampleCount >= MIN_FRAME_SAMPLES)
  }

  private async beginFrame(time: number): Promise<void> {
    this.stream = createZstdCompress({
      flush: constants.ZSTD_e_flush,
      params: this.options.dense ? denseParams : recorderParams,
    })
    this.stream.on('data', (chunk: Buffer) => this.sink.writeBytes(chunk))
    this.frameBegin = time
    this.readingCount = 0
    this.sampleCount = 0
    this.textBytes = 0
    this.marks = []
    await this.writeText(encodeHeader(this.session, time, true))
    // in pieces: the texts of a large node are tens of megabytes
    for (const piece of this.pendingKeyframe.length > 0
      ? this.pendingKeyframe
      : this.latestFiles.buildKeyframePieces(KEYFRAME_PIECE))
      await this.writeText(encodeReading(piece))
    this.pendingKeyframe = []
    this.keyframeBytes = this.textBytes
  }

  private async writeText(text: string): Promise<void> {
    const checked = text + encodeCheck(text)
    this.textBytes += checked.length
    await new Promise<void>((resolve, reject) => {
      this.stream!.write(checked, error => (error ? reject(error) : resolve()))
    })
  }

  private addReading(reading: Reading): void {
    this.latestFiles.addReading(reading)
    this.readingCount++
    this.frameEnd = Math.max(this.frameEnd, reading.time)
    if (reading.collector === 'mark') this.marks.push([reading.time, reading.files.text ?? ''])
  }
}
