// Pen: colours and glyphs. Tones are meanings, not colours; a theme maps each meaning to a colour, or to none.

import { Chalk, type ChalkInstance, type ColorSupportLevel } from 'chalk'
import stringWidth from 'string-width'
import { isThemeName, palettes, type ThemeName } from './themes.ts'

/** The meaning of a piece of text. */
export type Tone =
  | 'normal'
  | 'muted'
  | 'title'
  | 'accent'
  | 'good'
  | 'warning'
  | 'critical'
  | 'alarm'
  | 'caution'
  | 'selected'
  | 'key'
  | 'letter'

/** Glyphs that differ between Unicode and ASCII terminals. */
export interface Glyphs {
  readonly border: readonly [
    topLeft: string,
    topRight: string,
    bottomLeft: string,
    bottomRight: string,
    horizontal: string,
    vertical: string,
  ]
  readonly spark: readonly string[]
  readonly bar: readonly string[]
  readonly critical: string
  readonly warning: string
  readonly rise: string
  readonly dot: string
  readonly ellipsis: string
  /** sort order: descending, ascending */
  readonly arrow: string
  readonly arrowUp: string
  readonly cursor: string
  readonly play: string
  readonly pause: string
  readonly times: string
  readonly ended: string
  /** a tick of a value axis */
  readonly tick: string
  /** the sign of a line in a chart; absent: braille dots */
  readonly line?: string
}

const UNICODE_GLYPHS: Glyphs = {
  border: ['╭', '╮', '╰', '╯', '─', '│'],
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  bar: ['█', '▓', '▒', '░', '▞', '·'],
  critical: '✖',
  warning: '▲',
  rise: '▲',
  dot: '●',
  ellipsis: '…',
  arrow: '▾',
  arrowUp: '▴',
  cursor: '▌',
  play: '›',
  pause: '║',
  times: '×',
  ended: '○',
  tick: '┤',
}

const ASCII_GLYPHS: Glyphs = {
  border: ['+', '+', '+', '+', '-', '|'],
  spark: ['_', '.', '-', '=', '+', '*', '%', '#'],
  bar: ['#', '=', '+', '-', '%', '.'],
  critical: 'X',
  warning: '!',
  rise: '^',
  dot: '*',
  ellipsis: '~',
  arrow: 'v',
  arrowUp: '^',
  cursor: '>',
  play: '>',
  pause: '|',
  times: 'x',
  ended: 'o',
  tick: '+',
  line: 'o',
}

/** Colors and glyphs, as the terminal can show them and the options want them. */
export interface Pen {
  readonly glyphs: Glyphs
  paint(tone: Tone, text: string): string
  /** the last step before the terminal: replaces Unicode in ASCII mode and keeps the width */
  encodeLine(line: string): string
  /** returns the same pen in the colors of another theme */
  withTheme(theme: string): Pen
}

const ASCII_SUBSTITUTES: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '·': '-',
  '×': 'x',
  '…': '~',
  '›': '>',
  '←': '<',
  '→': '>',
  '↑': '^',
  '↓': 'v',
  '“': '"',
  '”': '"',
  '’': "'",
  '═': '=',
  '─': '-',
  '╌': '~',
  '├': '|',
  '┤': '|',
  '▲': '!',
  '▴': '^',
  '○': 'o',
  '⠒': '-',
  '✖': 'X',
  '●': '*',
}

const segmenter = new Intl.Segmenter()

function toAscii(line: string): string {
  if (!/[^\x00-\x7f]/.test(line)) return line
  const named = line.replaceAll('← →', '<->') // < and > are keys of their own
  return Array.from(segmenter.segment(named), ({ segment }) =>
    /^[\x00-\x7f]*$/.test(segment) ? segment : (ASCII_SUBSTITUTES[segment] ?? '?'.repeat(stringWidth(segment))),
  ).join('')
}

type ToneStyles = Readonly<Record<Exclude<Tone, 'normal'>, ChalkInstance>>

// With 256 colors or more the palette is our own: the 16 ANSI colors look different on every terminal, and bright black,
// for one, cannot be read on many. With 16 colors muted text has the color of normal text, yellow is the bright one (the
// Linux console shows the other as brown), and red on white is not bold, which many terminals draw in bright red.
function createStyles(theme: ThemeName, chalk: ChalkInstance): ToneStyles {
  const shared = { title: chalk.bold, selected: chalk.inverse, key: chalk.bold, letter: chalk.underline }
  if (chalk.level < 2) return { ...shared, ...createAnsiStyles(theme, chalk) }
  const { muted, accent, good, warning, critical, alarm, caution } = palettes[theme === 'none' ? 'dark' : theme]
  return {
    ...shared,
    muted: chalk.hex(muted),
    accent: chalk.hex(accent),
    good: chalk.hex(good),
    warning: chalk.hex(warning),
    critical: chalk.hex(critical).bold,
    alarm: chalk.bgHex(alarm[1]).hex(alarm[0]).bold,
    caution: chalk.bgHex(caution[1]).hex(caution[0]),
  }
}

function createAnsiStyles(
  theme: ThemeName,
  chalk: ChalkInstance,
): Omit<ToneStyles, 'title' | 'selected' | 'key' | 'letter'> {
  const isLight = theme === 'light'
  return {
    muted: isLight ? chalk.black : chalk.white,
    accent: isLight ? chalk.blue : chalk.cyan,
    good: isLight ? chalk.black : chalk.green,
    warning: isLight ? chalk.magenta : chalk.yellowBright,
    critical: isLight ? chalk.red : chalk.redBright.bold,
    alarm: chalk.bgRed.whiteBright.bold,
    caution: isLight ? chalk.bgBlack.whiteBright : chalk.bgWhite.black,
  }
}

/** Creates a pen. `level` 0 is no colour at all (NO_COLOR), so the text must also carry what a tone means. */
export function createPen({
  theme = 'dark',
  level,
  ascii,
}: {
  theme?: ThemeName
  level: ColorSupportLevel
  ascii: boolean
}): Pen {
  const styles = createStyles(theme, new Chalk({ level: theme === 'none' ? 0 : level }))
  return {
    glyphs: ascii ? ASCII_GLYPHS : UNICODE_GLYPHS,
    encodeLine: ascii ? toAscii : line => line,
    withTheme: name => createPen({ theme: isThemeName(name) ? name : theme, level, ascii }),
    paint: (tone, text) => (tone === 'normal' || text === '' ? text : styles[tone](text)),
  }
}
