// The two kinds of expected errors: a kernel text that cannot be parsed, and a mistake of the user.

/** A kernel file does not have the format that its parser expects. `path` names the file, `line` counts from 1. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  constructor(path: string, line: number, expected: string, actual: string) {
    super(`${path}, line ${line}: expected ${expected}, came ${JSON.stringify(actual.slice(0, 60))}`)
  }
}

/** A mistake that the user can correct. Printed as one sentence on stderr, without a stack trace; exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** Returns the code of a system error, such as ENOENT; undefined if the error has none. */
export function getErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Returns the message of anything that was thrown. */
export const getErrorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))
