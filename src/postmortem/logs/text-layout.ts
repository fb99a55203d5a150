// How the lines of a text are laid out, from its first characters: where they were broken, and what stands before each. Pure.
import { findHardWidth } from './line-joiner.ts'
import { isStamped } from './line-parser.ts'
import { LoosePrefixes } from './loose-prefix.ts'

/** What must be known of a text before its first line is read. */
export interface TextLayout {
  /** see LineJoiner */
  readonly hardWidth: number | null
  /** prefixes of no known format */
  readonly prefixes: LoosePrefixes
}

const MAX_LINES = 2000

/** Looks at the first characters of a text. */
export function detectLayout(head: string): TextLayout {
  const prefixes = new LoosePrefixes()
  const lines = head.split('\n', MAX_LINES).map(line => line.replace(/\r+$/, ''))
  for (const [i, line] of lines.entries()) prefixes.learnCertain(line, lines[i - 1] ?? '')
  return { hardWidth: findHardWidth(head, isStamped), prefixes }
}
