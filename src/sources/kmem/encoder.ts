// Encoder: readings to the bytes of a recording, look by look. Each look leaves it as whole blocks: what was handed on can be read.
import { once } from 'node:events'
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Reading } from '../../history.ts'
import { encodeCheck, encodeHeader, encodeReading } from './lines.ts'
import { Texts } from './texts.ts'
import type { Summary } from './trailer.ts'

/** Level 9 with small tables: measured as the cheapest in bytes within 0.1 CPU seconds a minute and 3 MB. */
const params = {
  [constants.ZSTD_c_compressionLevel]: 9,
  [constants.ZSTD_c_strategy]: constants.ZSTD_lazy2,
  [constants.ZSTD_c_windowLog]: 21,
  [constants.ZSTD_c_hashLog]: 17,
  [constants.ZSTD_c_chainLog]: 18,
  [constants.ZSTD_c_searchLog]: 4,
  [constants.ZSTD_c_checksumFlag]: 1,
}
/** For what is packed once and sent. */
const dense = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 23,
  [constants.ZSTD_c_checksumFlag]: 1,
}
const FRAME = 300_000 // ms
const FEWEST_LOOKS = 30 // of a frame: a keyframe for each few looks would be most of the file, and of the time to read it
const PIECE = 2 ** 19 // characters of a keyframe that are encoded at once
const LARGEST_TEXT = 64 * 2 ** 20 // bytes of a frame's text after its keyframe: what a reader decodes at once

/** Where the bytes go. `frame`: a new data frame begins with the next bytes. */
export interface Sink {
  bytes(chunk: Buffer): void
  /** the data frame has ended */
  frame(summary: Summary): void
}

/** How to encode, where it is not as a recorder does. */
export interface Encoding {
  /** milliseconds of a frame */
  readonly frameLength?: number
  /** what was known before the first look: a recording that begins in the middle of a session. A `kmsg` one may hold log text */
  readonly keyframe?: readonly Reading[]
  readonly dense?: boolean
}

/** What is known of the frame being written, beside its readings. */
type Notes = Pick<Summary, 'alerts' | 'minutes'>

export class Encoder {
  private texts = new Texts()
  private stream: ZstdCompress | undefined
  private begunAt = 0
  private end = 0
  private readings = 0
  private looks = 0
  private bytes = 0
  /** of them those of the keyframe */
  private head = 0
  private marks: [number, string][] = []
  private notes: Notes = { alerts: [], minutes: [] }
  private session: RecordingHeader
  private isOther = false
  private readonly sink: Sink
  private readonly encoding: Encoding
  private opening: readonly Reading[]

  constructor(session: RecordingHeader, sink: Sink, encoding: Encoding = {}) {
    this.session = session
    this.sink = sink
    this.encoding = encoding
    this.opening = (encoding.keyframe ?? []).map(reading => ({ ...reading, keyframe: true }))
    for (const reading of this.opening) this.texts.take(reading)
  }

  /**
   * What follows is of another session.
   * @param keyframe of another boot: all that is known of it; nothing said before holds any more
   */
  async change(session: RecordingHeader, keyframe?: readonly Reading[]): Promise<void> {
    await this.finish()
    this.session = session
    this.isOther = true
    if (!keyframe) return
    this.texts = new Texts()
    this.opening = keyframe.map(reading => ({ ...reading, keyframe: true }))
    for (const reading of this.opening) this.texts.take(reading)
  }

  /** Writes one look. Resolves when its bytes are with the sink. */
  async look(readings: readonly Reading[]): Promise<void> {
    const [first] = readings
    if (!first) return
    if (this.stream && this.isFull(first.time)) await this.finish()
    if (!this.stream) await this.begin(first.time)
    const text = readings.map(encodeReading).join('')
    for (const reading of readings) this.take(reading)
    await this.write(text)
    this.looks++
  }

  /** Takes what was derived from the readings up to now into the frame's summary. */
  note(notes: Notes): void {
    const { alerts, minutes } = this.notes
    this.notes = { alerts: [...alerts, ...notes.alerts], minutes: [...minutes, ...notes.minutes] }
  }

  /** Ends the frame; the next look begins another. */
  async finish(): Promise<void> {
    const { stream } = this
    if (!stream) return
    this.stream = undefined
    const ended = once(stream, 'end')
    stream.end()
    await ended
    const { begunAt, end, readings, bytes, marks } = this
    const other = this.isOther ? { session: this.session } : {}
    this.isOther = false
    this.sink.frame({ begin: begunAt, end, readings, bytes, marks, ...this.notes, ...other })
    this.notes = { alerts: [], minutes: [] }
  }

  private isFull(time: number): boolean {
    if (this.bytes - this.head >= LARGEST_TEXT) return true
    const { frameLength } = this.encoding
    const isOver = time - this.begunAt >= (frameLength ?? FRAME)
    return isOver && (frameLength !== undefined || this.looks >= FEWEST_LOOKS)
  }

  private async begin(time: number): Promise<void> {
    this.stream = createZstdCompress({ flush: constants.ZSTD_e_flush, params: this.encoding.dense ? dense : params })
    this.stream.on('data', (chunk: Buffer) => this.sink.bytes(chunk))
    this.begunAt = time
    this.readings = 0
    this.looks = 0
    this.bytes = 0
    this.marks = []
    await this.write(encodeHeader(this.session, time, true))
    // in pieces: all that a large node says is tens of megabytes
    for (const piece of this.opening.length > 0 ? this.opening : this.texts.pieces(PIECE))
      await this.write(encodeReading(piece))
    this.opening = []
    this.head = this.bytes
  }

  private async write(text: string): Promise<void> {
    const checked = text + encodeCheck(text)
    this.bytes += checked.length
    await new Promise<void>((resolve, reject) => {
      this.stream!.write(checked, error => (error ? reject(error) : resolve()))
    })
  }

  private take(reading: Reading): void {
    this.texts.take(reading)
    this.readings++
    this.end = Math.max(this.end, reading.time)
    if (reading.collector === 'mark') this.marks.push([reading.time, reading.files.text ?? ''])
  }
}
