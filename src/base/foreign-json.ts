// Parses JSON from outside: nested lists and objects cost 50 bytes each, so a text of megabytes that only opens them would fill memory.
import { MiB } from './units.ts'

/** Depth that no text of a recording, a log or a server has. */
const MAX_DEPTH = 200
/** Characters from which a text is looked through first: a shorter one cannot take much. */
const CHECKED_LENGTH = MiB

/** Parses a text. @throws SyntaxError if it is no JSON, or nested too deep */
export function parseForeignJson(text: string): unknown {
  if (text.length > CHECKED_LENGTH && isTooDeep(text)) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`)
  return JSON.parse(text)
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = findStringEnd(text, at)
    else if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Returns the index of the quote that ends the string beginning at `begin`, or the length of the text. */
function findStringEnd(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
