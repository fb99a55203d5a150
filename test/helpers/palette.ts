// The colours of a terminal as #rrggbb: xterm's 16, the 6x6x6 cube, the greys.
import type { Cell, Colour } from './emulator.ts'

const BASIC =
  '#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff'.split(
    ' ',
  )

/** What `default` means. */
export const BACKGROUND = '#101014'
export const FOREGROUND = '#d8d8d8'

function toHex(...parts: readonly number[]): string {
  return `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`
}

function getPaletteColour(index: number): string {
  if (index < 16) return BASIC[index]!
  if (index >= 232) return toHex(...Array(3).fill(8 + (index - 232) * 10))
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return toHex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

function toRgb(colour: Colour, otherwise: string): string {
  if (colour === 'default') return otherwise
  return typeof colour === 'number' ? getPaletteColour(colour) : colour
}

function mixColours(one: string, other: string): string {
  const parts = [1, 3, 5].map(
    at => Number.parseInt(one.slice(at, at + 2), 16) + Number.parseInt(other.slice(at, at + 2), 16),
  )
  return toHex(...parts.map(sum => Math.round(sum / 2)))
}

/** The two colours in which a cell is drawn, after inverse, bold and dim. */
export function resolveColours({ fg, bg, bold, dim, inverse }: Cell): { readonly ink: string; readonly paper: string } {
  const bright = bold && typeof fg === 'number' && fg < 8 ? fg + 8 : fg // what most terminals do with bold
  const [front, back] = [toRgb(bright, FOREGROUND), toRgb(bg, BACKGROUND)]
  const [ink, paper] = inverse ? [back, front] : [front, back]
  return { ink: dim ? mixColours(ink, paper) : ink, paper }
}
