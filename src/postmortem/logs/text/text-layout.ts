// How the lines of a text are laid out, from its first characters: where they were broken, and the prefix of each. Pure.

import { type CutMark, LoosePrefixes, type TextLayout } from '../lines/loose-prefix.ts'
import { isStamped } from '../lines/strip-prefix.ts'
import { findHardWidth } from './line-joiner.ts'

const MAX_LINES = 2000
const MIN_LINES = 5
const MIN_CUT = 2
const MOST_CUT = 0.7
const MARKS = ['>', '\xe2\x80\xa6'] as const // latin1
const MOST = 0.9
const END_MARKS = [' ', '$'] as const
const TAG_END = /<[^<>]*>$/ // <TASK> of a stack, or of a web page

/** Examines the first characters of a text. */
export function detectLayout(head: string, isJoined: boolean): TextLayout {
  const prefixes = new LoosePrefixes()
  const lines = head.split('\n', MAX_LINES).map(line => line.replace(/\r+$/, ''))
  for (const [i, line] of lines.entries()) prefixes.learnCertain(line, lines[i - 1] ?? '')
  const hardWidth = findHardWidth(head, isStamped)
  const endMark = hardWidth === null ? findEndMark(lines) : null
  return { hardWidth, prefixes, endMark, cutMark: findCutMark(lines), isJoined }
}

// What less -S, journalctl and editors put at the edge of the screen where a line goes on: > or …
function findCutMark(lines: readonly string[]): CutMark | null {
  const widest = lines.reduce((most, { length }) => Math.max(most, length), 0)
  const full = lines.filter(({ length }) => length === widest)
  const countCut = (mark: string): number => full.filter(line => line.endsWith(mark) && !TAG_END.test(line)).length
  const mark = MARKS.find(one => countCut(one) >= Math.max(MIN_CUT, full.length * MOST_CUT))
  return mark === undefined ? null : { mark, width: widest }
}

// The kernel itself ends only a few kinds of lines with a blank, and none with the $ of `cat -A`.
function findEndMark(lines: readonly string[]): TextLayout['endMark'] {
  const filled = lines.filter(line => line !== '')
  const isMost = (mark: string): boolean => filled.filter(line => line.endsWith(mark)).length >= filled.length * MOST
  return filled.length >= MIN_LINES ? (END_MARKS.find(isMost) ?? null) : null
}
