// Logs whose line ends were lost: copied from a web page, put into one field or a list, with \n, <br> or semicolons between. Taken
// apart before they are read.
import type { LineSink } from '../lines/line-finder.ts'

const MIN_STAMPS = 3

// The first of these that a line has three times is where its messages begin.
const STAMPS: readonly RegExp[] = [
  /(?<![^\s;,|\\n>'"])(?=[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,64} kernel: )/g, // Nov 23 10:11:12 node-7 kernel: text
  /(?<![^\s;,|\\n>'"])(?=\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16} \S{1,64} kernel: )/g, // 2026-11-23T10:11:12+00:00 node-7 kernel: text
  /(?<![^\s;,|\\n>'"])(?=(?:<\d{1,3}>)?\[ *\d{1,10}\.\d{6}\] )/g, // [ 1234.567890] text
  /(?<![^\s;,|\\n>'"])(?=\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] )/g, // [Mon Nov 23 10:11:12 2026] text
]
const SEPARATOR = /(?:\\r)?\\n$|<br ?\/?>$|(['"]), ?\1$|[;,|]?\s{0,4}$/i

/** Returns the messages of a line in which several were put together; the line itself where there are fewer than three. */
export function splitGluedLine(bytes: string): readonly string[] {
  if (bytes.length < 200 || /^\s*[{[]"|^\s*\{/.test(bytes)) return [bytes] // JSON has readers of its own
  for (const stamp of STAMPS) {
    const parts = bytes.split(stamp)
    if (parts.length > MIN_STAMPS)
      return parts.map(part => part.replace(SEPARATOR, '')).filter(part => part.trim() !== '')
  }
  return [bytes]
}

/** True for the first characters of a text with such a line. */
export const hasGluedLines = (head: string): boolean =>
  head.split('\n', 200).some(line => splitGluedLine(line).length > 1)

/** Takes the lines of the first characters apart. */
export const splitGluedLines = (head: string): string => head.split('\n').flatMap(splitGluedLine).join('\n')

/** Gives on each message as a line, all with the number of the line they were in. */
export class GluedLines implements LineSink {
  readonly needsEveryLine = true
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  consumeLine(bytes: string, number: number): void {
    for (const line of splitGluedLine(bytes)) this.sink.consumeLine(line, number)
  }

  finishText(): void {
    this.sink.finishText()
  }
}
