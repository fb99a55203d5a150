// The two errors of the house: a kernel text that is not what it should be, and a user's mistake.

/** A kernel file said something else than its parser expects. `path` names the file, `line` counts from 1. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  constructor(path: string, line: number, expected: string, actual: string) {
    super(`${path}, line ${line}: expected ${expected}, came ${JSON.stringify(actual.slice(0, 60))}`)
  }
}

/** Something the user can put right: printed as one sentence on stderr, without a stack; exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError'
}
