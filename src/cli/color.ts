// How much colour the terminal can show.
import { type ColorSupportLevel, supportsColor } from 'chalk'

/** 0 when the user wants none: --no-color, or NO_COLOR set to anything (no-color.org). */
export function getColorLevel(wanted: boolean, env: NodeJS.ProcessEnv): ColorSupportLevel {
  if (!wanted || env.NO_COLOR) return 0
  return supportsColor ? supportsColor.level : 0
}
