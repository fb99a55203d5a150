// The far side's stderr: kernel records, and words of the transport (ssh, kubectl) between them.

import { LOG_MARK } from './collector-script.ts'

/** `prefix,sequence,microseconds,flags;text` as /dev/kmsg gives it. */
const RECORD = /^\d{1,6},(\d{1,16}),(\d{1,20}),[^;\n]{1,40};/
const MAX_LINE = 64 * 1024 // characters of a line without an end that are kept
const MAX_WORDS = 2000 // characters of the transport's last words

/** Takes text as it comes; gives whole records, each once, whatever is sent again after a reconnect. */
export class FarLog {
  private partialLine = ''
  private mark = `${LOG_MARK} \n`
  private lastSequence = -1
  private isInRecord = false
  /** the last words that are no records */
  words = ''
  /** lines of the collector itself */
  marks = 0
  /** whether no record came between the last two of them */
  isQuiet = false
  private hasRecords = false
  /** seconds since boot at which the newest record was written; of all that came, also again */
  newest = 0

  /** the beginning of a line that is no record: a prompt */
  get partialWords(): string {
    return /^[ \d]/.test(this.partialLine) ? '' : this.partialLine.slice(-MAX_WORDS)
  }

  /** Adds what came and gives the records in it, each with its continuation lines. A mark may land in the middle of a line. */
  take(text: string): string {
    const [first, ...others] = (this.partialLine + text).split(this.mark)
    this.partialLine = ''
    let taken = this.takeLines(first!)
    for (const segment of others) {
      this.addMark()
      taken += this.takeLines(segment)
    }
    return taken
  }

  /** A new connection begins: what was left of the old one's last line is gone. */
  startConnection(nonce: string): void {
    this.mark = `${LOG_MARK} ${nonce}\n`
    this.partialLine = ''
    this.isInRecord = false
    this.words = ''
    this.marks = 0
    this.isQuiet = false
    this.hasRecords = false
  }

  /** Another boot begins: its records are counted from 0 again. */
  forgetRecords(): void {
    this.lastSequence = -1
  }

  private takeLines(text: string): string {
    const lines = (this.partialLine + text).split('\n')
    this.partialLine = lines.pop()!.slice(-MAX_LINE)
    return lines
      .filter(line => this.isWanted(line))
      .map(line => `${line}\n`)
      .join('')
  }

  private isWanted(line: string): boolean {
    const [, sequence, microseconds] = RECORD.exec(line) ?? []
    if (sequence === undefined && !line.startsWith(' ')) {
      this.isInRecord = false
      if (line.trim() !== '') this.words = `${this.words}${line}\n`.slice(-MAX_WORDS)
      return false
    }
    if (sequence !== undefined) {
      this.hasRecords = true
      this.newest = Number(microseconds) / 1e6
      this.isInRecord = Number(sequence) > this.lastSequence
      if (this.isInRecord) this.lastSequence = Number(sequence)
    }
    return this.isInRecord
  }

  private addMark(): void {
    this.marks++
    this.isQuiet = !this.hasRecords
    this.hasRecords = false
  }
}
