// Mails as they are stored: in quoted-printable a line is broken with `=`, and signs are written as =3D. Put together before they are read.
import type { LineSink } from '../lines/line-finder.ts'

const MIN_ENCODED = 3
const MOST = 0.8
const MAX_LENGTH = 16_384

/** True for the first characters of a text in which an equals sign is written as =3D. */
export function isQuotedPrintable(head: string): boolean {
  if ((head.match(/=3D/g)?.length ?? 0) < MIN_ENCODED) return false
  const signs = head.match(/=/g)!.length
  return (head.match(/=(?:[0-9A-F]{2}|\r?\n|$)/g)?.length ?? 0) >= signs * MOST
}

/** Decodes a text. */
export const decodeQuotedPrintable = (text: string): string => decodeSigns(text.replace(/=\r?\n/g, ''))

const decodeSigns = (text: string): string =>
  text.replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))

/** Gives on whole lines, each with the number of its first piece. */
export class QuotedPrintable implements LineSink {
  readonly needsEveryLine = true
  private open: { readonly text: string; readonly number: number } | undefined
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  consumeLine(bytes: string, number: number): void {
    const text = (this.open?.text ?? '') + bytes
    const first = this.open?.number ?? number
    if (bytes.endsWith('=') && text.length < MAX_LENGTH) {
      this.open = { text: text.slice(0, -1), number: first }
      return
    }
    this.open = undefined
    this.sink.consumeLine(decodeSigns(text), first)
  }

  finishText(): void {
    if (this.open) this.sink.consumeLine(decodeSigns(this.open.text), this.open.number)
    this.open = undefined
    this.sink.finishText()
  }
}
