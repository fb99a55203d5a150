// How many colors the terminal can show.
import { type ColorSupportLevel, supportsColor } from 'chalk'
import { isMonochrome } from './terminal-type.ts'

/** Returns chalk's color level; 0 with --no-color or a non-empty NO_COLOR (no-color.org). */
export function getColorLevel(wanted: boolean, env: NodeJS.ProcessEnv): ColorSupportLevel {
  if (!wanted || env.NO_COLOR || isMonochrome(env)) return 0
  return supportsColor ? supportsColor.level : 0
}
