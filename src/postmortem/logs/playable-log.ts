// A saved log as a recording: the records of one boot of one machine as the device would have given them, so that the ordinary fold and
// the player take them. Nothing but the kernel log is in it.

import { UserError } from '../../base/errors.ts'
import { NO_DATE } from '../../base/format.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import { type CollectorId, collectorIds } from '../../collectors/index.ts'
import { UNNUMBERED_FIELD } from '../../collectors/kmsg/kernel-record.ts'
import { NOT_IN_LOG, type Reading } from '../../history.ts'
import { guessYear, HEAD_SIZE } from './detect-format.ts'
import { extractTexts, openFile } from './files/open-archive.ts'
import { LineFinder, type LineSink } from './lines/line-finder.ts'
import { LineParser } from './lines/line-parser.ts'
import type { LogLine } from './lines/log-line.ts'
import { PlayedBootFinder } from './played-boot.ts'
import { detectLayout } from './text/text-layout.ts'

/** A log that can be played. */
export interface PlayableLog {
  /** the file, or `tarball:file` for the first log of a tarball */
  readonly name: string
  readonly session: RecordingHeader
  /** of the collector `kmsg`, one for each second in which something was said; of the others one that says they are not there */
  readonly readings: readonly Reading[]
  /** machines in the log, and the one that is played: the last in which memory was in trouble; null: there is only one */
  readonly machines: number
  readonly host: string | null
  /** boots of that machine in the log; the one that is played is the last in which memory was in trouble, else the last */
  readonly boots: number
  /** lines that were left out: of other machines and boots, or because the log is long and they say nothing about memory */
  readonly skippedLines: number
}

const FULLY_READ_BYTES = 64 << 20 // bytes of a log that are read line by line; of the rest only lines about memory

/** Reads a saved log, packed or not; of a tarball its first. @throws UserError when there is no log in it */
export async function loadPlayableLog(path: string, now: number): Promise<PlayableLog> {
  for await (const member of extractTexts(openFile(path, now))) {
    const builder = new PlayableLogBuilder()
    const finder = new LineFinder(builder)
    let begun = false
    for await (const piece of member.pieces) {
      if (!begun) builder.startFile(piece.toString('latin1', 0, HEAD_SIZE), member.modifiedAt)
      begun = true
      builder.needsEveryLine = finder.byteCount < FULLY_READ_BYTES
      finder.push(piece)
      if (!builder.isLog && !builder.needsEveryLine) break // what has no line of a log until here is none: a sparse file may be endless
    }
    finder.finish()
    if (builder.isLog) return { name: member.name, ...builder.build(finder.lineCount) }
  }
  throw new UserError(`${path} is neither a recording nor a log that kmemtop knows`)
}

class PlayableLogBuilder implements LineSink {
  needsEveryLine = true
  isLog = false
  private readonly parser = new LineParser()
  private readonly finder = new PlayedBootFinder()

  startFile(head: string, modifiedAt: number): void {
    this.parser.startFile(guessYear(head, modifiedAt), detectLayout(head, false))
  }

  consumeLine(bytes: string, number: number): void {
    for (const line of this.parser.parseLine(bytes, number)) this.addLine(line)
  }

  finishText(): void {
    for (const line of this.parser.finishFile()) this.addLine(line)
  }

  private addLine(line: LogLine): void {
    this.isLog ||= line.format !== 'plain'
    this.finder.add(line)
  }

  build(count: number): Omit<PlayableLog, 'name'> {
    const { lines, kernel, host, boots, machines } = this.finder.choose()
    const skippedLines = Math.max(0, count - lines.length)
    return { ...toReadings(lines, kernel, host), boots, machines, host, skippedLines }
  }
}

function toReadings(
  lines: readonly LogLine[],
  kernel: string | null,
  machine: string | null,
): Pick<PlayableLog, 'session' | 'readings'> {
  const clock = chooseClock(lines)
  const texts = new Map<number, string[]>()
  const times = computeTimes(lines, clock)
  for (const [i, line] of lines.entries()) {
    const time = times[i]!
    const second = Math.ceil(time / 1000) * 1000
    const own = texts.get(second)
    if (own) own.push(formatRecord(line, i, time))
    else texts.set(second, [formatRecord(line, i, time)])
  }
  const readings = Array.from(texts, ([second, own]): Reading => {
    return { time: second, collector: 'kmsg', files: { '/dev/kmsg': `${own.join('\n')}\n` } }
  })
  const { wallClock } = clock
  const others = collectorIds.filter(id => id !== 'kmsg').map(createAbsentReading)
  const host = machine ?? 'saved log'
  const session = { host, kernel: kernel ?? 'unknown', bootId: 'unknown', wallClock, interval: 1000 }
  return { session: { ...session, monotonic: 0, pageSize: 4096 }, readings: [...others, ...readings] }
}

const createAbsentReading = (collector: CollectorId): Reading => ({ time: 0, collector, files: {}, error: NOT_IN_LOG })

interface LogClock {
  readonly wallClock: number
  /** milliseconds since the first line */
  getTime(line: LogLine): number | undefined
}

// By the kernel's clock where a line has it. What programs said in between by the wall clock, as far as that stays between
// the kernel's lines: it may be stepped. A line without a timestamp keeps its position.
function computeTimes(lines: readonly LogLine[], { getTime: timeOf }: LogClock): readonly number[] {
  const known = lines.map(timeOf)
  const next: number[] = new Array(lines.length)
  let later = Number.POSITIVE_INFINITY
  for (let i = lines.length - 1; i >= 0; i--) {
    next[i] = later
    later = Math.min(known[i] ?? later, later)
  }
  let time = 0
  let offset: number | null = null
  return lines.map(({ wall }, i) => {
    const own = known[i]
    if (own !== undefined && wall !== null) offset = wall - own
    const estimated = own ?? (wall === null || offset === null ? time : Math.min(wall - offset, next[i]!))
    time = Math.max(time, estimated)
    return time
  })
}

// The kernel's stamps where there are any: a wall clock steps.
function chooseClock(lines: readonly LogLine[]): LogClock {
  const boot = lines.find(line => line.boot !== null)
  const wall = lines.find(line => line.wall !== null)
  const both = lines.find(line => line.boot !== null && line.wall !== null)
  if (!boot) {
    const wallClock = wall?.wall ?? NO_DATE
    return { wallClock, getTime: line => (line.wall === null ? undefined : line.wall - wallClock) }
  }
  const bootTime = boot.boot! * 1000
  const wallClock = both ? both.wall! - both.boot! * 1000 + bootTime : (wall?.wall ?? NO_DATE + bootTime)
  return { wallClock, getTime: line => (line.boot === null ? undefined : line.boot * 1000 - bootTime) }
}

// 4,505456,2424568737,-;text       as the device writes it, with the place in the log where it has no number
function formatRecord({ facility, level, text, program, caller }: LogLine, i: number, time: number): string {
  const fullText = program === null ? text : `${program}: ${text}`
  const bytes = Buffer.from(fullText).toString('latin1')
  const escaped = bytes.replace(
    /[\x00-\x1f\x7f-\xff\\]/g,
    char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  const suffix = `${UNNUMBERED_FIELD}${caller === undefined ? '' : `,caller=${caller}`}`
  return `${facility * 8 + (level ?? 6)},${i},${Math.round(time * 1000)},-${suffix};${escaped}`
}
