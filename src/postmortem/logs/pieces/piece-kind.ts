// PieceKind: how the output of a kernel file or a program is known, and read. Pure.
import type { Snapshot } from './snapshots.ts'

/** How a piece begins, what its further lines look like, and what it says. */
export interface PieceKind {
  readonly name: string
  /** the first line */
  readonly begin: RegExp
  /** each further line, for some by the first one; a line that does not fit is not of the piece */
  readonly line: RegExp | ((begin: string) => RegExp)
  /** undefined: it only looked like it */
  readonly parse: (text: string) => Snapshot | undefined
}
