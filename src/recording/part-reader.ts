// Decodes a part as far as it is needed: the first frame needs its first sample, a seek what precedes its time.
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { RecordingPart } from './part.ts'
import { NEWLINE, PartDecoder } from './part-decoder.ts'

/** A part that may be decoded only in part. */
export interface PartReader {
  /** what is decoded so far: header and keyframe at least. Its lists grow */
  readonly part: RecordingPart
  /** Decodes on while `needsMore` returns true, or to the end. */
  decodeWhile(needsMore: (part: RecordingPart) => boolean): void
  readonly isComplete: boolean
}

/** Returns a reader of a part that is decoded already. */
export const createPartReader = (part: RecordingPart): PartReader => ({
  part,
  decodeWhile: () => {},
  isComplete: true,
})

/** Decodes a part to its end. */
export function readWhole(reader: PartReader): RecordingPart {
  reader.decodeWhile(() => true)
  return reader.part
}

const NO_TEXT = Buffer.alloc(0)

/** Decodes the text of a frame whose checksum was right. */
export class TextPartReader implements PartReader {
  isComplete = false
  private text: Buffer
  private readonly maxLines: number
  private readonly session: RecordingHeader | undefined
  private readonly decoder: PartDecoder
  private current: RecordingPart

  /** @param session in place of that of its header */
  constructor(text: Buffer, maxLines: number, session?: RecordingHeader) {
    this.text = text
    this.maxLines = maxLines
    this.session = session
    this.decoder = new PartDecoder(maxLines)
    this.current = this.decoder.getPartial()
    const keyframeEnd = text.lastIndexOf('"keyframe"')
    while (!this.isComplete && (this.decoder.consumed === 0 || this.decoder.consumed <= keyframeEnd)) this.tryLine()
    if (!this.isComplete) this.current = this.toPart(this.decoder.getPartial())
    // without check lines only the end shows where samples end
    if (!this.decoder.hasChecks) readWhole(this)
  }

  get part(): RecordingPart {
    return this.current
  }

  decodeWhile(needsMore: (part: RecordingPart) => boolean): void {
    while (!this.isComplete && needsMore(this.current)) this.tryLine()
  }

  // Another program may have compressed a text with other lines in it: the valid lines play.
  private tryLine(): void {
    try {
      this.decodeLine()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.complete(decodeLeniently(this.text, this.maxLines, error))
    }
  }

  // line by line: as one string all of it would be in memory twice
  private decodeLine(): void {
    const { text, decoder } = this
    const at = decoder.consumed
    if (at >= text.length || decoder.exceeded !== undefined) {
      this.complete(decoder.buildPart(false))
      return
    }
    const newline = text.indexOf(NEWLINE, at)
    const end = newline < 0 ? text.length : newline
    const line = decoder.decodeNext(text.subarray(at, end))
    if (line) decoder.addLine(line)
    decoder.consumed = Math.min(text.length, end + 1)
  }

  private complete(part: RecordingPart): void {
    this.current = this.toPart(part)
    this.isComplete = true
    this.text = NO_TEXT
  }

  private toPart(part: RecordingPart): RecordingPart {
    return this.session ? { ...part, session: this.session } : part
  }
}

function decodeLeniently(text: Buffer, maxLines: number, error: UserError): RecordingPart {
  const decoder = new PartDecoder(maxLines)
  decoder.decodeText(text)
  const part = decoder.buildPart(false)
  const bound = part.problem === undefined ? '' : `${part.problem}; `
  return { ...part, problem: `${bound}not all of a recording: ${error.message}` }
}
