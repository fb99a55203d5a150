// Time stamps at the beginning of a line: wall clocks of syslog, journalctl and dmesg -T, seconds since boot of dmesg. Pure.
import { parseMonth } from './months.ts'

/** A stamp, and how many characters of the line it takes, the blank behind it included. */
export interface Timestamp {
  readonly format: string
  /** kernel: the kernel's text follows; syslog: host and program follow */
  readonly kind: 'kernel' | 'syslog'
  /** milliseconds since 1970 */
  readonly wall: number | null
  /** seconds since boot */
  readonly boot: number | null
  readonly length: number
}

type TimestampMatch = RegExpExecArray
type TimestampReader = (match: TimestampMatch, year: number) => Pick<Timestamp, 'wall' | 'boot'> | undefined

const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))? ?(Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Z]{3,4})?`
// a day and a month may be of any language, which names them: 一 11月, lun. nov.; some pad the month with a blank: 五  3月
const DAY = String.raw`[^\s\d[\]:]{1,12}`
const MONTH = String.raw`([^\s[\]:]{3,12})`
// not the step of a batch job: [991.0]
const KERNEL_STAMP = String.raw`\[ *\d+\.\d{3,}\]`

const FORMATS: readonly (readonly [format: string, kind: Timestamp['kind'], pattern: RegExp, read: TimestampReader])[] =
  [
    // [ 1234.567890] text     [    0.000000][    T0] text     dmesg -d: [ 1234.567890 <    0.000012>] text
    ['dmesg', 'kernel', /^\[ *(\d+\.\d+)(?: <[ +-]*\d+\.\d+ *>| +)?\] ?/, m => ({ wall: null, boot: Number(m[1]) })],
    ['dmesg -t -d', 'kernel', /^\[<[ +-]*\d+\.\d+ *>\] ?/, () => NO_TIME],
    // [Mon Nov 23 10:00:00 2026] text        crash: [Mon Nov 23 10:00:00 CET 2026] text
    [
      'dmesg -T',
      'kernel',
      new RegExp(
        String.raw`^\[${DAY} +${MONTH} +(\d+) (\d\d):(\d\d):(\d\d)(?: ([AP])M)?(?: [A-Z]{2,5})? (\d{4})(?: <[ +]*\d+\.\d+>)?\] ?`,
      ),
      m => parseLocalTime(Number(m[7]), m[1]!, [m[2]!, toHours(m[3]!, m[6]), ...m.slice(4, 6)]) ?? NO_TIME,
    ],
    // [Nov23 10:00] text       [  +0.000012] text       [Nov 23 10:00:05] text
    [
      'dmesg -e',
      'kernel',
      new RegExp(String.raw`^\[${MONTH.replace('{3,12}', '{3,12}?')} ?(\d+) (\d\d):(\d\d)(?::(\d\d))?\] ?`),
      (m, year) => parseLocalTime(year, m[1]!, [...m.slice(2, 5), m[5] ?? '0']),
    ],
    ['dmesg -e', 'kernel', /^\[ *\+\d+[.,]\d+\] ?/, () => NO_TIME], // a comma in some languages
    // 2026-11-23T10:00:00,123456+00:00 text
    [
      'dmesg --time-format=iso',
      'kernel',
      /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d),(\d+)(Z|[+-]\d\d:?\d\d) /,
      m => parseIsoTime(m.slice(1)),
    ],
    // [2026-11-23 10:00:00] [ 1234.567890] text         a terminal's or a console server's own stamp
    [
      'console',
      'kernel',
      new RegExp(String.raw`^\[${DATE}\] ?(?=(?:<\d+>)?${KERNEL_STAMP})`),
      m => parseIsoTime(m.slice(1)),
    ],
    ['talosctl dmesg', 'kernel', new RegExp(String.raw`^\[${DATE}\]: `), m => parseIsoTime(m.slice(1))],
    // 2026-11-23T10:00:00.127Z In(05) vcpu-5 - Guest: <6>[ 1234.567890] text        a hypervisor's log of its guest
    [
      'hypervisor',
      'kernel',
      new RegExp(String.raw`^${DATE}\|? [^<[]{0,60}Guest: (?=(?:<\d+>)?${KERNEL_STAMP})`),
      m => parseIsoTime(m.slice(1)),
    ],
    // 2026-11-23T10:00:00.123456+00:00 node-7 kernel: text        Mon 2026-11-23 10:00:00 UTC node-7 kernel: text
    ['syslog iso', 'syslog', new RegExp(`^(?:${DAY} )?${DATE} `), m => parseIsoTime(m.slice(1))],
    // what `date` prints is no stamp: Tue Mar 12 10:22:41 CET 2024
    // Nov 23 10:00:00 node-7 kernel: text      with a year before or behind on some: Mon Nov 23 10:00:00 2026 kern.warn kernel: text
    [
      'syslog',
      'syslog',
      new RegExp(
        String.raw`^ ?(?:(\d{4}) |${DAY} )?${MONTH} +(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(\.\d+)?:?(?: (\d{4}))? (?!(?:[AP]M )?[A-Z]{2,5} \d{4}$)`,
      ),
      (m, year) =>
        parseLocalTime(Number(m[1] ?? m[4] ?? m[9] ?? year), m[2]!, [m[3]!, m[5]!, m[6]!, m[7]! + (m[8] ?? '')]),
    ],
    // 1795428000.123456 node-7 kernel: text
    [
      'journal short-unix',
      'syslog',
      /^(\d{9,10}\.\d{3,9}) (?=(?:\S+ )?\S+: )/,
      m => ({ wall: Number(m[1]) * 1000, boot: null }),
    ],
    // I1123 10:00:00.123456    1234 kuberuntime_manager.go:123] text
    [
      'klog',
      'syslog',
      /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d\.\d+) +\d+ \S+?\] /,
      (m, year) => toLocalTime(year, Number(m[1]) - 1, m.slice(2)),
    ],
    // 2026/11/23 10:00:00.123 text       2026.11.23 10:00:00 text
    [
      'date and time',
      'syslog',
      /^\[?(\d{4})[/.](\d\d?)[/.](\d\d?)[T ,]+(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\]? /,
      m => parseIsoTime(m.slice(1)),
    ],
    // [2026-11-23T10:00:00.123] text
    ['date and time', 'syslog', new RegExp(String.raw`^\[${DATE}\] `), m => parseIsoTime(m.slice(1))],
    // 23/11/2026 22:00:00 text       11/23/2026, 10:00:00 PM text       23.11.2026 22:00:00 text
    [
      'date and time',
      'syslog',
      /^\[?(\d\d?)[/.](\d\d?)[/.](\d{2}|\d{4})[ ,]+(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?: ([AP])M)?\]? (?![^[]{0,60}\[ *\d+\.\d{6}\])/,
      m => parseDayMonth(m),
    ],
    // 23/Nov/2026:22:00:00 +0100 text
    [
      'date and time',
      'syslog',
      /^\[?(\d\d?)[/ -]([A-Z][a-z][a-z])[/ -](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?: [+-]\d{4})?\]? /,
      m => parseLocalTime(Number(m[3]), m[2]!, [m[1]!, m[4]!, m[5]!, m[6]!]),
    ],
    // 22:00:00.123 text        [22:00:00] text
    ['time of day', 'syslog', /^\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?:? /, () => NO_TIME],
    // time="2026-11-23T10:00:00.123Z" level=error msg="…"
    ['logfmt', 'syslog', new RegExp(`^time="?${DATE}"? `), m => parseIsoTime(m.slice(1))],
  ]

const NO_TIME = { wall: null, boot: null }

/** The stamp that a line begins with; undefined when there is none. `year` is for stamps without one. */
export function parseTimestamp(line: string, year: number): Timestamp | undefined {
  for (const [format, kind, pattern, read] of FORMATS) {
    const match = pattern.exec(line)
    const time = match && read(match, year)
    if (time) return { format, kind, length: match[0].length, ...time }
  }
  return undefined
}

function parseLocalTime(
  year: number,
  month: string,
  parts: readonly string[],
): Pick<Timestamp, 'wall' | 'boot'> | undefined {
  const at = parseMonth(month)
  return at === undefined ? undefined : toLocalTime(year, at, parts)
}

// 11:59:58 PM
const toHours = (hour: string, half: string | undefined): string =>
  half === undefined ? hour : String((Number(hour) % 12) + (half === 'P' ? 12 : 0))

// Which number is the day is known only when it is over 12.
function parseDayMonth([, first, second, year, hour, minute, seconds, half]: TimestampMatch): Pick<
  Timestamp,
  'wall' | 'boot'
> {
  const [a, b] = [Number(first), Number(second)]
  if (a <= 12 === b <= 12 && a !== b) return NO_TIME
  if (year!.length === 2 && b <= 12) return NO_TIME // 26/11/23: the year may be first
  const [day, month] = a > 12 ? [a, b] : [b, a]
  const fullYear = year!.length === 2 ? 2000 + Number(year) : Number(year)
  return toLocalTime(fullYear, month - 1, [String(day), toHours(hour!, half), minute!, seconds!])
}

function toLocalTime(year: number, month: number, parts: readonly string[]): Pick<Timestamp, 'wall' | 'boot'> {
  const [day, hour, minute, second] = parts.map(Number)
  return { wall: new Date(year, month, day, hour, minute, 0).getTime() + Math.round(second! * 1000), boot: null }
}

function parseIsoTime(parts: readonly (string | undefined)[]): Pick<Timestamp, 'wall' | 'boot'> {
  const [year, month, day, hour, minute, second, fraction, zone] = parts
  const ms = fraction === undefined ? 0 : Math.round(Number(`0.${fraction}`) * 1000)
  const numbers = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const
  const offset = parseZoneOffset(zone)
  return { wall: (offset === null ? new Date(...numbers).getTime() : Date.UTC(...numbers) - offset) + ms, boot: null }
}

// +02:00 to milliseconds; a zone by another name is taken for the reader's own
function parseZoneOffset(zone: string | undefined): number | null {
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT') return 0
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '')
  if (!match) return null
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000
}
