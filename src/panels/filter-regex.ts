// Regular expressions that a user types: only those whose time is bounded by a small power of a bounded text.

const MAX_REPEATS = 3
const MAX_ALTERNATIVES = 8
/** Characters of a text that are searched, by the number of repeats: each may multiply the time by the length. */
const MAX_TEXT: readonly number[] = [4096, 1000, 300, 100]

/** A regular expression that is safe to run on any text. */
export type SafeRegex = (text: string) => boolean

/** Compiles what is between the slashes. Returns a sentence instead of an expression that is invalid or may take too long. */
export function compileSafeRegex(source: string): SafeRegex | string {
  const found = countRepeats(source)
  if (typeof found === 'string') return found
  try {
    const regex = new RegExp(source, 'i')
    const most = MAX_TEXT[found]!
    return text => regex.test(text.slice(0, most))
  } catch {
    return 'not a regular expression'
  }
}

const TOKEN = /\\[1-9k]|\\.|[*+?]\??|\{\d{0,4},?\d{0,4}\}\??|./gs
const REPEAT = /^(?:[*+?]|\{\d)/

// Counts the repeats; a sentence where they may multiply without bound.
function countRepeats(source: string): number | string {
  const groups: { isComplex: boolean }[] = []
  let closed = { isComplex: false }
  let repeats = 0
  let alternatives = 0
  let isInClass = false
  let previous = ''
  for (const [token] of source.matchAll(TOKEN)) {
    const isClassBegin = token === '['
    if (isInClass && token !== ']') continue
    isInClass = isClassBegin
    if (/^\\[1-9k]/.test(token)) return 'back references may take too long'
    if (token.startsWith('(')) groups.push({ isComplex: false })
    const isAlternative = token === '|'
    const isRepeat = REPEAT.test(token) && previous !== '(' // (?: begins a group
    previous = token
    if (isRepeat && closed.isComplex) return 'a repeat of repeats or alternatives may take too long'
    if (isRepeat) repeats++
    if (isAlternative) alternatives++
    if (isRepeat || isAlternative) for (const group of groups) group.isComplex = true
    closed = token === ')' ? (groups.pop() ?? { isComplex: false }) : { isComplex: false }
  }
  if (repeats > MAX_REPEATS) return `more than ${MAX_REPEATS} repeats may take too long`
  return alternatives > MAX_ALTERNATIVES ? `more than ${MAX_ALTERNATIVES} alternatives may take too long` : repeats
}
