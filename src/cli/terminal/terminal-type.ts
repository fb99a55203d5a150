// What the terminal can show, from TERM, the locale and INK_SCREEN_READER: whether a screen at all, other signs than ASCII, colours.

type Environment = Readonly<Record<string, string | undefined>>

/** Returns whether the terminal cannot move its cursor: editors' shells, expect, CI with a pty. */
export const isDumbTerminal = ({ TERM = '' }: Environment): boolean => ['', 'dumb', 'unknown'].includes(TERM)

// The console font of Linux has 256 or 512 glyphs, and none of sparklines, rounded corners or ticks; terminals of DEC have fewer.
const ASCII_TERMINALS = /^(?:linux|vt\d|ansi|cons25|con\d|sun|pcansi|at386)/

/** Returns whether the type of the terminal is one of few signs and no mouse. */
export const needsAsciiTerminal = ({ TERM = '' }: Environment): boolean => ASCII_TERMINALS.test(TERM)

/**
 * Returns whether the terminal shows only ASCII: by its type, or because the locale is not one of UTF-8 (`C`, `POSIX` and `de_DE` are not).
 * Where no locale is set, as in most containers, nothing is known of the terminal, and nearly all are UTF-8.
 */
export function needsAscii(env: Environment): boolean {
  if (needsAsciiTerminal(env)) return true
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return locale !== undefined && locale !== '' && !/utf-?8/i.test(locale)
}

/** Returns whether the terminal has no colours. */
export const isMonochrome = ({ TERM = '' }: Environment): boolean => /^vt(?:1|2|3|4)\d\d(?!.*color)/.test(TERM)

/** Whether lines are wanted: by the option, or on a terminal by what Ink takes as the sign of a screen reader. */
export const isLinear = (option: boolean | undefined, env: Environment, isTerminal: boolean): boolean =>
  option === true || (isTerminal && env.INK_SCREEN_READER === 'true')
