// How the lines of a text are laid out, from its first characters: where they were broken, and the prefix of each. Pure.
import { findHardWidth } from './line-joiner.ts'
import { isStamped } from './line-parser.ts'
import { LoosePrefixes, type TextLayout } from './loose-prefix.ts'

const MAX_LINES = 2000

/** Examines the first characters of a text. */
export function detectLayout(head: string): TextLayout {
  const prefixes = new LoosePrefixes()
  const lines = head.split('\n', MAX_LINES).map(line => line.replace(/\r+$/, ''))
  for (const [i, line] of lines.entries()) prefixes.learnCertain(line, lines[i - 1] ?? '')
  return { hardWidth: findHardWidth(head, isStamped), prefixes }
}
