// Themes: the color of each meaning. The command line and the config file need the names without the pen.

/** The names that `--theme` takes. */
export const themeNames = ['dark', 'light', 'high-contrast', 'color-blind', 'none'] as const
/** A name that `--theme` takes. */
export type ThemeName = (typeof themeNames)[number]

/** Returns whether a theme has this name. */
export const isThemeName = (name: string): name is ThemeName => (themeNames as readonly string[]).includes(name)

/** Colors of the 256-color cube, so that terminals with 256 colors show them exactly. */
export interface Palette {
  readonly muted: string
  readonly accent: string
  readonly good: string
  readonly warning: string
  readonly critical: string
  /** text and background of banner lines */
  readonly alarm: readonly [text: string, background: string]
  readonly caution: readonly [text: string, background: string]
}

const BANNER = { alarm: ['#ffffff', '#af0000'], caution: ['#000000', '#ffd75f'] } as const

/** The colors of each theme. */
export const palettes: Readonly<Record<Exclude<ThemeName, 'none'>, Palette>> = {
  dark: {
    muted: '#afafaf',
    accent: '#5fd7ff',
    good: '#5fd787',
    warning: '#ffd75f',
    critical: '#ff8787',
    ...BANNER,
  },
  light: {
    muted: '#585858',
    accent: '#005f87',
    good: '#005f00',
    warning: '#875f00',
    critical: '#af0000',
    ...BANNER,
  },
  'high-contrast': {
    muted: '#dadada',
    accent: '#87ffff',
    good: '#87ff87',
    warning: '#ffff5f',
    critical: '#ffafaf',
    ...BANNER,
  },
  // without a pair of red and green: blue, orange and white differ for everybody
  'color-blind': {
    muted: '#afafaf',
    accent: '#5fafff',
    good: '#87d7ff',
    warning: '#ffd700',
    critical: '#ffaf87',
    alarm: ['#000000', '#ffaf5f'],
    caution: ['#000000', '#ffffaf'],
  },
}
