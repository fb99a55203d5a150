// Tables of line patterns: each regular expression with the function that reads its match.

/**
 * Patterns in order of precedence. A parser that returns undefined hands the text to the next pattern. A text without the word cannot
 * match: to look for a word is ten times as fast as to try a pattern that may begin with anything.
 */
export type PatternTable<Result> = readonly (readonly [
  pattern: RegExp,
  parse: (match: RegExpExecArray) => Result | undefined,
  word?: string,
])[]

/** Returns what the first matching pattern reads from the text, or undefined if none matches. */
export function matchPatterns<Result>(table: PatternTable<Result>, text: string): Result | undefined {
  for (const [pattern, parse, word] of table) {
    if (word !== undefined && !text.includes(word)) continue
    const match = pattern.exec(text)
    const result = match && parse(match)
    if (result) return result
  }
  return undefined
}
