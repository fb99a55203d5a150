// One record of /dev/kmsg. Follows Documentation/ABI/testing/dev-kmsg and kernel/printk/printk.c.
import { unescapeHex } from '../../base/text.ts'

/** One record of the kernel log. `text` is decoded (UTF-8, real control characters): never draw it without `visible`. */
export interface KernelRecord {
  /** the kernel's record number; unknown in logs that do not carry it */
  readonly sequence?: number
  /** the number is only a place in a saved text: lines may be missing without a gap in it */
  readonly unnumbered?: true
  /** session milliseconds; negative before the session began */
  readonly time: number
  /** 0 emerg … 7 debug */
  readonly level: number
  /** 0 is the kernel itself and cannot be forged by user space; anything else is somebody's word */
  readonly facility: number
  readonly text: string
  /** `T<tid>` or `C<cpu>` with CONFIG_PRINTK_CALLER */
  readonly caller?: string
  /** who wrote it, where a saved log says so apart from the text */
  readonly program?: string
}

/** A record with the kernel's own clock still in it: microseconds since boot. */
export interface RawRecord extends Omit<KernelRecord, 'time' | 'sequence'> {
  readonly sequence: number
  readonly microseconds: number
}

// 4,505456,2424568737,-;memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
// 6,1,0,-,caller=T1;Linux version …
// A field of ours, in records made from saved logs.
export const UNNUMBERED_FIELD = ',unnumbered'
const RECORD = /^(\d+),(\d+),(-?\d+),[^;,]*([^;]*);(.*)$/

/** Whether a line has the shape of a record. */
export const isRecord = (line: string): boolean => RECORD.test(line)

/** One line of a /dev/kmsg dump; undefined when it is none (dictionary lines begin with a blank). */
export function parseRecord(line: string): RawRecord | undefined {
  const match = RECORD.exec(line)
  if (!match) return undefined
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

/** All records of a dump in order; ` KEY=value` dictionary lines and anything else that is no record are left out. */
export function parseRecords(text: string): readonly RawRecord[] {
  const records: RawRecord[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.charCodeAt(0) === 0x20) continue
    const record = parseRecord(line)
    if (record) records.push(record)
  }
  return records
}
