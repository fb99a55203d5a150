// FlatJson: exports of log products as one document of JSON, on many lines or on one. Each message becomes a line of its own.
import { decodeUtf8 } from '../../../base/text.ts'
import type { LineSink } from '../lines/line-finder.ts'
import { parseJson, parseProductFields } from '../lines/product-json.ts'

interface NumberedLine {
  readonly bytes: string
  readonly number: number
}

/** An object or a list that is not over yet. */
interface OpenValue {
  readonly isList: boolean
  readonly lines: NumberedLine[]
  length: number
}

const MAX_LENGTH = 1 << 20 // characters of an element
const MAX_DEPTH = 12

const OPENS = /^\s*(?:"(?:[^"\\]|\\.)*"\s*:\s*)?[[{]\s*$/
const CLOSES = /^\s*[\]}]\s*,?\s*$/
const MEMBER = /^\s*(?:["[{\d-]|true|false|null)/
const NAME = /^\s*"(?:[^"\\]|\\.)*"\s*:\s*/
// journalctl -o json-pretty and dmesg --json have readers of their own
const OWN_READER = /^\s*"(?:__CURSOR|__REALTIME_TIMESTAMP|_BOOT_ID|MESSAGE|dmesg)" ?:/m
const CLOUD_LOGGING = /^\s*"jsonPayload": \{/m // a journal's fields in an entry of Google's
// a list of messages, or one message that holds a whole log
const DOCUMENT = /^\s*(?:[[{]\s*$|\[\s*\{.*\},?\s*\{|\{.*[\]}] ?, ?[[{]|\[?\{".*\\n)/m

/** True for the first characters of a text with such a document. */
export const hasJsonDocument = (head: string): boolean =>
  DOCUMENT.test(head) && (!OWN_READER.test(head) || CLOUD_LOGGING.test(head))

/** Gives on a line for each element of a list, or document, that is a message, and all other lines as they are. */
export class FlatJson implements LineSink {
  readonly needsEveryLine = true
  private readonly open: OpenValue[] = []
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  consumeLine(bytes: string, number: number): void {
    const line = { bytes, number }
    if (OPENS.test(bytes) && this.open.length < MAX_DEPTH)
      this.open.push({ isList: bytes.trimEnd().endsWith('['), lines: [line], length: bytes.length })
    else if (this.open.length === 0) this.splitLine(line)
    else if (CLOSES.test(bytes)) this.closeValue(line)
    else if (MEMBER.test(bytes) && this.open.at(-1)!.length < MAX_LENGTH) addLine(this.open.at(-1)!, line)
    else {
      this.giveUp()
      this.splitLine(line)
    }
  }

  finishText(): void {
    this.giveUp()
    this.sink.finishText()
  }

  private closeValue(line: NumberedLine): void {
    const value = this.open.pop()!
    addLine(value, line)
    const parent = this.open.at(-1)
    const isElement = !value.isList && (parent === undefined || parent.isList)
    const message = isElement ? toMessage(value.lines.map(({ bytes }) => bytes).join('\n')) : undefined
    if (message !== undefined) this.sink.consumeLine(message, value.lines[0]!.number)
    else if (parent) for (const one of value.lines) addLine(parent, one)
    else this.passOn(value.lines)
  }

  // It is no JSON after all, or too much of it.
  private giveUp(): void {
    for (const { lines } of this.open.splice(0)) this.passOn(lines)
  }

  private passOn(lines: readonly NumberedLine[]): void {
    for (const { bytes, number } of lines) this.sink.consumeLine(bytes, number)
  }

  // A whole document on one line.
  private splitLine(line: NumberedLine): void {
    const isDocument = /^\s*[[{]/.test(line.bytes) && /[\]}]\s*,\s*[[{]|\\n/.test(line.bytes)
    const messages = isDocument ? listMessages(parseJson(decodeUtf8(line.bytes))) : []
    if (messages.length < (line.bytes.includes('\\n') ? 1 : 2)) this.passOn([line])
    else for (const message of messages) this.sink.consumeLine(toLine(message), line.number)
  }
}

function addLine(value: OpenValue, line: NumberedLine): void {
  value.lines.push(line)
  value.length += line.bytes.length
}

const toLine = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('latin1')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function toMessage(text: string): string | undefined {
  const fields = parseJson(decodeUtf8(text.replace(NAME, '').replace(/,\s*$/, '')))
  return isObject(fields) && parseProductFields(fields) !== undefined ? toLine(fields) : undefined
}

// The elements of lists below the value that are messages; if there are none, the value itself.
function listMessages(value: unknown, depth = 0): readonly object[] {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(one => listMessages(one, depth + 1))
  const fields = value as Readonly<Record<string, unknown>>
  if (isObject(fields.stream) && Array.isArray(fields.values)) return listPairs(fields.stream, fields.values)
  const inside = Object.values(fields).flatMap(one => (hasList(one) ? listMessages(one, depth + 1) : []))
  if (inside.length > 0) return inside
  return parseProductFields(fields) === undefined ? [] : [fields]
}

const hasList = (value: unknown, depth = 0): boolean =>
  Array.isArray(value)
    ? value.some(isObject)
    : isObject(value) && depth < MAX_DEPTH && Object.values(value).some(one => hasList(one, depth + 1))

// Loki: { "stream": { labels }, "values": [["1718596330123456789", "text"], …] }
const listPairs = (labels: object, values: readonly unknown[]): readonly object[] =>
  values.flatMap(pair =>
    Array.isArray(pair) && typeof pair[1] === 'string' ? [{ ...labels, time: pair[0], line: pair[1] }] : [],
  )

/** The first characters of a text as the lines that its messages become. */
export function flattenJson(head: string): string {
  const lines: string[] = []
  const flat = new FlatJson({ needsEveryLine: true, consumeLine: bytes => lines.push(bytes), finishText: () => {} })
  for (const [i, line] of head.split('\n').entries()) flat.consumeLine(line.replace(/\r+$/, ''), i + 1)
  flat.finishText()
  return lines.join('\n')
}
