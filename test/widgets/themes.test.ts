// Contrast: every text of every theme can be read on the backgrounds that terminals really have.
import { expect, test } from 'vitest'
import { createPen } from '../../src/widgets/pen.ts'
import { palettes, type ThemeName } from '../../src/widgets/themes.ts'

const DARK = {
  black: '#000000',
  'VS Code': '#1e1e1e',
  'Solarized dark': '#002b36',
  GNOME: '#171421',
  'Windows Terminal': '#0c0c0c',
  Tango: '#2e3436',
}
const LIGHT = { white: '#ffffff', 'Solarized light': '#fdf6e3', 'GNOME light': '#f6f5f4' }
type ColorTheme = Exclude<ThemeName, 'none'>
const BACKGROUNDS: Readonly<Record<ColorTheme, Readonly<Record<string, string>>>> = {
  dark: DARK,
  light: LIGHT,
  'high-contrast': DARK,
  'color-blind': DARK,
}
const LEAST = 4.5 // WCAG 2.1, level AA

// Relative luminance, WCAG 2.1.
function computeLuminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function computeContrast(text: string, background: string): number {
  const [light, dark] = [computeLuminance(text), computeLuminance(background)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

const themes = Object.entries(palettes) as readonly (readonly [ColorTheme, (typeof palettes)[ColorTheme]])[]

test('measures contrast as WCAG does', () => {
  expect(computeContrast('#ffffff', '#000000')).toBeCloseTo(21)
  expect(computeContrast('#777777', '#ffffff')).toBeCloseTo(4.48, 1)
})

test.each(themes)('every text of the %s theme has a contrast of at least 4.5', (theme, palette) => {
  const { alarm, caution, ...texts } = palette
  for (const [name, background] of Object.entries(BACKGROUNDS[theme]))
    for (const [tone, color] of Object.entries(texts))
      expect(computeContrast(color, background), `${tone} on ${name}`).toBeGreaterThanOrEqual(LEAST)
  for (const [text, background] of [alarm, caution])
    expect(computeContrast(text, background)).toBeGreaterThanOrEqual(LEAST)
})

test.each(themes)(
  'the %s theme uses colors of the 256-color cube, which terminals without more show exactly',
  (_, palette) => {
    const steps = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff]
    const isInCube = (color: string): boolean => {
      const parts = [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16))
      const isGray = parts.every(part => part === parts[0]) && (parts[0]! - 8) % 10 === 0
      return isGray || parts.every(part => steps.includes(part))
    }
    for (const color of Object.values(palette).flat()) expect(isInCube(color), color).toBe(true)
  },
)

// The 16 colors of terminals that have no more: what a tone with them looks like.
const CONSOLES: Readonly<Record<string, readonly string[]>> = {
  'Linux console':
    '#000000 #aa0000 #00aa00 #aa5500 #0000aa #aa00aa #00aaaa #aaaaaa #555555 #ff5555 #55ff55 #ffff55 #5555ff #ff55ff #55ffff #ffffff'.split(
      ' ',
    ),
  xterm:
    '#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 #7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff'.split(
      ' ',
    ),
  'VS Code':
    '#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff'.split(
      ' ',
    ),
}

function resolveAnsi(painted: string, colors: readonly string[], theme: ThemeName): readonly [string, string] {
  const isLight = theme === 'light'
  let [text, background] = isLight ? ['#000000', '#ffffff'] : [colors[7]!, colors[0]!]
  for (const [, code = ''] of painted.split('x')[0]!.matchAll(/\x1b\[(\d+)m/g)) {
    const number = Number(code)
    if (number >= 30 && number <= 37) text = colors[number - 30]!
    if (number >= 90 && number <= 97) text = colors[number - 82]!
    if (number >= 40 && number <= 47) background = colors[number - 40]!
  }
  return [text, background]
}

test.each(Object.entries(CONSOLES))('16 colors of %s are read as well', (console, colors) => {
  for (const theme of ['dark', 'light'] as const)
    for (const tone of ['muted', 'accent', 'good', 'warning', 'critical', 'alarm', 'caution'] as const) {
      const [text, background] = resolveAnsi(
        createPen({ theme, level: 1, ascii: false }).paint(tone, 'x'),
        colors,
        theme,
      )
      expect(computeContrast(text, background), `${tone} of ${theme} on ${console}`).toBeGreaterThanOrEqual(LEAST)
    }
})

test('the theme none has no color', () => {
  expect(createPen({ theme: 'none', level: 3, ascii: false }).paint('alarm', 'x')).toBe('x')
})
