// SlowReport: a node that hardly runs logs the lines of one report seconds apart. Many gaps are a slow logger; after one or two
// the lines themselves decide whether the report goes on.
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import type { OomState } from '../../collectors/kmsg/oom/oom-assembler.ts'
import { parseOomLine } from '../../collectors/kmsg/oom/oom-lines.ts'
import type { LogLocation } from './log-contents.ts'
import { isContinuation, isLoss } from './report-continuity.ts'

interface HeldRecord {
  readonly record: KernelRecord
  readonly place: LogLocation
}

const GAP_MS = 1001 // timestamps may be whole seconds
const MAX_GAP_MS = 120_000
const MIN_GAPS = 3
const MAX_HELD = 5000
const MAX_UNKNOWN = 10
// Lines of a report that say nothing about memory.
const TRACE =
  /^(?:Hardware name:|Workqueue:|Call [Tt]race|Code:|R\w\w: |RIP|Modules linked|\[<|\s|<\/?(?:TASK|IRQ)>|\S+\+0x)/

/** Holds records back after a gap in time, until it is known whether the report goes on. */
export class SlowReport {
  private held: readonly HeldRecord[] = []
  private gaps = 0
  private unknown = 0
  private lastTime = 0
  private isSlow = false
  private lastText = '' // before the first record that is held

  /** Takes a record that replaces the last one. Returns undefined when that is held. */
  amend(record: KernelRecord, place: LogLocation): KernelRecord | undefined {
    if (this.held.length === 0) return this.isSlow ? { ...record, slow: true } : record
    this.held = this.held.with(-1, { record, place })
    return undefined
  }

  /** Returns the records to take now; undefined while it is not known yet. */
  add(record: KernelRecord, place: LogLocation, state: OomState): readonly HeldRecord[] | undefined {
    const one = { record, place }
    const { reports } = state
    const isOpen = reports.some(({ victim }) => victim === null)
    if (record.unnumbered === undefined || (!isOpen && this.held.length === 0)) {
      this.isSlow &&= reports.length > 0
      this.lastTime = record.time
      this.lastText = record.text
      return this.isSlow ? [markSlow(one)] : [one]
    }
    const gap = record.time - this.lastTime
    const isKernel = record.facility === 0
    // the lines of programs go on while the kernel's are slow
    if (isKernel) this.lastTime = record.time
    if (this.isSlow && !isBegin(record) && gap >= 0 && gap <= MAX_GAP_MS) return [markSlow(one)]
    this.isSlow = false
    if (this.held.length === 0 && gap <= GAP_MS) {
      const isBehindTrace = gap >= 0 && isKernel && TRACE.test(this.lastText) && !isBegin(record)
      if (isKernel || isLoss(record)) this.lastText = record.text
      return [isBehindTrace ? markSlow(one) : one] // the stack alone may take longer than a gap
    }
    return this.hold(one, gap, state)
  }

  /** Returns what is held: it is not known to be slow. */
  finish(): readonly HeldRecord[] {
    const { held } = this
    this.held = []
    this.gaps = 0
    this.unknown = 0
    this.isSlow = false
    return held
  }

  private hold(one: HeldRecord, gap: number, state: OomState): readonly HeldRecord[] | undefined {
    const isReportLine = isPart(one.record)
    this.unknown += isReportLine || one.record.facility !== 0 ? 0 : 1
    const isFull = this.held.length >= MAX_HELD || this.unknown > MAX_UNKNOWN
    if (gap < 0 || gap > MAX_GAP_MS || isFull || isBegin(one.record)) return [...this.finish(), one]
    this.gaps += gap > GAP_MS && isReportLine ? 1 : 0
    this.held = [...this.held, one]
    if (this.gaps >= MIN_GAPS) return this.release()
    if (!isKill(one.record)) return undefined
    const records = this.held.map(({ record }) => record)
    return isContinuation(state, this.lastText, records) ? this.release() : this.finish()
  }

  private release(): readonly HeldRecord[] {
    const slow = this.finish().map(markSlow)
    this.isSlow = true
    return slow
  }
}

const markSlow = ({ record, place }: HeldRecord): HeldRecord => ({ record: { ...record, slow: true }, place })

const isKill = ({ text }: KernelRecord): boolean => parseOomLine(text)?.kind === 'killed'

const isBegin = ({ text }: KernelRecord): boolean => / invoked oom-killer: /.test(text)

const isPart = ({ facility, text }: KernelRecord): boolean => {
  const line = facility === 0 && !TRACE.test(text) ? parseOomLine(text) : undefined
  return facility === 0 && (TRACE.test(text) || (line !== undefined && line.kind !== 'invoked'))
}
