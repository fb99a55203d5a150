// Random texts for the comparisons with Ink: what we draw, what a node may be named, and what nobody should write.
import { createRandom } from '../seeded-random.ts'

/** Random choices, the same ones for the same seed. */
export interface Dice {
  drawBelow(end: number): number
  drawBetween(low: number, high: number): number
  drawBoolean(share: number): boolean
  pick<T>(choices: readonly T[]): T
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed)
  const drawBelow = (end: number) => Math.floor(random() * end)
  return {
    drawBelow,
    drawBetween: (low, high) => low + drawBelow(high - low + 1),
    drawBoolean: share => random() < share,
    pick: choices => choices[drawBelow(choices.length)]!,
  }
}

const SIMPLE = ['a', 'Z', ' ', '  ', '7', 'kB', '─', '│', '╭', '█', '▁', '⣿', '…', '·', '▲', '●', '✖', '×', '−', '›']
const CODES = [0, 1, 2, 3, 4, 7, 22, 24, 27, 30, 31, 39, 41, 49, 90, 97, 100]
const COLOURS = [
  '38;5;208',
  '48;5;17',
  '38;2;1;2;3',
  '48;2;9;8;7',
  '58;5;3',
  '38',
  '38;5',
  '1;31',
  '0;1',
  '31;0',
  '4;58;5;3',
]
const WIDE = [
  '漢字',
  '한',
  'ｶﾞ',
  '👍',
  '👨‍👩‍👧',
  '🇩🇪',
  '1️⃣',
  '✖️',
  '❤',
  'é',
  'e\u0301',
  '\u0301',
  '\u200b',
  '\u200d',
  '\ufe0f',
  '\u00ad',
  'ำ',
  'न',
]
const ODD = [
  '\t',
  '\x00',
  '\x07',
  '\x7f',
  '\x9b31m',
  '\x85',
  '\r',
  '\x1b',
  '\x1b[',
  '\x1b[2J',
  '\x1b[31',
  '\x1b[:m',
  '\x1b[4:3m',
  '\x1b[38:5:9m',
]
const ODDER = [
  '\x1b]8;;http://x\x07',
  '\x1b]8;;\x07',
  '\x1b]0;t\x07',
  '\x1b[?25l',
  '\x1b(B',
  '\x1b[99999m',
  '\x1b[1;2345m',
  '\ud83d',
  '\x1b7',
]

/** An SGR code. */
export function drawSgr(d: Dice): string {
  if (d.drawBoolean(0.05)) return d.pick(['\x1b[m', '\x1b[;m', '\x1b[;31m', '\x1b[1;m', '\x1b[01m', '\x1b[999m'])
  return `\x1b[${d.drawBoolean(0.25) ? d.pick(COLOURS) : d.pick(CODES)}m`
}

/** Simple text with colours. */
export function drawSimpleText(d: Dice, most = 12): string {
  return Array.from({ length: d.drawBelow(most) }, () => (d.drawBoolean(0.3) ? drawSgr(d) : d.pick(SIMPLE))).join('')
}

/** Any text; `oddity` is the share of pieces that are not simple. */
export function drawText(d: Dice, most = 12, oddity = 0.2): string {
  return Array.from({ length: d.drawBelow(most) }, () => {
    if (!d.drawBoolean(oddity)) return d.drawBoolean(0.3) ? drawSgr(d) : d.pick(SIMPLE)
    return d.drawBoolean(0.6) ? d.pick(WIDE) : d.pick(d.drawBoolean(0.5) ? ODD : ODDER)
  }).join('')
}
