// The names of the themes: the command line and the config file need them without the pen.

export const themeNames = ['dark', 'light'] as const
export type ThemeName = (typeof themeNames)[number]
