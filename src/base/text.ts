// Text helpers of the parsers. Kernel text is held as latin1: one character is one byte, and nothing is lost.
import { ParseError } from './errors.ts'
import { KiB } from './units.ts'

/** Splits a text into lines, without an empty one after the last newline. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/**
 * Parses lines `name value` or `Name:   value kB`, with kB as bytes. Lines of another format are skipped, because kernels add lines;
 * a text without a valid line is an error.
 * @param isWanted chooses the names that are returned, always the same ones for one file. Absent: all
 */
export function parseKeyedNumbers(
  text: string,
  path: string,
  isWanted?: (name: string) => boolean,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  const target: KeyedText = { text, values }
  const layout = getLayout(path, isWanted !== undefined)
  for (let begin = 0, line = 0; begin < text.length; line++) {
    const known = layout[line]
    const next = known === undefined ? -1 : passKnownLine(target, known, begin)
    if (next >= 0) begin = next
    else {
      const newline = text.indexOf('\n', begin)
      const end = newline < 0 ? text.length : newline
      layout[line] = parseKeyedLine(target, begin, end, isWanted)
      begin = end + 1
    }
  }
  if (values.size > 0) return values
  if (isWanted === undefined) throw new ParseError(path, 1, 'lines of a name and a number', text)
  parseKeyedNumbers(text, path) // throws where there are not even others
  return values
}

interface KeyedText {
  readonly text: string
  /** gets the parsed numbers */
  readonly values: Map<string, number>
}

interface KnownLine {
  readonly name: string
  readonly isWanted: boolean
}

// A file has the same names in the same lines in every sample: a name that is where it was last time is not extracted again.
const layouts = new Map<string, (KnownLine | undefined)[]>()

function getLayout(path: string, isFiltered: boolean): (KnownLine | undefined)[] {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const key = isFiltered ? `${file} wanted` : file
  const known = layouts.get(key) ?? []
  layouts.set(key, known)
  return known
}

const NAME = /^[\w()-]+$/
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isBlank = (code: number): boolean => code === 32 || code === 9
const COLON = 58
const EXACT_DIGITS = 15 // more need rounding
const MAX_DIGITS = 20 // of the kernel's largest number, 2^64 - 1

/** Parses or skips a line that begins with a known name. Returns where the next line begins, or -1 if it must be parsed in full. */
function passKnownLine(target: KeyedText, { name, isWanted }: KnownLine, begin: number): number {
  const { text } = target
  if (!text.startsWith(name, begin)) return -1
  const at = begin + name.length
  if (isWanted) return parseKnownLine(target, name, at)
  const code = text.charCodeAt(at)
  if (code !== COLON && !isBlank(code)) return -1
  const newline = text.indexOf('\n', at)
  return newline < 0 ? text.length : newline + 1
}

/** Parses the number that follows a known name. */
function parseKnownLine({ text, values }: KeyedText, name: string, from: number): number {
  let at = from
  if (text.charCodeAt(at) === COLON) at++
  const blanks = at
  while (isBlank(text.charCodeAt(at))) at++
  const digits = at
  let value = 0
  for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(++at)) value = value * 10 + code - 48
  if (digits === blanks || at === digits || at - digits > EXACT_DIGITS) return -1
  const isScaled = text.startsWith(' kB', at)
  const end = isScaled ? at + 3 : at
  if (end < text.length && text.charCodeAt(end) !== 10) return -1
  values.set(name, isScaled ? value * KiB : value)
  return end + 1
}

/** Parses any line from its end: ` kB`, digits, blanks, a colon, the name. Returns undefined if it is not such a line. */
function parseKeyedLine(
  { text, values }: KeyedText,
  begin: number,
  end: number,
  isWanted: ((name: string) => boolean) | undefined,
): KnownLine | undefined {
  const isScaled = text.endsWith(' kB', end) && end - begin > 3
  const last = isScaled ? end - 3 : end
  let digits = last
  while (digits > begin && isDigit(text.charCodeAt(digits - 1))) digits--
  let name = digits
  while (name > begin && isBlank(text.charCodeAt(name - 1))) name--
  if (digits === last || name === digits || last - digits > MAX_DIGITS) return undefined
  if (text.charCodeAt(name - 1) === COLON) name--
  const key = text.slice(begin, Math.max(begin, name))
  if (!NAME.test(key)) return undefined
  const line = { name: key, isWanted: isWanted?.(key) ?? true }
  if (line.isWanted) values.set(key, Number(text.slice(digits, last)) * (isScaled ? KiB : 1))
  return line
}

/** Parses a text of one number, as in most cgroup files; `max` is Infinity. */
export function parseNumber(text: string, path: string): number {
  const word = text.trim()
  if (word === 'max') return Number.POSITIVE_INFINITY
  if (!/^-?\d{1,20}$/.test(word)) throw new ParseError(path, 1, 'a number', text)
  return Number(word)
}

/** Converts digits to a number times `scale`; undefined, as of a group that did not match, becomes null. */
export const toNumber = (digits: string | undefined, scale = 1): number | null =>
  digits === undefined ? null : Number(digits) * scale

const utf8 = new TextDecoder('utf-8', { fatal: true })

// RFC 3629: the well-formed sequences of two to four bytes, or a byte that belongs to none.
const UTF8_PART =
  /(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g

/**
 * Decodes bytes held as latin1 as UTF-8. A byte that is not UTF-8 becomes `\xNN`, as the kernel writes it in its log, so that
 * names that differ stay different. Text that is decoded already stays.
 */
export function decodeUtf8(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1) || /[^\0-\xff]/.test(latin1)) return latin1
  const bytes = Uint8Array.from(latin1, char => char.charCodeAt(0))
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1.replace(UTF8_PART, decodePart)
  }
}

const decodePart = (part: string): string =>
  part.length === 1
    ? `\\x${part.charCodeAt(0).toString(16)}`
    : utf8.decode(Uint8Array.from(part, char => char.charCodeAt(0)))

/** Decodes blank, tab, newline and backslash, which the kernel writes as \040 \011 \012 \134 in tables of paths. */
export const decodeOctals = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8) & 0xff))

/**
 * Control and format characters, line and paragraph separators, halves of characters, and all that has no shape of its own (variation
 * selectors, fillers, tags): everything that can move a cursor, hide text, or be drawn wider than it is counted.
 */
export const UNSAFE = /[\p{Control}\p{Format}\u2028\u2029\p{Surrogate}\p{Default_Ignorable_Code_Point}]/u

// Characters that join what is drawn before or after the text, a border for example. The last are those of the Unicode class Prepend.
const JOINING =
  /(?<=^|\s)[\p{Mark}\u0e33\u0eb3]+|(?<!\p{Emoji_Modifier_Base})\p{Emoji_Modifier}|[\u0d4e\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/u

const ALL_UNSAFE = new RegExp(UNSAFE, 'gu')
const ALL_JOINING = new RegExp(JOINING, 'gu')

/**
 * Makes a text safe on a terminal: every such character becomes `\xNN`, `\uNNNN` or `\u{NNNNN}`. All text from the node (kernel
 * messages, names of processes and cgroups) is passed through this function before it is drawn.
 */
export function escapeControls(text: string): string {
  if (!UNSAFE.test(text) && !JOINING.test(text)) return text
  return text.replace(ALL_JOINING, escapeCharacters).replace(ALL_UNSAFE, escapeCharacters)
}

const escapeCharacters = (text: string): string =>
  Array.from(text, character => {
    const hex = character.codePointAt(0)!.toString(16)
    if (hex.length > 4) return `\\u{${hex}}`
    return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
  }).join('')

/** Decodes `\xNN`, by which the kernel and dmesg write backslashes and unprintable bytes. systemd's `\x2d` stays. */
export function unescapeHex(text: string): string {
  if (!text.includes('\\x')) return decodeUtf8(text)
  return decodeUtf8(
    text.replace(/\\x([01][0-9a-f]|5c|7f|[89a-f][0-9a-f])/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  )
}

/** Escape sequences of a terminal, as in a console capture or `dmesg --color=always`. */
export const TERMINAL_ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g

/** Quotes a path as one word of a shell: the name of a cgroup may contain anything. */
export const quoteShellWord = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
