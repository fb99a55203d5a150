// The prefix of a line: the text before the message in the formats of dmesg, journalctl, syslog and consoles. Pure.
import { TERMINAL_ESCAPES } from '../../../base/text.ts'
import { parseRecord } from '../../../collectors/kmsg/kernel-record.ts'
import { type LinePrefix, type LogLine, toKernelLine, toProgramLine } from './log-line.ts'
import { parseLogcat } from './logcat.ts'
import { isFacility, parseFacility, parseLevel } from './priority.ts'
import { parseTimestamp, type Timestamp } from './timestamp.ts'

/**
 * A line with its prefix taken apart; undefined when it has none that is known.
 * @param year of stamps without one
 */
export function parseLogLine(bytes: string, year: number): LogLine | undefined {
  const line = bytes.includes('\x1b') ? bytes.replace(TERMINAL_ESCAPES, '') : bytes
  const record = parseRecord(line)
  if (record) return toLogLine(record)
  const pri = /^<(\d{1,4})>(?:\s*)/.exec(line)
  const rest = pri ? line.slice(pri[0].length) : line
  const priority = pri ? Number(pri[1]) : null
  const parsed = parseRfc5424(rest, priority) ?? parseDecoded(rest, year) ?? parseStamped(rest, year)
  if (parsed) return applyPriority(parsed, priority)
  if (priority !== null) return applyPriority(toKernelLine(rest, { format: 'dmesg -r' }), priority)
  return parseLogcat(rest, year) ?? parseBareTag(rest)
}

// kernel: text       node-7 kernel:text       somebody cut the stamps off
function parseBareTag(rest: string): LogLine | undefined {
  const tag = /^(?:([\w.-]+) +)?kernel: ?/.exec(rest)
  if (!tag) return undefined
  return toProgramLine(rest.slice(tag[0].length), 'kernel', undefined, { format: 'syslog', ...toHostField(tag[1]) })
}

function toLogLine(record: NonNullable<ReturnType<typeof parseRecord>>): LogLine {
  const { sequence, microseconds, level, facility, text, caller } = record
  const line = { format: 'kmsg', wall: null, boot: microseconds / 1e6, facility, level, program: null, text, sequence }
  return caller === undefined ? line : { ...line, caller }
}

// The number of a syslog line outweighs the name in it: user space may call itself kernel, but not facility 0. And what has
// another name is not the kernel whatever its number: syslogd takes the number that a program writes.
function applyPriority(line: LogLine, priority: number | null): LogLine {
  if (priority === null) return line
  return { ...line, facility: priority >> 3 || line.facility, level: priority & 7 }
}

// <4>1 2026-11-23T10:00:00.123456+00:00 node-7 kernel - - - [ 1234.567890] java invoked oom-killer: …
// Without the number and the version it is one if the three fields after the program are there.
const RFC5424 =
  /^(?:1 |(?=\d{4}-\d\d-\d\dT\S+ \S+ [^\s:[\]]+ (?:\d+|-) - - ))(\S+) (\S+) (\S+) (\S+) (\S+) (?:-|\[.*?[^\\]\](?=\s|$)) ?(?:\xef\xbb\xbf)?/

function parseRfc5424(rest: string, priority: number | null): LogLine | undefined {
  const match = RFC5424.exec(rest)
  if (!match || (priority === null && !match[1]!.includes('T'))) return undefined
  const stamp = parseTimestamp(`${match[1]} `, 0)
  const message = rest.slice(match[0].length)
  const pid = match[4] === '-' ? undefined : match[4]
  return toProgramLine(message, match[3]!, pid, {
    format: 'syslog rfc5424',
    wall: stamp?.wall ?? null,
    host: match[2]!,
  })
}

// kern  :warn  : [ 1234.567890] text           dmesg -x, with any stamp; Talos: kern: warning: [2026-11-23T10:00:00.123Z]: text
const DECODED = /^([a-z]+[0-9]?) *: *([a-z]+) *: ?/

function parseDecoded(rest: string, year: number): LogLine | undefined {
  const match = DECODED.exec(rest)
  const level = parseLevel(match?.[2] ?? '')
  if (!match || level < 0 || !isFacility(match[1]!)) return undefined // slurmstepd: error: …
  const facility = parseFacility(match[1]!)
  const message = rest.slice(match[0].length)
  const line = parseStamped(message, year) ?? toKernelLine(message, { format: 'dmesg' })
  return { ...line, format: 'dmesg -x', facility, level }
}

function parseStamped(rest: string, year: number): LogLine | undefined {
  const stamp = parseTimestamp(rest, year)
  if (!stamp) return undefined
  const message = rest.slice(stamp.length)
  return stamp.kind === 'kernel' ? parseAfterBracket(message, stamp) : parseAfterWallClock(message.trimStart(), stamp)
}

// journalctl -o short-monotonic puts host (unless --no-hostname) and program behind the bracket; dmesg the text
function parseAfterBracket(message: string, stamp: Timestamp): LogLine {
  const { format, wall, boot } = stamp
  const journal = /^(?:(\S*[^\s:]) )?(kernel|[\w.@-]+(?=\[\d+\]: ))(?:\[(\d+)\])?: /.exec(message)
  const isJournal = journal !== null && (journal[1] !== undefined || journal[2] === 'kernel')
  if (!isJournal) return parseConsole(message, { format, wall, boot })
  const prefix = { format: 'journal short-monotonic', wall, boot, ...toHostField(journal[1]) }
  return toProgramLine(message.slice(journal[0].length), journal[2]!, journal[3], prefix)
}

// behind somebody else's stamp the kernel's own priority may still stand
function parseConsole(message: string, prefix: LinePrefix): LogLine {
  const pri = /^<(\d{1,4})>(?=\[)/.exec(message)
  return pri
    ? applyPriority(toKernelLine(message.slice(pri[0].length), prefix), Number(pri[1]))
    : toKernelLine(message, prefix)
}

// host program[pid]: message           host may be missing on a console; containers' logs have `stdout F` instead
const TAG = /^(?:(\S*[^\s:]) )?([\w.@/+-]+(?:\([\w-]+\))?)(?:\[(\d+)\])?: ?/
// kern.warn kernel: message            busybox and OpenWrt write facility and level
const SELECTOR = /^(?:(\S+) )?[<[(]?([a-z]+[0-9]?)\.([a-z]+)[>\])]?:? (?=\S+:)/
// the kernel's stamp right behind the wall clock or the host: `ts`, consoles, syslog without tags
const BARE = /^(?:(\S+) )?(?=\[ *\d+\.\d{6}\] )/

// 6,2565,104665824,-;text       a receiver of netconsole puts its clock and the sender before the record, the sender its release
const RAW = /^(?:(\S+) )?(?:\d[\w.+-]*,)?(?=\d+,\d+,\d+,[-c+];)/

function parseAfterWallClock(message: string, stamp: Timestamp): LogLine {
  if (stamp.format === 'dmesg --time-format=iso')
    return toKernelLine(message, { format: stamp.format, wall: stamp.wall })
  const { format, wall } = stamp
  const stream = /^(stdout|stderr) [FP] /.exec(message)
  if (stream)
    return { ...toProgramLine(message.slice(stream[0].length), 'container', '', { format: 'container log', wall }) }
  if (format === 'klog') return toProgramLine(message, '', '', { format, wall })
  const labels = LABELS.exec(message)
  if (labels) return parseLabelled(message.slice(labels[0].length), labels[0], { format: 'labels', wall })
  const bare = BARE.exec(message)
  if (bare) return toKernelLine(message.slice(bare[0].length), { format, wall, ...toHostField(bare[1]) })
  const raw = RAW.exec(message)
  const record = raw && parseRecord(message.slice(raw[0].length))
  if (record) return { ...toLogLine(record), wall, ...toHostField(raw[1]) }
  const selector = SELECTOR.exec(message)
  const level = selector ? parseLevel(selector[3]!) : -1
  if (selector && level >= 0) {
    const host = selector[1] === undefined ? '' : `${selector[1]} `
    const priority = parseFacility(selector[2]!) * 8 + level
    return applyPriority(parseTagged(`${host}${message.slice(selector[0].length)}`, { format, wall }), priority)
  }
  return parseTagged(message, { format, wall })
}

// {host="node-7", transport="kernel"} text           logcli: the labels say who speaks
const LABELS = /^\{[\w.]+="[^"]*"(?:, ?[\w.]+="[^"]*")*\}\s+/
const KERNEL_LABEL = /="kern(?:el)?"/

function parseLabelled(text: string, labels: string, prefix: LinePrefix): LogLine {
  if (KERNEL_LABEL.test(labels)) return toKernelLine(text, prefix)
  const own = parseStamped(text, new Date(prefix.wall ?? 0).getUTCFullYear())
  return own ? { ...own, wall: prefix.wall ?? own.wall } : toProgramLine(text, '', '', prefix)
}

// 2026-11-23 10:00:00.123 UTC [9921] ERROR:  out of memory          the level of a line is nobody's name
const LEVEL =
  /^(?:ERROR|FATAL|PANIC|WARNING|WARN|LOG|DETAIL|HINT|STATEMENT|CONTEXT|NOTICE|INFO|DEBUG|error|fatal|warning)$/

function parseTagged(message: string, prefix: LinePrefix): LogLine {
  const tag = TAG.exec(message)
  const isNamed = tag !== null && (tag[1] === undefined ? tag[2] === 'kernel' : /^\W{0,2}\w/.test(tag[1]))
  if (!isNamed || LEVEL.test(tag[2]!)) return toProgramLine(message, '', '', prefix)
  return toProgramLine(message.slice(tag[0].length), tag[2]!, tag[3], { ...prefix, ...toHostField(tag[1]) })
}

const toHostField = (host: string | undefined): Pick<LinePrefix, 'host'> => (host === undefined ? {} : { host })
