// A line of a saved log: what stands before the message in the formats of dmesg, journalctl, syslog and consoles. Pure.

import { TERMINAL_ESCAPES, decodeUtf8, unescapeHex } from '../../base/text.ts'
import { parseRecord } from '../../collectors/kmsg/record.ts'
import { facilityOf, levelOf } from './priority.ts'
import { parseStamp, type Stamp } from './stamp.ts'

/** One message of a saved log. What the format does not tell is null. */
export interface LogLine {
  /** in words: `dmesg`, `syslog`, `journal json` … */
  readonly format: string
  /** milliseconds since 1970; local time of the reader where the log names no zone */
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
  /** the message before, told whole: it goes on over this line */
  readonly amends?: true
}

const USER = 1
const DAEMON = 3
/**
 * A line with its prefix taken apart; undefined when it has none that is known.
 * @param year of stamps without one
 */
export function parseLogLine(bytes: string, year: number): LogLine | undefined {
  const line = bytes.includes('\x1b') ? bytes.replace(TERMINAL_ESCAPES, '') : bytes
  const record = parseRecord(line)
  if (record) return fromRecord(record)
  const pri = /^<(\d{1,4})>(?:\s*)/.exec(line)
  const rest = pri ? line.slice(pri[0].length) : line
  const priority = pri ? Number(pri[1]) : null
  const parsed = syslog5424(rest, priority) ?? decoded(rest, year) ?? stamped(rest, year)
  if (parsed) return withPriority(parsed, priority)
  if (priority !== null) return withPriority(ofKernel(rest, { format: 'dmesg -r' }), priority)
  // kernel: text       somebody cut the stamps off
  return rest.startsWith('kernel: ') ? ofProgram(rest.slice(8), 'kernel', undefined, { format: 'syslog' }) : undefined
}

function fromRecord(record: NonNullable<ReturnType<typeof parseRecord>>): LogLine {
  const { sequence, microseconds, level, facility, text, caller } = record
  const line = { format: 'kmsg', wall: null, boot: microseconds / 1e6, facility, level, program: null, text, sequence }
  return caller === undefined ? line : { ...line, caller }
}

// The number of a syslog line outweighs the name in it: user space may call itself kernel, but not facility 0. And what has
// another name is not the kernel whatever its number: syslogd takes the number that a program writes.
function withPriority(line: LogLine, priority: number | null): LogLine {
  if (priority === null) return line
  return { ...line, facility: priority >> 3 || line.facility, level: priority & 7 }
}

// <4>1 2026-11-23T10:00:00.123456+00:00 node-7 kernel - - - [ 1234.567890] java invoked oom-killer: …
const RFC5424 = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) (?:-|\[.*?[^\\]\](?=\s|$)) ?(?:\xef\xbb\xbf)?/

function syslog5424(rest: string, priority: number | null): LogLine | undefined {
  const match = RFC5424.exec(rest)
  if (!match || (priority === null && !match[1]!.includes('T'))) return undefined
  const stamp = parseStamp(`${match[1]} `, 0)
  const message = rest.slice(match[0].length)
  const pid = match[4] === '-' ? undefined : match[4]
  return ofProgram(message, match[3]!, pid, { format: 'syslog rfc5424', wall: stamp?.wall ?? null, host: match[2]! })
}

// kern  :warn  : [ 1234.567890] text           dmesg -x, with any stamp; Talos: kern: warning: [2026-11-23T10:00:00.123Z]: text
const DECODED = /^([a-z]+[0-9]?) *: *([a-z]+) *: ?/

function decoded(rest: string, year: number): LogLine | undefined {
  const match = DECODED.exec(rest)
  const level = levelOf(match?.[2] ?? '')
  if (!match || level < 0) return undefined
  const facility = facilityOf(match[1]!)
  const message = rest.slice(match[0].length)
  const line = stamped(message, year) ?? ofKernel(message, { format: 'dmesg' })
  return { ...line, format: 'dmesg -x', facility, level }
}

function stamped(rest: string, year: number): LogLine | undefined {
  const stamp = parseStamp(rest, year)
  if (!stamp) return undefined
  const message = rest.slice(stamp.length)
  return stamp.kind === 'kernel' ? afterBracket(message, stamp) : afterWall(message, stamp)
}

// journalctl -o short-monotonic puts host (unless --no-hostname) and program behind the bracket; dmesg the text
function afterBracket(message: string, stamp: Stamp): LogLine {
  const { format, wall, boot } = stamp
  const journal = /^(?:(\S*[^\s:]) )?(kernel|[\w.@-]+(?=\[\d+\]: ))(?:\[(\d+)\])?: /.exec(message)
  const isJournal = journal !== null && (journal[1] !== undefined || journal[2] === 'kernel')
  if (!isJournal) return fromConsole(message, { format, wall, boot })
  const known = { format: 'journal short-monotonic', wall, boot, ...hostIn(journal[1]) }
  return ofProgram(message.slice(journal[0].length), journal[2]!, journal[3], known)
}

// behind somebody else's stamp the kernel's own priority may still stand
function fromConsole(message: string, known: Known): LogLine {
  const pri = /^<(\d{1,4})>(?=\[)/.exec(message)
  return pri ? withPriority(ofKernel(message.slice(pri[0].length), known), Number(pri[1])) : ofKernel(message, known)
}

// host program[pid]: message           host may be missing on a console; containers' logs have `stdout F` instead
const TAG = /^(?:(\S*[^\s:]) )?([\w.@/+-]+(?:\([\w-]+\))?)(?:\[(\d+)\])?: ?/
// kern.warn kernel: message            busybox and OpenWrt tell facility and level
const SELECTOR = /^(?:(\S+) )?([a-z]+[0-9]?)\.([a-z]+) (?=\S+: )/
// the kernel's stamp right behind the wall clock or the host: `ts`, consoles, syslog without tags
const BARE = /^(?:(\S+) )?(?=\[ *\d+\.\d{6}\] )/

// 6,2565,104665824,-;text       a receiver of netconsole puts its clock and the sender before the record, the sender its release
const RAW = /^(?:(\S+) )?(?:\d[\w.+-]*,)?(?=\d+,\d+,\d+,[-c+];)/

function afterWall(message: string, stamp: Stamp): LogLine {
  if (stamp.format === 'dmesg --time-format=iso') return ofKernel(message, { format: stamp.format, wall: stamp.wall })
  const { format, wall } = stamp
  const stream = /^(stdout|stderr) [FP] /.exec(message)
  if (stream)
    return { ...ofProgram(message.slice(stream[0].length), 'container', '', { format: 'container log', wall }) }
  const bare = BARE.exec(message)
  if (bare) return ofKernel(octals(message.slice(bare[0].length)), { format, wall, ...hostIn(bare[1]) })
  const raw = RAW.exec(message)
  const record = raw && parseRecord(message.slice(raw[0].length))
  if (record) return { ...fromRecord(record), wall, ...hostIn(raw[1]) }
  const selector = SELECTOR.exec(message)
  const level = selector ? levelOf(selector[3]!) : -1
  if (selector && level >= 0) {
    const host = selector[1] === undefined ? '' : `${selector[1]} `
    const priority = facilityOf(selector[2]!) * 8 + level
    return withPriority(tagged(`${host}${message.slice(selector[0].length)}`, { format, wall }), priority)
  }
  return tagged(message, { format, wall })
}

function tagged(message: string, known: Known): LogLine {
  const tag = TAG.exec(message)
  if (!tag || (tag[1] === undefined && tag[2] !== 'kernel')) return ofProgram(message, '', '', known)
  return ofProgram(message.slice(tag[0].length), tag[2]!, tag[3], { ...known, ...hostIn(tag[1]) })
}

const hostIn = (host: string | undefined): Pick<Known, 'host'> => (host === undefined ? {} : { host })

interface Known {
  readonly format: string
  readonly wall?: number | null
  readonly boot?: number | null
  readonly host?: string
}

// message repeated 2 times: [ cgroup: fork rejected by pids controller in /x]
const REPEATED = /^message repeated \d+ times: \[ ?(.*)\]$/s

/** The kernel's own tag has no pid; `kernel[12]` is somebody else. */
export function ofProgram(message: string, program: string, pid: string | undefined, known: Known): LogLine {
  if (program === 'kernel' && pid === undefined) return ofKernel(octals(message).replace(REPEATED, '$1'), known)
  const facility = program === 'kernel' ? USER : DAEMON
  return { ...plain(known), facility, program: program === '' ? null : program, text: decodeUtf8(octals(message)) }
}

// [ 1234.567890] [    T1] text            also inside a syslog message
const BOOT = /^\[ *(\d+\.\d+)\] ?/
const CALLER = /^\[ *([TC]\d+)\] ?/
const OTHER = /^([\w.@-]+)\[\d+\]: (?!.* invoked oom-killer: )/

/** A message that stands where the kernel's do. systemd and others write there too, as `name[pid]: `. */
export function ofKernel(message: string, known: Known): LogLine {
  const boot = known.boot == null ? BOOT.exec(message) : null // else a process's name that looks like one
  const behind = boot ? message.slice(boot[0].length) : message
  const caller = CALLER.exec(behind)
  const text = unescapeHex(caller ? behind.slice(caller[0].length) : behind)
  const other = OTHER.exec(text)
  return {
    ...plain(known),
    boot: boot ? Number(boot[1]) : (known.boot ?? null),
    facility: other ? DAEMON : 0,
    program: other ? other[1]! : null,
    text: other ? text.slice(other[0].length) : text,
    ...(caller ? { caller: caller[1]! } : {}),
  }
}

const plain = ({ format, wall = null, boot = null, host }: Known): Omit<LogLine, 'facility' | 'text'> => ({
  format,
  wall,
  boot,
  level: null,
  program: null,
  sequence: null,
  ...(host === undefined ? {} : { host }),
})

// rsyslog writes control characters as #012, three digits
const octals = (text: string): string =>
  text.includes('#0')
    ? text.replace(/#(0[0-3][0-7])/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text
