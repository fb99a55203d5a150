// Redacts the kernel log: lines about memory are written again from their fields, other records keep only number, time and level.

import { consumeRecord, emptyOomState } from '../../collectors/kmsg/consume-record.ts'
import { parseEvent, parseSlabFailureDetails } from '../../collectors/kmsg/event-lines.ts'
import { dropOldKills } from '../../collectors/kmsg/kernel-log.ts'
import { type KernelRecord, parseRecord } from '../../collectors/kmsg/kernel-record.ts'
import { closeStaleReports, type OomState } from '../../collectors/kmsg/oom/oom-assembler.ts'
import type { OomReport, Victim } from '../../collectors/kmsg/oom/oom-kill.ts'
import { type OomLine, parseOomLine } from '../../collectors/kmsg/oom/oom-lines.ts'
import { isCompleteSummary } from '../../collectors/kmsg/oom/oom-summary.ts'
import { parseProgramLine } from '../../collectors/kmsg/programs/program-failures.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { redactCacheLine, redactEvent, redactFrame } from './redact-events.ts'
import { redactOomLine } from './redact-oom-lines.ts'

/** A record and the start of its line, up to the text. */
interface ParsedLine {
  readonly head: string
  readonly record: KernelRecord
  readonly line: OomLine | undefined
}

/** Follows the log with the same parsers as the program, to know to which report a line belongs. */
export class LogRedactor {
  private state: OomState = emptyOomState
  private readonly pseudonyms: Pseudonyms

  constructor(pseudonyms: Pseudonyms) {
    this.pseudonyms = pseudonyms
  }

  /** Redacts a text of /dev/kmsg. Dictionary lines are dropped; an invalid line stays an invalid line. */
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
    this.state = dropOldKills(consumeRecord(before, record))
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

/** Lines that mean something without a report. */
const STANDALONE: ReadonlySet<OomLine['kind']> = new Set(['reaped', 'skipped', 'nobody', 'suppressed'])

/** Returns the report whose last line a record became, and its earlier state. */
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

// 4,505850,2427010230,-,caller=T1;…        only the kernel's own fields of the head are kept
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

const MAX_PIECES = 100 // records after the first piece, those of other tasks between them

// A summary that was printed in pieces is joined at its first piece: a name may be split.
function joinSummaries(parsed: readonly (ParsedLine | undefined)[]): ReadonlyMap<ParsedLine, ParsedLine> {
  const joined = new Map<ParsedLine, ParsedLine>()
  for (const [i, one] of parsed.entries()) {
    if (one?.line?.kind !== 'summary' || isCompleteSummary(one.record.text)) continue
    let { text } = one.record
    for (const next of parsed.slice(i + 1, i + 1 + MAX_PIECES)) {
      if (next?.line?.kind !== 'more' || next.record.caller !== one.record.caller) continue
      text += next.record.text
      if (isCompleteSummary(text)) break
    }
    const record = { ...one.record, text }
    joined.set(one, { ...one, record, line: parseOomLine(text) })
  }
  return joined
}

// Escapes as the kernel does: every byte < 0x20, >= 0x7f and the backslash as \xNN.
const escapeText = (text: string): string =>
  text.replace(/[^ -~]|\\/g, char => `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`)
