// Records of /dev/kmsg. Follows Documentation/ABI/testing/dev-kmsg and kernel/printk/printk.c.
import { unescapeHex } from '../../base/text.ts'

/** One record of the kernel log. `text` is decoded UTF-8 with real control characters: draw it only through `escapeControls`. */
export interface KernelRecord {
  /** the kernel's record number; undefined in logs without it */
  readonly sequence?: number
  /** the sequence only numbers the lines of a saved text: records may be missing without a gap in it */
  readonly unnumbered?: true
  /** in a saved text: every line of this report came late, so a gap in time does not show a missing piece */
  readonly slow?: true
  /** session milliseconds; negative before the session began */
  readonly time: number
  /** 0 emerg … 7 debug */
  readonly level: number
  /** 0 is the kernel itself, which user space cannot forge; anything else was written by a program */
  readonly facility: number
  readonly text: string
  /** `T<tid>` or `C<cpu>` with CONFIG_PRINTK_CALLER */
  readonly caller?: string
  /** the program that wrote the record, if a saved log names it outside the text */
  readonly program?: string
}

/** A record as the kernel stamps it: in microseconds since boot. */
export interface RawRecord extends Omit<KernelRecord, 'time' | 'sequence'> {
  readonly sequence: number
  readonly microseconds: number
}

/** A field that kmemtop adds to records made from saved logs. */
export const UNNUMBERED_FIELD = ',unnumbered'
// 4,505456,2424568737,-;memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
// 6,1,0,-,caller=T1;Linux version …
const RECORD = /^(\d+),(\d+),(-?\d+),[^;,]*((?:,[^;]*)?);(.*)$/

// The kernel counts from 0: a number above 2^53 is damage, and the gap before it would be millions of lost records.
const isInRange = (digits: string): boolean => Number.isSafeInteger(Number(digits))

/** Returns whether a line has the format of a record. */
export const isRecord = (line: string): boolean => RECORD.test(line)

/** Parses one line of a /dev/kmsg dump; undefined if it is not a record (dictionary lines begin with a blank). */
export function parseRecord(line: string): RawRecord | undefined {
  const match = RECORD.exec(line)
  if (!match || !isInRange(match[2]!) || !isInRange(match[3]!)) return undefined
  const priority = Number(match[1])
  const isUnnumbered = match[4]!.includes(UNNUMBERED_FIELD)
  const caller = /,caller=([TC]\d+)/.exec(match[4]!)?.[1]
  return {
    sequence: Number(match[2]),
    microseconds: Number(match[3]),
    level: priority & 7,
    facility: priority >> 3,
    text: unescapeHex(match[5]!), // every byte < 0x20, >= 0x7f and the backslash are \xNN
    ...(caller === undefined ? {} : { caller }),
    ...(isUnnumbered ? { unnumbered: true } : {}),
  }
}

/** Parses the records of a dump in order; skips ` KEY=value` dictionary lines and anything else that is not a record. */
export function parseRecords(text: string): readonly RawRecord[] {
  const records: RawRecord[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.charCodeAt(0) === 0x20) continue
    const record = parseRecord(line)
    if (record) records.push(record)
  }
  return records
}
