// Text helpers that every parser uses. Kernel text is held as latin1: one character is one byte, nothing is lost.
import { ParseError } from './errors.ts'

/** The lines of a text, without an empty one after a last newline. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/**
 * `name value` or `Name:   value kB` lines to numbers. Lines with another shape are skipped (kernels add lines);
 * a text without a single good line is an error.
 * @param scale what a trailing `kB` multiplies by
 */
export function parseKeyedNumbers(text: string, path: string, scale = 1024): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  const layout = getLayout(path)
  for (let begin = 0, line = 0; begin < text.length; line++) {
    const known = layout[line]
    const next = known === undefined ? -1 : parseKnownLine(values, known, text, begin, scale)
    if (next >= 0) begin = next
    else {
      const newline = text.indexOf('\n', begin)
      const end = newline < 0 ? text.length : newline
      layout[line] = parseKeyedLine(values, text, begin, end, scale)
      begin = end + 1
    }
  }
  if (values.size === 0) throw new ParseError(path, 1, 'lines of a name and a number', text)
  return values
}

// A file names the same things in the same lines at every look: a name that stands where it stood last is not cut out again.
const layouts = new Map<string, (string | undefined)[]>()

function getLayout(path: string): (string | undefined)[] {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const known = layouts.get(file) ?? []
  layouts.set(file, known)
  return known
}

const NAME = /^[\w()-]+$/
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isBlank = (code: number): boolean => code === 32 || code === 9
const EXACT_DIGITS = 15 // more need rounding

/** Takes a line that begins with a known name; where the next begins, or -1: it must be looked at closely. */
function parseKnownLine(values: Map<string, number>, name: string, text: string, begin: number, scale: number): number {
  if (!text.startsWith(name, begin)) return -1
  let at = begin + name.length
  if (text.charCodeAt(at) === 58) at++ // a colon
  const blanks = at
  while (isBlank(text.charCodeAt(at))) at++
  const digits = at
  let value = 0
  for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(++at)) value = value * 10 + code - 48
  if (digits === blanks || at === digits || at - digits > EXACT_DIGITS) return -1
  const isScaled = text.startsWith(' kB', at)
  const end = isScaled ? at + 3 : at
  if (end < text.length && text.charCodeAt(end) !== 10) return -1
  values.set(name, isScaled ? value * scale : value)
  return end + 1
}

/** Takes any line, from its end: ` kB`, digits, blanks, a colon, the name. The name, when it has one. */
function parseKeyedLine(
  values: Map<string, number>,
  text: string,
  begin: number,
  end: number,
  scale: number,
): string | undefined {
  const isScaled = text.endsWith(' kB', end) && end - begin > 3
  const last = isScaled ? end - 3 : end
  let digits = last
  while (digits > begin && isDigit(text.charCodeAt(digits - 1))) digits--
  let name = digits
  while (name > begin && isBlank(text.charCodeAt(name - 1))) name--
  if (digits === last || name === digits) return undefined
  if (text.charCodeAt(name - 1) === 58) name-- // a colon
  const key = text.slice(begin, Math.max(begin, name))
  if (!NAME.test(key)) return undefined
  values.set(key, Number(text.slice(digits, last)) * (isScaled ? scale : 1))
  return key
}

/** One number, as most cgroup files hold it; `max` is Infinity. */
export function parseNumber(text: string, path: string): number {
  const word = text.trim()
  if (word === 'max') return Number.POSITIVE_INFINITY
  if (!/^-?\d+$/.test(word)) throw new ParseError(path, 1, 'a number', text)
  return Number(word)
}

/** Converts digits to a number times `scale`; undefined, as of a group that did not match, becomes null. */
export const toNumber = (digits: string | undefined, scale = 1): number | null =>
  digits === undefined ? null : Number(digits) * scale

const utf8 = new TextDecoder('utf-8')

/** Bytes held as latin1 to the text they mean in UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function decodeUtf8(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1
  return utf8.decode(Uint8Array.from(latin1, char => char.charCodeAt(0) & 0xff))
}

/** C0, DEL, C1, line and paragraph separators, zero-width and bidirectional controls: everything that can move a cursor or hide text. */
export const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/

/**
 * Text that is safe on a terminal: every control character is written out as `\xNN` or `\uNNNN`.
 * Everything from the node (kernel messages, process and cgroup names) goes through here before it is drawn.
 */
export function escapeControls(text: string): string {
  if (!UNSAFE.test(text)) return text
  return text.replace(new RegExp(UNSAFE, 'g'), char => {
    const code = char.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** `\xNN`, as the kernel and dmesg write a backslash and bytes that are not printable, to the text they mean. systemd's `\x2d` stays. */
export function unescapeHex(text: string): string {
  if (!text.includes('\\x')) return decodeUtf8(text)
  return decodeUtf8(
    text.replace(/\\x([01][0-9a-f]|5c|7f|[89a-f][0-9a-f])/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  )
}

/** Escape sequences of a terminal, as a console's capture or `dmesg --color=always` holds them. */
export const TERMINAL_ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g

/** A path as one word of a shell, whatever is in its name: cgroups may be called anything. */
export const quoteShellWord = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
