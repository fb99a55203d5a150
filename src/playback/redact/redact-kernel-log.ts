// The kernel log with other names: what tells of memory is written anew, all other records keep their number, time and level only.

import { consumeRecord, emptyOomState } from '../../collectors/kmsg/consume-record.ts'
import { parseEvent, parseProgramLine, parseSlabFailureDetails } from '../../collectors/kmsg/event-lines.ts'
import { type KernelRecord, parseRecord } from '../../collectors/kmsg/kernel-record.ts'
import { closeStaleReports, type OomState } from '../../collectors/kmsg/oom-assembler.ts'
import type { OomReport, Victim } from '../../collectors/kmsg/oom-kill.ts'
import { type OomLine, parseOomLine } from '../../collectors/kmsg/oom-lines.ts'
import { isCompleteSummary } from '../../collectors/kmsg/oom-summary.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { redactCacheLine, redactEvent, redactFrame } from './redact-events.ts'
import { redactOomLine } from './redact-oom-lines.ts'

/** A record with the line it stands on, up to its text. */
interface ParsedLine {
  readonly head: string
  readonly record: KernelRecord
  readonly line: OomLine | undefined
}

/** Follows the log as the program itself does, so as to know which lines belong to what. */
export class LogRedactor {
  private state: OomState = emptyOomState
  private readonly pseudonyms: Pseudonyms

  constructor(pseudonyms: Pseudonyms) {
    this.pseudonyms = pseudonyms
  }

  /** A text of /dev/kmsg with other names. Dictionary lines are left out; what is no record stays a line that is none. */
  redactText(text: string, time: number): string {
    const lines = text.split('\n').filter(line => line !== '' && line[0] !== ' ')
    const parsed = lines.map(line => parseRecordLine(line, time))
    const victims = collectVictims(parsed)
    const joined = joinSummaries(parsed)
    const redacted = parsed.map(one =>
      one ? one.head + escapeText(this.redactRecord(joined.get(one) ?? one, victims)) : '?',
    )
    this.state = closeStaleReports(this.state, time)
    return redacted.map(line => `${line}\n`).join('')
  }

  private redactRecord({ record, line }: ParsedLine, victims: ReadonlyMap<number, Victim>): string {
    const before = this.state
    this.state = consumeRecord(before, record)
    const { text, facility } = record
    if (facility !== 0) {
      const programEvent = parseProgramLine(text)
      return programEvent ? redactEvent(programEvent, this.pseudonyms) : ''
    }
    const ownReport = line && findReport(before, this.state, record)
    if (line && (ownReport || STANDALONE.has(line.kind)))
      return redactOomLine(line, text, this.pseudonyms, { report: ownReport?.before, victims })
    const event = parseEvent(text)
    if (event) return redactEvent(event, this.pseudonyms)
    const cache = before.recordsWaited === null ? undefined : parseSlabFailureDetails(text)
    return cache ? redactCacheLine(cache, this.pseudonyms) : (redactFrame(text) ?? '')
  }
}

/** Lines that tell something without a report. */
const STANDALONE: ReadonlySet<OomLine['kind']> = new Set(['reaped', 'skipped', 'nobody', 'suppressed'])

/** The report that a record became the last line of, and what that report was before. */
function findReport(
  before: OomState,
  after: OomState,
  { sequence, caller }: KernelRecord,
): { readonly before: OomReport | undefined } | undefined {
  const report = after.reports.findLast(({ logLines }) => logLines?.last === sequence)
  if (!report) return undefined
  const earlier = before.reports.findLast(
    one => one.logLines?.first === report.logLines?.first && one.caller === (caller ?? null),
  )
  return { before: earlier }
}

// 4,505850,2427010230,-,caller=T1;…        of the head only what the kernel itself wrote
function parseRecordLine(line: string, time: number): ParsedLine | undefined {
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

function collectVictims(parsed: readonly (ParsedLine | undefined)[]): ReadonlyMap<number, Victim> {
  const victims = new Map<number, Victim>()
  for (const one of parsed) if (one?.line?.kind === 'killed') victims.set(one.line.victim.pid, one.line.victim)
  return victims
}

// A summary that was printed in pieces is put together where it begins: a name may be cut in two.
function joinSummaries(parsed: readonly (ParsedLine | undefined)[]): ReadonlyMap<ParsedLine, ParsedLine> {
  const joined = new Map<ParsedLine, ParsedLine>()
  for (const [i, one] of parsed.entries()) {
    if (one?.line?.kind !== 'summary' || isCompleteSummary(one.record.text)) continue
    let { text } = one.record
    for (const next of parsed.slice(i + 1)) {
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
const escapeText = (text: string): string =>
  text.replace(/[^ -~]|\\/g, char => `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`)
