// Logs with the newest line first, as log products export them: turned round before they are read.
import { DAY, MiB } from '../../../base/units.ts'
import type { LineSink } from '../lines/line-finder.ts'
import { parseLogLine } from '../lines/log-prefix.ts'
import { isStamped } from '../lines/strip-prefix.ts'

const MAX_LINES = 2000
const MAX_BYTES = 64 * MiB
const MIN_STEPS = 3
const HALF_YEAR = 183 * DAY // stamps without a year: January after December
// Lines of one report in their order, for logs whose stamps are all of one second.
const REPORT_ORDER = [
  / invoked oom-killer: /,
  /^.*\bMem-[Ii]nfo:|memory: usage \d/,
  /\[ *pid *\] +uid/,
  /Killed process \d/,
  /oom_reaper: reaped/,
]

/** True for the first characters of a log whose lines go back in time. A clock that was set back once is no such log. */
export function isNewestFirst(head: string): boolean {
  const lines = head.split('\n', MAX_LINES)
  const parsed = lines.map(line => parseLogLine(line.replace(/\r+$/, ''), 1970))
  const boots = parsed.flatMap(line => line?.boot ?? [])
  const walls = parsed.flatMap(line => line?.wall ?? [])
  const [back, on] = countSteps(boots.length > 1 ? boots : walls)
  if (back >= MIN_STEPS && back > MIN_STEPS * on) return true
  return on === 0 && isReportUpsideDown(lines)
}

function countSteps(times: readonly number[]): readonly [back: number, on: number] {
  let [back, on] = [0, 0]
  for (const [i, time] of times.entries()) {
    const before = times[i - 1] ?? time
    if (time < before && before - time < HALF_YEAR) back++
    else if (time > before) on++
  }
  return [back, on]
}

function isReportUpsideDown(lines: readonly string[]): boolean {
  const places = REPORT_ORDER.map(pattern => lines.findIndex(line => pattern.test(line))).filter(at => at >= 0)
  const [back, on] = countSteps(places)
  return back > 0 && on === 0
}

interface NumberedLine {
  readonly bytes: string
  readonly number: number
}

/** Holds the lines of such a log, and gives them on in order of time when the text is over. */
export class NewestFirst implements LineSink {
  readonly needsEveryLine = true
  /** a part of the log was too far back to be kept: how much was read of how much; null: all */
  get problem(): string | null {
    if (this.bytes <= this.maxBytes) return null
    const whole = Math.ceil(this.bytes / MiB)
    return `newest line first: only the newest ${this.maxBytes / MiB} MiB of ${whole} MiB were read; turn it round with tac to read all`
  }

  private readonly lines: NumberedLine[] = []
  private bytes = 0
  private readonly sink: LineSink
  private readonly maxBytes: number

  /** @param maxBytes of lines that are held */
  constructor(sink: LineSink, maxBytes = MAX_BYTES) {
    this.sink = sink
    this.maxBytes = maxBytes
  }

  consumeLine(bytes: string, number: number): void {
    this.bytes += bytes.length + 1
    if (this.bytes <= this.maxBytes) this.lines.push({ bytes, number })
  }

  finishText(): void {
    for (const record of this.splitRecords().reverse())
      for (const { bytes, number } of record) this.sink.consumeLine(bytes, number)
    this.sink.finishText()
  }

  // The further lines of a record stay below its first.
  private splitRecords(): NumberedLine[][] {
    const records: NumberedLine[][] = []
    const hasStamps = this.lines.some(({ bytes }) => isStamped(bytes))
    for (const line of this.lines) {
      const last = records.at(-1)
      if (last && hasStamps && !isStamped(line.bytes)) last.push(line)
      else records.push([line])
    }
    return records
  }
}
