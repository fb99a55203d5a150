// A saved log as a recording: the records of one boot as the device would have given them, so that the ordinary fold and
// the player take them. Nothing but the kernel log is in it.
import { UserError } from '../../base/errors.ts'
import { NO_DATE } from '../../base/format.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import { type CollectorId, collectorIds } from '../../collectors/index.ts'
import { parseEvent } from '../../collectors/kmsg/event-lines.ts'
import { UNNUMBERED_FIELD } from '../../collectors/kmsg/record.ts'
import { NOT_IN_LOG, type Reading } from '../../history.ts'
import { BootKeeper } from './boots.ts'
import { yearOf } from './kind.ts'
import type { LogLine } from './line.ts'
import { LineFinder, type LineSink } from './lines.ts'
import { memberOf, textsIn } from './open.ts'
import { LineParser } from './parser.ts'

/** A log that can be played. */
export interface PlayedLog {
  /** the file, or `tarball:file` for the first log of a tarball */
  readonly name: string
  readonly session: RecordingHeader
  /** of the collector `kmsg`, one for each second in which something was said; of the others one that says they are not there */
  readonly readings: readonly Reading[]
  /** boots in the log; the one that is played is the last in which memory was in trouble, else the last */
  readonly boots: number
  /** lines that were left out, because the log is long and they say nothing about memory */
  readonly left: number
}

const ALL_OF = 64 << 20 // bytes of a log that are taken line by line; of the rest only what tells of memory
const MOST = 200_000 // messages that are kept, the newest

/** Reads a saved log, packed or not; of a tarball its first. @throws UserError when there is no log in it */
export async function playedLog(path: string, now: number): Promise<PlayedLog> {
  for await (const member of textsIn(memberOf(path, now))) {
    const keeper = new Keeper()
    const finder = new LineFinder(keeper)
    let begun = false
    for await (const piece of member.pieces) {
      if (!begun) keeper.begin(yearOf(piece.toString('latin1'), member.changed))
      begun = true
      keeper.attentive = finder.bytes < ALL_OF
      finder.push(piece)
    }
    finder.end()
    if (keeper.isLog) return { name: member.name, ...keeper.played(finder.lines) }
  }
  throw new UserError(`${path} is neither a recording nor a log that kmemtop knows`)
}

interface Kept {
  lines: LogLine[]
  trouble: boolean
  kernel: string | null
}

const KILLED = /Killed process \d+ \(/

class Keeper implements LineSink {
  attentive = true
  isLog = false
  private readonly parser = new LineParser()
  private readonly boots = new BootKeeper()
  private current: Kept = { lines: [], trouble: false, kernel: null }
  private best: Kept | undefined

  begin(year: number): void {
    this.parser.begin(year)
  }

  take(bytes: string, number: number): void {
    for (const line of this.parser.lines(bytes, number)) this.keep(line, bytes)
  }

  end(): void {
    for (const line of this.parser.end()) this.keep(line, '')
  }

  private keep(line: LogLine, bytes: string): void {
    this.isLog ||= line.format !== 'plain'
    if (line.amends) this.current.lines.pop()
    else if (this.boots.see(line, bytes)) this.nextBoot()
    this.current.trouble ||= line.facility === 0 && (KILLED.test(line.text) || parseEvent(line.text) !== undefined)
    this.current.lines.push(line)
    if (this.current.lines.length > 2 * MOST) this.current.lines.splice(0, MOST)
    this.current.kernel = this.boots.all.at(-1)!.kernel
  }

  private nextBoot(): void {
    if (this.current.trouble || !this.best) this.best = this.current
    this.current = { lines: [], trouble: false, kernel: null }
  }

  played(lines: number): Omit<PlayedLog, 'name'> {
    const chosen = this.current.trouble || !this.best?.trouble ? this.current : this.best
    const kept = chosen.lines.slice(-MOST)
    return { ...toReadings(kept, chosen.kernel), boots: this.boots.all.length, left: Math.max(0, lines - kept.length) }
  }
}

function toReadings(lines: readonly LogLine[], kernel: string | null): Pick<PlayedLog, 'session' | 'readings'> {
  const clock = clockOf(lines)
  const texts = new Map<number, string[]>()
  const times = timesOf(lines, clock)
  for (const [i, line] of lines.entries()) {
    const time = times[i]!
    const second = Math.ceil(time / 1000) * 1000
    const own = texts.get(second)
    if (own) own.push(recordText(line, i, time))
    else texts.set(second, [recordText(line, i, time)])
  }
  const readings = Array.from(texts, ([second, own]): Reading => {
    return { time: second, collector: 'kmsg', files: { '/dev/kmsg': `${own.join('\n')}\n` } }
  })
  const { wallClock } = clock
  const others = collectorIds.filter(id => id !== 'kmsg').map(absent)
  const session = { host: 'saved log', kernel: kernel ?? 'unknown', bootId: 'unknown', wallClock, interval: 1000 }
  return { session: { ...session, monotonic: 0, pageSize: 4096 }, readings: [...others, ...readings] }
}

const absent = (collector: CollectorId): Reading => ({ time: 0, collector, files: {}, error: NOT_IN_LOG })

interface LogClock {
  readonly wallClock: number
  /** milliseconds since the first line */
  timeOf(line: LogLine): number | undefined
}

// By the kernel's clock where a line has it. What programs said in between by the wall clock, as far as that stays between
// the kernel's lines: it may be stepped. What has no stamp stays where it stands.
function timesOf(lines: readonly LogLine[], { timeOf }: LogClock): readonly number[] {
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
    const told = own ?? (wall === null || offset === null ? time : Math.min(wall - offset, next[i]!))
    time = Math.max(time, told)
    return time
  })
}

// The kernel's stamps where there are any: a wall clock steps.
function clockOf(lines: readonly LogLine[]): LogClock {
  const boot = lines.find(line => line.boot !== null)
  const wall = lines.find(line => line.wall !== null)
  const both = lines.find(line => line.boot !== null && line.wall !== null)
  if (!boot) {
    const wallClock = wall?.wall ?? NO_DATE
    return { wallClock, timeOf: line => (line.wall === null ? undefined : line.wall - wallClock) }
  }
  const began = boot.boot! * 1000
  const wallClock = both ? both.wall! - both.boot! * 1000 + began : (wall?.wall ?? NO_DATE + began)
  return { wallClock, timeOf: line => (line.boot === null ? undefined : line.boot * 1000 - began) }
}

// 4,505456,2424568737,-;text       as the device writes it, with the place in the log where it has no number
function recordText({ facility, level, text, program, caller }: LogLine, i: number, time: number): string {
  const said = program === null ? text : `${program}: ${text}`
  const bytes = Buffer.from(said).toString('latin1')
  const escaped = bytes.replace(
    /[\x00-\x1f\x7f-\xff\\]/g,
    char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  const more = `${UNNUMBERED_FIELD}${caller === undefined ? '' : `,caller=${caller}`}`
  return `${facility * 8 + (level ?? 6)},${i},${Math.round(time * 1000)},-${more};${escaped}`
}
