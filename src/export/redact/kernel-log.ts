// The kernel log with other names: what tells of memory is written anew, all other records keep their number, time and level only.
import { parseSlabFailureDetails, parseEvent, parseProgramLine } from '../../collectors/kmsg/event-lines.ts'
import { consumeRecord, emptyOomState } from '../../collectors/kmsg/follow.ts'
import { closeStaleReports, type OomState } from '../../collectors/kmsg/oom.ts'
import type { OomReport, Victim } from '../../collectors/kmsg/oom-kill.ts'
import { type OomLine, parseOomLine } from '../../collectors/kmsg/oom-lines.ts'
import { isCompleteSummary } from '../../collectors/kmsg/oom-summary.ts'
import { type KernelRecord, parseRecord } from '../../collectors/kmsg/record.ts'
import { cacheText, eventText, frameText } from './event-text.ts'
import type { Names } from './names.ts'
import { oomText } from './oom-text.ts'

/** A record with the line it stands on, up to its text. */
interface Placed {
  readonly head: string
  readonly record: KernelRecord
  readonly line: OomLine | undefined
}

/** Follows the log as the program itself does, so as to know which lines belong to what. */
export class LogRedactor {
  private state: OomState = emptyOomState
  private readonly names: Names

  constructor(names: Names) {
    this.names = names
  }

  /** A text of /dev/kmsg with other names. Dictionary lines are left out; what is no record stays a line that is none. */
  text(text: string, time: number): string {
    const lines = text.split('\n').filter(line => line !== '' && line[0] !== ' ')
    const placed = lines.map(line => placedOf(line, time))
    const victims = victimsIn(placed)
    const joined = joinSummaries(placed)
    const redacted = placed.map(one => (one ? one.head + escaped(this.record(joined.get(one) ?? one, victims)) : '?'))
    this.state = closeStaleReports(this.state, time)
    return redacted.map(line => `${line}\n`).join('')
  }

  private record({ record, line }: Placed, victims: ReadonlyMap<number, Victim>): string {
    const before = this.state
    this.state = consumeRecord(before, record)
    const { text, facility } = record
    if (facility !== 0) {
      const said = parseProgramLine(text)
      return said ? eventText(said, this.names) : ''
    }
    const taken = line && takenBy(before, this.state, record)
    if (line && (taken || ALONE.has(line.kind)))
      return oomText(line, text, this.names, { report: taken?.before, victims })
    const event = parseEvent(text)
    if (event) return eventText(event, this.names)
    const cache = before.recordsWaited === null ? undefined : parseSlabFailureDetails(text)
    return cache ? cacheText(cache, this.names) : (frameText(text) ?? '')
  }
}

/** Lines that tell something without a report. */
const ALONE: ReadonlySet<OomLine['kind']> = new Set(['reaped', 'skipped', 'nobody', 'suppressed'])

/** The report that a record became the last line of, and what that report was before. */
function takenBy(
  before: OomState,
  after: OomState,
  { sequence, caller }: KernelRecord,
): { readonly before: OomReport | undefined } | undefined {
  const report = after.reports.findLast(({ logLines }) => logLines?.last === sequence)
  if (!report) return undefined
  const same = before.reports.findLast(
    one => one.logLines?.first === report.logLines?.first && one.caller === (caller ?? null),
  )
  return { before: same }
}

// 4,505850,2427010230,-,caller=T1;…        of the head only what the kernel itself wrote
function placedOf(line: string, time: number): Placed | undefined {
  const raw = parseRecord(line)
  if (!raw) return undefined
  const [head] = /^\d+,\d+,-?\d+,/.exec(line)!
  const caller = raw.caller === undefined ? '' : `,caller=${raw.caller}`
  const { microseconds, ...record } = raw
  return {
    head: `${head}-${caller}${raw.unnumbered ? ',unnumbered' : ''};`,
    record: { ...record, time: Number.isFinite(microseconds) ? microseconds / 1000 : time },
    line: raw.facility === 0 ? parseOomLine(raw.text) : undefined,
  }
}

function victimsIn(placed: readonly (Placed | undefined)[]): ReadonlyMap<number, Victim> {
  const victims = new Map<number, Victim>()
  for (const one of placed) if (one?.line?.kind === 'killed') victims.set(one.line.victim.pid, one.line.victim)
  return victims
}

// A summary that was printed in pieces is put together where it begins: a name may be cut in two.
function joinSummaries(placed: readonly (Placed | undefined)[]): ReadonlyMap<Placed, Placed> {
  const joined = new Map<Placed, Placed>()
  for (const [i, one] of placed.entries()) {
    if (one?.line?.kind !== 'summary' || isCompleteSummary(one.record.text)) continue
    let { text } = one.record
    for (const next of placed.slice(i + 1)) {
      if (next?.line?.kind !== 'more' || next.record.caller !== one.record.caller) continue
      text += next.record.text
      if (isCompleteSummary(text)) break
    }
    const record = { ...one.record, text }
    joined.set(one, { ...one, record, line: parseOomLine(text) })
  }
  return joined
}

// As the kernel writes it: every byte < 0x20, >= 0x7f and the backslash as \xNN.
const escaped = (text: string): string =>
  text.replace(/[^ -~]|\\/g, char => `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`)
