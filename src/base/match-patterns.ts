// Tables of line patterns: each regular expression with the function that reads its match.

/** Patterns in order of precedence. A parser that returns undefined hands the text to the next pattern. */
export type PatternTable<Result> = readonly (readonly [RegExp, (match: RegExpExecArray) => Result | undefined])[]

/** Returns what the first matching pattern reads from the text, or undefined if none matches. */
export function matchPatterns<Result>(table: PatternTable<Result>, text: string): Result | undefined {
  for (const [pattern, parse] of table) {
    const match = pattern.exec(text)
    const result = match && parse(match)
    if (result) return result
  }
  return undefined
}
