// Bytes of a log in, the lines worth reading out: all of them while something is being told, else only those with a word
// that may begin a story. That is what makes a gigabyte cheap. Pure: no files here.

/** What takes the lines. */
export interface LineSink {
  /** true: the next line is wanted whatever it says */
  readonly attentive: boolean
  /** @param number of the line in its file, from 1. `bytes`: latin1, without the line's end */
  take(bytes: string, number: number): void
  /** the text is over */
  end(): void
}

// Every word that a line of interest has: OOM reports' first and last lines, memory events, programs' errors, boots.
const TRIGGER =
  /oom[-_]|OOM|[mM]emory|[kK]ill(?:ed)? process|page alloc|kmem|cgroup: |ejected by pids|for more than|soft lockup|EDAC|Hardware E|MCE 0x|left on device|resource busy|callbacks s|Linux version|ommand line|location fail|location for|vmalloc|VM_FAULT|able slab|ys[Rr]q|SLUB|SLAB|table full|-- Boot |-- Reboot /g

const LONGEST = 1 << 20 // bytes of a line that are looked at; what is longer is no log line
const KEPT_OF_LONG = 8192

/** Finds lines in pieces of a text as they come. */
export class LineFinder {
  /** lines so far, the torn last one included at `end` */
  lines = 0
  /** bytes so far */
  bytes = 0
  private carry = ''
  private skipping = false
  private last = ''

  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  push(piece: Buffer): void {
    this.bytes += piece.length
    let text = piece.toString('latin1')
    if (this.skipping) {
      const end = text.indexOf('\n')
      if (end < 0) return
      this.skipping = false
      text = text.slice(end + 1)
    }
    const whole = this.carry + text
    const end = whole.lastIndexOf('\n') + 1
    this.carry = whole.slice(end)
    if (this.carry.length > LONGEST) this.cutLong()
    if (end > 0) this.scan(end === whole.length ? whole : whole.slice(0, end))
  }

  /** Nothing comes any more: a last line without an end is one too. */
  end(): void {
    if (this.carry !== '') this.scan(`${this.carry}\n`)
    this.carry = ''
    this.sink.end()
  }

  /** The last line that was seen: its stamp says where the log ends. */
  get lastLine(): string {
    return this.last
  }

  private cutLong(): void {
    this.scan(`${this.carry.slice(0, KEPT_OF_LONG)}\n`)
    this.carry = ''
    this.skipping = true
  }

  private scan(text: string): void {
    let at = 0
    while (at < text.length) at = this.sink.attentive ? this.takeLine(text, at) : this.skip(text, at)
    this.last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -1).slice(0, KEPT_OF_LONG)
  }

  private takeLine(text: string, at: number): number {
    const end = text.indexOf('\n', at)
    this.lines++
    const long = Math.min(end, at + LONGEST)
    let stop = long
    while (stop > at && text.charCodeAt(stop - 1) === 13) stop-- // CRLF; consoles write \r\r\n
    this.sink.take(text.slice(at, stop), this.lines)
    return end + 1
  }

  // To the begin of the next message with a word of interest, or the end of the text.
  private skip(text: string, at: number): number {
    TRIGGER.lastIndex = at
    const found = TRIGGER.exec(text)
    const line = found ? Math.max(at, beginOf(text, found.index)) : text.length
    for (let next = text.indexOf('\n', at); next >= 0 && next < line; next = text.indexOf('\n', next + 1)) this.lines++
    return found ? this.takeLine(text, line) : text.length
  }
}

/** A line of a journal or of dmesg that goes on with the message above it begins with this, or more. */
export const INDENT = ' '.repeat(12)

const MOST_LINES = 8

// The begin of the line that has this place, or of the message it is a further line of.
function beginOf(text: string, place: number): number {
  let begin = text.lastIndexOf('\n', place) + 1
  for (let i = 0; i < MOST_LINES && begin > 1 && text.startsWith(INDENT, begin); i++)
    begin = text.lastIndexOf('\n', begin - 2) + 1
  return begin
}
