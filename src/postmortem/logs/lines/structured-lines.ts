// Messages of structured logs: journalctl -o json and -o export, dmesg --json. Pure.
import { decodeUtf8 } from '../../../base/text.ts'
import { type LogLine, toKernelLine } from './log-line.ts'
import { parseLevel } from './priority.ts'
import { parseJson, parseWallClock } from './product-json.ts'

type JournalFields = Readonly<Record<string, unknown>>

/** A journal's entry on one line; undefined when it is none. `bytes` is text held as latin1. */
export function parseJsonLine(bytes: string): LogLine | undefined {
  const fields = parseJson(decodeUtf8(bytes))
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
  const { jsonPayload, timestamp } = fields as JournalFields // Google's Cloud Logging puts a journal's fields there
  if (typeof jsonPayload === 'object' && jsonPayload !== null) {
    const line = parseJournalFields(jsonPayload, 'cloud logging')
    if (line) return { ...line, wall: line.wall ?? parseWallClock(timestamp) }
  }
  return parseJournalFields(fields as JournalFields, 'journal json')
}

/** An entry of journalctl -o export: `FIELD=value` lines, and fields with a length for values of several lines. */
export function parseExportEntry(bytes: string): LogLine | undefined {
  const fields: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const end = findLineEnd(bytes, at)
    const equals = bytes.indexOf('=', at)
    if (equals >= 0 && equals < end) {
      fields[bytes.slice(at, equals)] = decodeUtf8(bytes.slice(equals + 1, end))
      at = end + 1
    } else {
      const length = readLength(bytes, end + 1)
      fields[bytes.slice(at, end)] = decodeUtf8(bytes.slice(end + 9, end + 9 + length))
      at = end + 9 + length + 1
    }
  }
  return parseJournalFields(fields, 'journal export')
}

function findLineEnd(bytes: string, at: number): number {
  const end = bytes.indexOf('\n', at)
  return end < 0 ? bytes.length : end
}

/** The length before a value of several lines: 64 bits, little endian. */
export function readLength(bytes: string, at: number): number {
  let length = 0
  for (let i = 7; i >= 0; i--) length = length * 256 + (bytes.charCodeAt(at + i) || 0)
  return length
}

/** Fields of a journal's entry as a message; undefined without a MESSAGE that is text or bytes. */
export function parseJournalFields(entry: object, format: string): LogLine | undefined {
  const fields = entry as JournalFields
  const message = decodeMessage(fields.MESSAGE)
  if (message === undefined) return undefined
  const getText = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null)
  const getNumber = (name: string): number | null => {
    const text = getText(name) ?? fields[name]
    return text === null || text === undefined || !Number.isFinite(Number(text)) ? null : Number(text)
  }
  const wall = getNumber('_SOURCE_REALTIME_TIMESTAMP') ?? getNumber('__REALTIME_TIMESTAMP')
  const boot = getNumber('_SOURCE_MONOTONIC_TIMESTAMP') ?? getNumber('__MONOTONIC_TIMESTAMP')
  // --output-fields may leave the transport out
  const source = getText('_TRANSPORT') ?? getText('SYSLOG_IDENTIFIER')
  const isKernel = source === 'kernel' && (getNumber('SYSLOG_FACILITY') ?? 0) === 0
  const [bootId, host] = [getText('_BOOT_ID'), getText('_HOSTNAME')]
  const known = { format, wall: wall === null ? null : wall / 1000, boot: boot === null ? null : boot / 1e6 }
  return {
    ...toKernelLine('', known),
    text: message,
    facility: isKernel ? 0 : getNumber('SYSLOG_FACILITY') || 3,
    level: getNumber('PRIORITY'),
    program: isKernel ? null : (getText('SYSLOG_IDENTIFIER') ?? getText('_COMM')),
    ...(bootId === null ? {} : { bootId }),
    ...(host === null ? {} : { host }),
  }
}

// journald gives bytes as numbers where a message has control characters or is no UTF-8
function decodeMessage(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  return Buffer.from(value.map(byte => Number(byte) & 0xff)).toString('utf8')
}

/** All messages of dmesg --json that some tool wrote on one line. `bytes` is text held as latin1. */
export function parseDmesgJson(bytes: string): readonly LogLine[] {
  const { dmesg } = (parseJson(decodeUtf8(bytes)) ?? {}) as { readonly dmesg?: unknown }
  return Array.isArray(dmesg) ? dmesg.flatMap(value => parseDmesgJsonEntry(value) ?? []) : []
}

/** An element of dmesg --json: `{"pri":4,"time":123.456,"msg":"…"}`; with -x also `"fac":"kern","pri":"warn"`. */
export function parseDmesgJsonEntry(value: unknown): LogLine | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { msg, time, pri, fac, caller } = value as JournalFields
  if (typeof msg !== 'string') return undefined
  const priority = typeof pri === 'number' ? pri : null
  const namedFacility = fac === 'kern' || fac === 0 ? 0 : 1
  const facility = fac === undefined ? (priority ?? 0) >> 3 : namedFacility
  const isBoot = typeof time === 'number'
  const wall = typeof time === 'string' ? Date.parse(time.replace(',', '.')) : Number.NaN
  const bootText = typeof time === 'string' && /^\d+\.\d+$/.test(time.trim()) ? Number(time) : null
  const boot = isBoot ? time : bootText
  const line = toKernelLine(Buffer.from(msg).toString('latin1'), {
    format: 'dmesg json',
    boot,
    wall: Number.isNaN(wall) || boot !== null ? null : wall,
  })
  const level = priority === null ? parseLevel(String(pri)) : priority & 7
  return {
    ...line,
    facility: facility || line.facility,
    level: level < 0 ? null : level,
    ...(typeof caller === 'string' && /^[TC]\d+$/.test(caller) ? { caller } : {}),
  }
}
