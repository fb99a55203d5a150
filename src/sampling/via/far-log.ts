// The far side's stderr: kernel records, and words of the transport (ssh, kubectl) between them.

/** `prefix,sequence,microseconds,flags;text` as /dev/kmsg gives it. */
const RECORD = /^\d{1,6},(\d{1,16}),\d{1,20},[^;\n]{1,40};/
const MAX_LINE = 64 * 1024 // characters of a line without an end that are kept
const MAX_WORDS = 2000 // characters of the transport's last words

/** Takes text as it comes; gives whole records, each once, whatever is sent again after a reconnect. */
export class FarLog {
  private partialLine = ''
  private lastSequence = -1
  private isInRecord = false
  /** the last words that are no records */
  words = ''

  /** the beginning of a line that is no record: a prompt */
  get partialWords(): string {
    return /^[ \d]/.test(this.partialLine) ? '' : this.partialLine.slice(-MAX_WORDS)
  }

  /** Adds what came and gives the records in it, each with its continuation lines. */
  take(text: string): string {
    const lines = (this.partialLine + text).split('\n')
    this.partialLine = lines.pop()!.slice(-MAX_LINE)
    return lines
      .filter(line => this.isWanted(line))
      .map(line => `${line}\n`)
      .join('')
  }

  /** A new connection begins: what was left of the old one's last line is gone. */
  startConnection(): void {
    this.partialLine = ''
    this.isInRecord = false
    this.words = ''
  }

  /** Another boot begins: its records are counted from 0 again. */
  forgetRecords(): void {
    this.lastSequence = -1
  }

  private isWanted(line: string): boolean {
    const sequence = RECORD.exec(line)?.[1]
    if (sequence === undefined && !line.startsWith(' ')) {
      this.isInRecord = false
      if (line.trim() !== '') this.words = `${this.words}${line}\n`.slice(-MAX_WORDS)
      return false
    }
    if (sequence !== undefined) {
      this.isInRecord = Number(sequence) > this.lastSequence
      if (this.isInRecord) this.lastSequence = Number(sequence)
    }
    return this.isInRecord
  }
}
