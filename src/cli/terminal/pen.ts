// The pen of a screen, from the command line, the config file and the environment.
import { createPen, type Pen } from '../../widgets/pen.ts'
import type { Config } from '../config.ts'
import type { ScreenOptions } from '../shared-options.ts'
import { getColorLevel } from './color.ts'
import { canAnswerQueries } from './terminal-background.ts'
import { needsAscii } from './terminal-type.ts'

/** Returns the pen with the theme, the colors and the characters that options, config file and terminal permit. */
export function buildPen(options: ScreenOptions, config: Config): Pen {
  const theme = options.theme ?? config.theme ?? 'dark'
  return createPen({
    theme,
    level: getColorLevel(options.color, process.env),
    ascii: options.ascii || (config.ascii ?? needsAscii(process.env)),
  })
}

/** Returns the pen for a light terminal, if nobody chose a theme, and the terminal can be asked what it is. */
export function buildLightPen(options: ScreenOptions, config: Config): Pen | undefined {
  const isChosen = options.theme !== undefined || config.theme !== undefined
  if (isChosen || !canAnswerQueries(process.env) || getColorLevel(options.color, process.env) === 0) return undefined
  return buildPen({ ...options, theme: 'light' }, config)
}
