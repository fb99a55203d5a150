// Messages in the JSON of log products: Loki, Datadog, Splunk, CloudWatch, Elastic, fluent-bit, vector, OpenTelemetry … Pure.
import { parseForeignJson } from '../../../base/foreign-json.ts'
import { decodeUtf8 } from '../../../base/text.ts'
import { EVENT_WRITER } from '../kubernetes-events.ts'
import { parseInspection, parsePodStatus } from '../pieces/container-status.ts'
import { type LinePrefix, type LogLine, toKernelLine, toProgramLine } from './log-line.ts'
import { parseLogLine } from './log-prefix.ts'
import { parseFacility } from './priority.ts'

/** A value of an object, and the names that lead to it. */
interface Leaf {
  readonly path: readonly string[]
  readonly value: string | number
}

const MAX_DEPTH = 5
const MAX_LEAVES = 300
const FORMAT = 'json lines'
const UNKNOWN_YEAR = 1970

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// The first of these is the message.
const MESSAGE_NAMES: readonly string[] = [
  'MESSAGE',
  'message',
  'msg',
  'log',
  '_msg',
  '_raw',
  'short_message',
  'textPayload',
  'line',
  'stringValue',
  'content',
  'text',
  'stdout',
]
const TIME_NAMES =
  /^(?:time|ts|date|timestamp|@timestamp|_time|timeUnixNano|observedTimeUnixNano|receiveTimestamp|__REALTIME_TIMESTAMP)$/
// Names of fields that say who speaks.
const SPEAKER_NAMES =
  /^_?(?:transport|syslog_identifier|ident|app_?name|program_?name|program|tag|syslogtag|process|service|unit|job|name)$/i
const FACILITY_NAMES = /^_?(?:facility|syslog_facility|facility_label)$/i
const CONTAINER_NAMES =
  /^(?:stream|kubernetes|docker|container|container_(?:id|name)|pod|pod_name|namespace|k8s|k8s\..*)$/i
const KERNEL = /^(?:[\w-]+\.)?kern(?:el)?(?:\.[a-z]+|:)?$/
// What log shippers put before an object: brackets and numbers, or a stamp and a tag.
const OBJECT_PREFIXES: readonly RegExp[] = [
  /^[\s[\],{}\d.]*$/, // an element of a list
  /^(?:\S+ \| \w+(?: \| rc=\d+)?|\w+: \[[^\]]{1,80}\]) => $/, // node-7 | CHANGED => {      ok: [node-7] => {      of Ansible
  /^\[\d+\] ([\w.-]+): \[[\s[\],{}\d.]*$/, // [0] kmsg.0: [[1718596330.123, {}], {
  /^\d{4}-\d\d-\d\d[T ][\d:.,]+ ?(?:Z|[+-]\d\d:?\d\d)[ \t]+([\w.-]+)(?::|\t) ?$/, // 2024-06-17 03:52:10.000 +0000 tag: {
]
const MAX_PREFIX = 200

/**
 * Reads a line that is an object, or ends with one; undefined for all other lines. `bytes` is text held as latin1.
 * @param year of stamps without one
 */
export function parseProductLine(bytes: string, year: number): LogLine | undefined {
  const begin = bytes.indexOf('{"')
  const end = bytes.lastIndexOf('}') + 1
  if (begin < 0 || begin > MAX_PREFIX || !/^[\]\s,]*$/.test(bytes.slice(end))) return undefined
  const prefix = OBJECT_PREFIXES.flatMap(pattern => pattern.exec(bytes.slice(0, begin)) ?? [])
  if (prefix.length === 0) return undefined
  const fields = parseJson(decodeUtf8(bytes.slice(begin, end)))
  return isObject(fields) ? parseProductFields(fields, prefix[1] ?? null, year) : undefined
}

/** Returns what a text of JSON says; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return parseForeignJson(text)
  } catch {
    return undefined
  }
}

/**
 * Reads an object as a message of the kernel or of a program; undefined if it has no text.
 * @param tag text before the object, as fluentd prints it
 * @param year of stamps without one
 */
export function parseProductFields(
  fields: object,
  tag: string | null = null,
  year = UNKNOWN_YEAR,
): LogLine | undefined {
  const container = parseInspection(fields) ?? parsePodStatus(fields)
  if (container) return container
  const leaves: Leaf[] = []
  collectLeaves(fields, [], leaves)
  const text = findMessage(leaves)
  if (text === undefined) return undefined
  const kmsg = parseKmsgInput(leaves, text)
  if (kmsg) return kmsg
  const message = text.trimEnd()
  const prefix = { format: FORMAT, wall: findWallClock(leaves), ...findHost(leaves) }
  if (isOfContainer(leaves)) return { ...toProgramLine(message, '', '', prefix), facility: 3 }
  const isEvent = leaves.some(({ path, value }) => path.at(-1) === 'reason' && value === 'OOMKilling')
  const speaker = isEvent ? EVENT_WRITER : (findSpeaker(leaves) ?? tag)
  const isKernel = speaker === null ? isKernelFacility(leaves) : KERNEL.test(speaker) && findFacility(leaves) === 0
  if (isKernel) return toKernelLine(stripTag(message), prefix)
  return parseInside(message, prefix, year) ?? toProgramLine(message, speaker ?? '', '', prefix)
}

// A list of { key, value } is an object too: that is how OpenTelemetry writes attributes.
function collectLeaves(value: unknown, path: readonly string[], leaves: Leaf[]): void {
  if (leaves.length >= MAX_LEAVES || path.length > MAX_DEPTH) return
  if (typeof value === 'string' || typeof value === 'number') leaves.push({ path, value })
  else if (Array.isArray(value)) {
    for (const one of value.slice(0, MAX_LEAVES))
      if (isObject(one) && typeof one.key === 'string') collectLeaves(one.value, [...path, one.key], leaves)
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) collectLeaves(inner, [...path, name], leaves)
  }
}

// A whole log in one value, whatever its name.
const WHOLE_LOG = /\n(?:<\d+>)?\[ *\d+\.\d{6}\]|\n.{0,80} kernel: /

function findMessage(leaves: readonly Leaf[]): string | undefined {
  const whole = leaves.find(({ value }) => typeof value === 'string' && WHOLE_LOG.test(value))
  if (whole) return String(whole.value)
  for (const name of MESSAGE_NAMES) {
    const found = leaves.find(({ path, value }) => {
      if (typeof value !== 'string' || path.at(-1) !== name) return false
      return name !== 'stringValue' || path.at(-2) === 'body'
    })
    if (found) return String(found.value)
  }
  return undefined
}

// fluent-bit's input for /dev/kmsg: {"priority":4,"sequence":812,"sec":9000,"usec":12,"msg":"…"}
function parseKmsgInput(leaves: readonly Leaf[], text: string): LogLine | undefined {
  const [priority, sequence, seconds, microseconds] = ['priority', 'sequence', 'sec', 'usec'].map(name =>
    leaves.find(({ path, value }) => path.at(-1) === name && typeof value === 'number'),
  )
  if (!priority || !sequence || !seconds || !microseconds) return undefined
  const boot = Number(seconds.value) + Number(microseconds.value) / 1e6
  const level = Number(priority.value) & 7
  return { ...toKernelLine(text, { format: FORMAT, boot, wall: findWallClock(leaves) }), level }
}

const isOfContainer = (leaves: readonly Leaf[]): boolean =>
  leaves.some(
    ({ path, value }) =>
      path.some(name => CONTAINER_NAMES.test(name)) ||
      (path.at(-1) === 'path' && /\/(?:containers|pods)\//.test(String(value))),
  )

// The kernel's name in any of the fields, else the first name. A field `name` counts below a process or an application.
function findSpeaker(leaves: readonly Leaf[]): string | null {
  const names = leaves.flatMap(({ path, value }) => {
    const field = path.findLast(name => name !== 'stringValue') ?? ''
    const isName =
      SPEAKER_NAMES.test(field) && (field !== 'name' || /^(?:process|appl?|service)/.test(path.at(-2) ?? ''))
    return isName && typeof value === 'string' ? [value] : []
  })
  return names.find(name => KERNEL.test(name)) ?? names[0] ?? null
}

// 0 is the kernel, and what is assumed where no field says it
function findFacility(leaves: readonly Leaf[]): number {
  const found = leaves.find(({ path }) => FACILITY_NAMES.test(path.findLast(name => name !== 'stringValue') ?? ''))
  if (!found) return 0
  return /^\d+$/.test(String(found.value)) ? Number(found.value) : parseFacility(String(found.value))
}

// GELF may say only the facility's name.
const isKernelFacility = (leaves: readonly Leaf[]): boolean =>
  leaves.some(({ path, value }) => FACILITY_NAMES.test(path.at(-1) ?? '') && KERNEL.test(String(value)))

// rsyslog keeps the blank behind the tag.
const stripTag = (message: string): string => message.trimStart().replace(/^kernel: ?/, '')

// A line of syslog or dmesg with its own prefix. If there are more of them, the object has one time for all.
function parseInside(message: string, { wall = null, host }: LinePrefix, year: number): LogLine | undefined {
  const inside = parseLogLine(message, wall === null ? year : new Date(wall).getUTCFullYear())
  if (!inside || (inside.wall === null && inside.boot === null)) return undefined
  const own = message.includes('\n') ? (inside.wall ?? wall) : (wall ?? inside.wall)
  return { ...inside, format: FORMAT, wall: own, ...(inside.host === undefined && host !== undefined ? { host } : {}) }
}

const HOST_NAMES = /^_?(?:host|host_?name|nodename|node_name|node|host\.name|k8s\.node\.name)$/i

function findHost(leaves: readonly Leaf[]): Pick<LinePrefix, 'host'> {
  const found = leaves.find(({ path, value }) => {
    const names = path.filter(name => name !== 'stringValue')
    const isName = HOST_NAMES.test(names.at(-1)!) || /^(?:host|node) (?:host)?name$/.test(names.slice(-2).join(' '))
    return typeof value === 'string' && isName
  })
  return found ? { host: String(found.value) } : {}
}

function findWallClock(leaves: readonly Leaf[]): number | null {
  for (const { path, value } of leaves) {
    if (!TIME_NAMES.test(path.at(-1) ?? '')) continue
    const wall = parseWallClock(value)
    if (wall !== null) return wall
  }
  return null
}

const MILLISECOND_DIGITS = 13

/** Milliseconds since 1970 of a text, or of a number in seconds, milliseconds, microseconds or nanoseconds; null if it is none. */
export function parseWallClock(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = String(value)
  if (/^\d{9,19}(?:\.\d+)?$/.test(text)) {
    const digits = text.split('.')[0]!.length
    return Number(text) * (digits <= 10 ? 1000 : 10 ** (MILLISECOND_DIGITS - digits))
  }
  const wall = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN // else there is no year in it
  return Number.isNaN(wall) ? null : wall
}
