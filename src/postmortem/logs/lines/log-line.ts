// A message of a saved log, built from its prefix and its text. Pure.
import { decodeUtf8, unescapeHex } from '../../../base/text.ts'

/** One message of a saved log. Fields that the format does not contain are null. */
export interface LogLine {
  /** name of the format: `dmesg`, `syslog`, `journal json` … */
  readonly format: string
  /** milliseconds since 1970; in the reader's local time if the log names no zone */
  readonly wall: number | null
  /** seconds since boot, by the kernel's clock */
  readonly boot: number | null
  /** 0 is the kernel */
  readonly facility: number
  readonly level: number | null
  readonly program: string | null
  readonly text: string
  /** the kernel's record number */
  readonly sequence: number | null
  readonly caller?: string
  readonly bootId?: string
  readonly host?: string
  /** the complete previous message, which this line continues */
  readonly amends?: true
  /** journalctl's own line between two boots */
  readonly isBootMark?: true
  /** the line has no prefix of its own: all fields but the text are those of the previous line */
  readonly isUnstamped?: true
  /** of its first line in the file, when that is not the line that ended the message */
  readonly lineNumber?: number
}

const USER = 1
const DAEMON = 3
/** The fields of a prefix; null or undefined if absent. */
export interface LinePrefix {
  readonly format: string
  readonly wall?: number | null
  readonly boot?: number | null
  readonly host?: string
}

// message repeated 2 times: [ cgroup: fork rejected by pids controller in /x]
const REPEATED = /^message repeated \d+ times: \[ ?(.*)\]$/s

/** The kernel's own tag has no pid; `kernel[12]` is a program. */
export function toProgramLine(message: string, program: string, pid: string | undefined, prefix: LinePrefix): LogLine {
  if (program === 'kernel' && pid === undefined) return toKernelLine(message.replace(REPEATED, '$1'), prefix)
  const facility = program === 'kernel' ? USER : DAEMON
  return {
    ...createLine(prefix),
    facility,
    program: program === '' ? null : program,
    text: decodeUtf8(decodeOctals(message)),
  }
}

// [ 1234.567890] [    T1] text            also inside a syslog message
const BOOT = /^ ?\[ *(\d+\.\d+)\] ?/
const CALLER = /^\[ *([TC]\d+)\] ?/
const PROGRAM_TAG = /^([\w.@-]+)\[\d+\]: (?!.* invoked oom-killer: )/

// Some collectors put two blanks behind the tag. The kernel's own are before the frames of a stack and counters.
const EXTRA_BLANK =
  /^ (?=[A-Z[a-z](?!.*(?:\+0x|:\d)))|^ (?=.{0,40} invoked oom-killer: |(?:[A-Z]|oom|memory|swap|kmem).*:)/

/** Builds a message with the kernel's tag. systemd and others use it too, as `name[pid]: `. */
export function toKernelLine(message: string, prefix: LinePrefix): LogLine {
  const untagged = message.startsWith(': [') ? message.slice(2) : message // kernel: : [ 1234.567890] text
  const own = untagged.startsWith('[ID ') ? stripVendorTag(untagged) : untagged
  const boot = prefix.boot == null ? BOOT.exec(own) : null // else the name of a process that resembles one
  const behind = boot ? own.slice(boot[0].length) : own
  const caller = CALLER.exec(behind)
  const named = stripVendorTag(caller ? behind.slice(caller[0].length) : behind)
  const text = unescapeHex(decodeOctals(EXTRA_BLANK.test(named) ? named.slice(1) : named))
  const programTag = PROGRAM_TAG.exec(text)
  return {
    ...createLine(prefix),
    boot: boot ? Number(boot[1]) : (prefix.boot ?? null),
    facility: programTag ? DAEMON : 0,
    program: programTag ? programTag[1]! : null,
    text: programTag ? text.slice(programTag[0].length) : text,
    ...(caller ? { caller: caller[1]! } : {}),
  }
}

// [3:        kswapd0:   97] text       c3   1234 text       (3)[1234:kswapd0]text       what phone makers add
// [ID 702911 kern.warning] text       what some syslog daemons add
const VENDOR_TAG =
  /^ ?(?:\[ID \d{1,10} kern\.\w{1,10}\]|[A-Z]?\[ ?\d{1,3}: *[^\]: ][^\]:]{0,15}: *\d{1,10}\]|\(\d{1,3}\)\[\d{1,10}:[^\]]{1,20}\]|c\d +\d{1,10}(?= )) ?/

const stripVendorTag = (text: string): string => (/^ ?[A-Z]?[[(c]/.test(text) ? text.replace(VENDOR_TAG, '') : text)

const createLine = ({ format, wall = null, boot = null, host }: LinePrefix): Omit<LogLine, 'facility' | 'text'> => ({
  format,
  wall,
  boot,
  level: null,
  program: null,
  sequence: null,
  ...(host === undefined ? {} : { host }),
})

// rsyslog writes control characters as #012, three digits
const decodeOctals = (text: string): string =>
  text.includes('#0')
    ? text.replace(/#(0[0-3][0-7])/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text
