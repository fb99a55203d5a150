// Saved logs for tests: a text through the reader, and the records of a capture written in every format there is.
import { readFileSync } from 'node:fs'
import type { KernelRecord } from '../../../src/collectors/kmsg/kernel-record.ts'
import { LineFinder } from '../../../src/postmortem/logs/lines/line-finder.ts'
import type { LogContents } from '../../../src/postmortem/logs/log-contents.ts'
import { LogParser } from '../../../src/postmortem/logs/log-parser.ts'

/** The path of a saved log among the fixtures. */
export const getLogPath = (name: string): string => new URL(`../../fixtures/logs/${name}`, import.meta.url).pathname

export const readSavedLog = (name: string): string => readFileSync(getLogPath(name), 'latin1')

/** The contents of a text of one machine, and its format. `piece`: bytes at a time. */
export function parseLog(text: string, piece = 65_536): LogContents & { readonly format: string | undefined } {
  const parser = new LogParser()
  const finder = new LineFinder(parser)
  parser.startFile('log', 2026)
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += piece) finder.push(bytes.subarray(at, at + piece))
  finder.finish()
  const [format] = [...parser.formats].toSorted((a, b) => b[1] - a[1])[0] ?? []
  const [contents] = parser.finishLog()
  return { ...contents!, format }
}

type RecordWriter = (record: KernelRecord, wall: Date) => string

const padNumber = (value: number, width = 2): string => String(value).padStart(width, '0')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']
const formatClock = (wall: Date): string =>
  `${padNumber(wall.getHours())}:${padNumber(wall.getMinutes())}:${padNumber(wall.getSeconds())}`
const formatBootTime = ({ time }: KernelRecord): string => (time / 1000).toFixed(6).padStart(12)
const toLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
// what dmesg and journals do with control characters
const escapeControls = (text: string): string =>
  toLatin1(text).replace(/[\x00-\x1f\x7f]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
const escapeOctal = (text: string): string =>
  toLatin1(text).replace(/[\x00-\x1f\x7f]/g, char => `#${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
const formatSyslogStamp = (wall: Date): string =>
  `${MONTHS[wall.getMonth()]} ${String(wall.getDate()).padStart(2)} ${formatClock(wall)}`

/** A field that holds newlines has its length before it, eight bytes, the least first. */
function formatExportField(name: string, text: string): string {
  const bytes = toLatin1(text)
  if (!/[\x00-\x1f]/.test(bytes)) return `${name}=${bytes}\n`
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return `${name}\n${length.toString('latin1')}${bytes}\n`
}

const createJournalFields = (record: KernelRecord, wall: Date): Readonly<Record<string, string>> => ({
  __REALTIME_TIMESTAMP: String(wall.getTime() * 1000),
  __MONOTONIC_TIMESTAMP: String(Math.round(record.time * 1000)),
  _BOOT_ID: '0123456789abcdef0123456789abcdef',
  _TRANSPORT: 'kernel',
  PRIORITY: String(record.level),
  SYSLOG_FACILITY: '0',
  SYSLOG_IDENTIFIER: 'kernel',
  _SOURCE_MONOTONIC_TIMESTAMP: String(Math.round(record.time * 1000)),
})

const formatContinued = (prefix: string, text: string): string =>
  `${prefix}${toLatin1(text).replaceAll('\n', `\n${' '.repeat(Buffer.from(prefix, 'latin1').length)}`)}\n`

/** Format -> a record in it, with its line's end. Multi-line records are one line where the tool writes them so. */
export const WRITERS: Readonly<Record<string, RecordWriter>> = {
  dmesg: record => `[${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'dmesg -T': (record, wall) =>
    `[${wall.toDateString().slice(0, 10)} ${formatClock(wall)} ${wall.getFullYear()}] ${escapeControls(record.text)}\n`,
  'dmesg -x': record =>
    `kern  :${LEVELS[record.level]!.padEnd(6)}: [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'dmesg -r': record => `<${record.level}>[${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'dmesg --time-format=iso': (record, wall) =>
    `${wall.toISOString().slice(0, 19)},${padNumber(wall.getMilliseconds(), 3)}000+00:00 ${escapeControls(record.text)}\n`,
  'console with caller and colour': record =>
    `\x1b[32m[${formatBootTime(record)}]\x1b[0m[    T${1 + (record.level % 1)}] \x1b[33m${escapeControls(record.text)}\x1b[0m\r\n`,
  syslog: (record, wall) => `${formatSyslogStamp(wall)} node-7 kernel: ${escapeOctal(record.text)}\n`,
  'syslog with boot stamps': (record, wall) =>
    `${formatSyslogStamp(wall)} node-7 kernel: [${formatBootTime(record)}] ${escapeOctal(record.text)}\n`,
  'syslog iso': (record, wall) => `${wall.toISOString()} node-7 kernel: ${escapeOctal(record.text)}\n`,
  'syslog rfc5424': (record, wall) =>
    `<${record.level}>1 ${wall.toISOString()} node-7 kernel - - - [${formatBootTime(record)}] ${escapeOctal(record.text)}\n`,
  'journal short-iso': (record, wall) =>
    `${wall.toISOString().slice(0, 19)}+0000 node-7 kernel: ${toLatin1(record.text).replaceAll('\n', `\n${' '.repeat(40)}`)}\n`,
  'journal short-monotonic': record => `[${formatBootTime(record)}] node-7 kernel: ${escapeControls(record.text)}\n`,
  'journal short-unix': (record, wall) =>
    `${(wall.getTime() / 1000).toFixed(6)} node-7 kernel: ${escapeControls(record.text)}\n`,
  'journal json': (record, wall) => {
    const bytes = /[\x00-\x08\x0b-\x1f]/.test(record.text) ? [...Buffer.from(record.text, 'utf8')] : record.text
    return `${toLatin1(JSON.stringify({ ...createJournalFields(record, wall), MESSAGE: bytes }))}\n`
  },
  'journal export': (record, wall) =>
    `__CURSOR=s=1\n${Object.entries({ ...createJournalFields(record, wall), MESSAGE: record.text })
      .map(([name, value]) => formatExportField(name, value))
      .join('')}\n`,
  plain: record => `${escapeControls(record.text)}\n`,
  // further lines of a record below the first, as dmesg and journalctl print them
  'dmesg with further lines': record => formatContinued(`[${formatBootTime(record)}] `, record.text),
  'dmesg -T with further lines': (record, wall) =>
    formatContinued(`[${wall.toDateString().slice(0, 10)} ${formatClock(wall)} ${wall.getFullYear()}] `, record.text),
  'journal short-monotonic without a host': record =>
    formatContinued(`[${formatBootTime(record)}] kernel: `, record.text),
  'journal short-precise without a host': (record, wall) =>
    formatContinued(`${formatSyslogStamp(wall)}.${padNumber(wall.getMilliseconds(), 3)}000 kernel: `, record.text),
  'journal short-delta': record =>
    formatContinued(`[${formatBootTime(record)} <    0.000012 >] node-7 kernel: `, record.text),
  'journal short-full of another language': (record, wall) =>
    formatContinued(
      `${toLatin1('一')} ${wall.toISOString().slice(0, 10)} ${formatClock(wall)} CST node-7 kernel: `,
      record.text,
    ),
  'journal short in French': (record, wall) =>
    formatContinued(
      `${toLatin1('nov.')} ${String(wall.getDate()).padStart(2)} ${formatClock(wall)} node-7 kernel: `,
      record.text,
    ),
  'dmesg -T in German': (record, wall) => `[Mo Nov 23 ${formatClock(wall)} 2026] ${escapeControls(record.text)}\n`,
  'dmesg -T in Chinese': (record, wall) =>
    `[${toLatin1('一 11月')} 23 ${formatClock(wall)} 2026] ${escapeControls(record.text)}\n`,
  'dmesg -T in Chinese, padded': (record, wall) =>
    `[${toLatin1('五  3月')} 23 ${formatClock(wall)} 2026] ${escapeControls(record.text)}\n`,
  'journal short in Chinese, padded': (record, wall) =>
    formatContinued(`${toLatin1(' 3月')} 23 ${formatClock(wall)} node-7 kernel: `, record.text),
  'dmesg -T in Russian': (record, wall) =>
    `[${toLatin1('Пн ноя')} 23 ${formatClock(wall)} 2026] ${escapeControls(record.text)}\n`,
  'syslog without a tag': (record, wall) =>
    `${formatSyslogStamp(wall)} node-7 [${formatBootTime(record)}] ${escapeOctal(record.text)}\n`,
  'stamps of a pipe': (record, wall) =>
    `${formatSyslogStamp(wall)} [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'stamps of a console server': (record, wall) =>
    `[${wall.toISOString().slice(0, 10)} ${formatClock(wall)}] [${formatBootTime(record)}] ${escapeControls(record.text)}\r\r\n`,
  'a hypervisor about its guest': (record, wall) =>
    `${wall.toISOString()} In(05) vcpu-5 - Guest: <${record.level}>[${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  busybox: (record, wall) =>
    `${formatSyslogStamp(wall)} node-7 kern.${LEVELS[record.level]} kernel: [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  OpenWrt: (record, wall) =>
    `Mon ${formatSyslogStamp(wall)} 2026 kern.${LEVELS[record.level]} kernel: [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'grep -n': record => `${record.sequence}:[${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'grep of several files': (record, wall) =>
    `/var/log/messages-1:${formatSyslogStamp(wall)} node-7 kernel: ${escapeOctal(record.text)}\n`,
  'quoted in a mail': record => `> > [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  indented: record => `\t[${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'kubectl logs --prefix': record =>
    `[pod/dmesg-x7k2p/tail] [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'docker compose logs': record => `dmesg-1  | [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'another log collector': (record, wall) =>
    `11/23/26 ${formatClock(wall)} node-7 ttyS0: [${formatBootTime(record)}] ${escapeControls(record.text)}\n`,
  'talosctl dmesg': (record, wall) =>
    `kern: ${record.level === 4 ? 'warning' : LEVELS[record.level]!.padStart(7)}: [${wall.toISOString()}]: ${escapeControls(record.text)}\n`,
  'cloud logging': (record, wall) =>
    `${toLatin1(JSON.stringify({ insertId: 'x', jsonPayload: { ...createJournalFields(record, wall), MESSAGE: record.text }, timestamp: wall.toISOString() }))}\n`,
  'cloud logging, over several lines': (record, wall) =>
    `${toLatin1(JSON.stringify({ insertId: 'x', jsonPayload: { ...createJournalFields(record, wall), MESSAGE: record.text }, resource: { labels: { zone: 'a' } } }, null, 2))},\n`.replaceAll(
      /^/gm,
      '  ',
    ),
  'journal json with few fields': (record, wall) =>
    `${toLatin1(JSON.stringify({ __REALTIME_TIMESTAMP: String(wall.getTime() * 1000), SYSLOG_IDENTIFIER: 'kernel', MESSAGE: record.text }))}\n`,
  'syslog without stamps': record => `kernel: ${escapeOctal(record.text)}\n`,
  'dmesg -e with seconds': (record, wall) => `[Nov 23 ${formatClock(wall)}] ${escapeControls(record.text)}\n`,
  netconsole: (record, wall) =>
    `${wall.toISOString()} 10.0.0.5 6.18.2-1,${record.level},${record.sequence},${Math.round(record.time * 1000)},-;${escapeControls(record.text)}\n`,
  'crash log -T': (record, wall) => `[Mon Nov 23 ${formatClock(wall)} CET 2026] ${escapeControls(record.text)}\n`,
  'journal json-pretty': (record, wall) =>
    `${toLatin1(JSON.stringify({ ...createJournalFields(record, wall), MESSAGE: record.text }, null, '\t'))}\n`,
  'journal json-seq': (record, wall) =>
    `\x1e${toLatin1(JSON.stringify({ ...createJournalFields(record, wall), MESSAGE: record.text }))}\n`,
  'journal json-sse': (record, wall) =>
    `data: ${toLatin1(JSON.stringify({ ...createJournalFields(record, wall), MESSAGE: record.text }))}\n\n`,
  'journal verbose': (record, wall) =>
    `Mon ${wall.toISOString().slice(0, 10)} ${formatClock(wall)}.${padNumber(wall.getMilliseconds(), 3)}000 UTC [s=1f;i=2;b=3;m=4;t=5;x=6]\n${Object.entries(
      { ...createJournalFields(record, wall), MESSAGE: toLatin1(record.text).replaceAll('\n', `\n${' '.repeat(12)}`) },
    )
      .map(([name, value]) => `    ${name}=${value}\n`)
      .join('')}`,
}

/** A log of these records in a format. The wall clock at boot is 2026-11-23 10:00:00. */
export function formatLog(records: readonly KernelRecord[], format: string): string {
  const began = new Date(2026, 10, 23, 10).getTime()
  return records.map(record => WRITERS[format]!(record, new Date(began + record.time))).join('')
}

/** The same as `dmesg --json` prints it. */
export function formatDmesgJson(records: readonly KernelRecord[]): string {
  const items = records.map(
    ({ level, time, text }) =>
      `{\n         "pri": ${level},\n         "time": ${(time / 1000).toFixed(6).padStart(12)},\n         "msg": ${JSON.stringify(text)}\n      }`,
  )
  return toLatin1(`{\n   "dmesg": [\n      ${items.join(',')}\n   ]\n}\n`)
}
