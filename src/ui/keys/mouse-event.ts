// Mouse events as terminals report them (SGR, mode 1006): CSI < button ; column ; row M for a press, m for a release.

/** A press of the left button, or a turn of the wheel. Columns and rows count from 0. */
export interface MouseEvent {
  readonly kind: 'click' | 'wheel-up' | 'wheel-down'
  readonly column: number
  readonly row: number
}

const PATTERN = /^\x1b\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])$/
const MODIFIERS = 4 | 8 | 16 // Shift, Alt, Ctrl
const KINDS: Readonly<Record<number, MouseEvent['kind']>> = { 0: 'click', 64: 'wheel-up', 65: 'wheel-down' }

/** Parses one escape sequence; `none` for a mouse event without meaning here, undefined for anything else. */
export function parseMouseEvent(sequence: string): MouseEvent | 'none' | undefined {
  const match = PATTERN.exec(sequence)
  if (!match) return undefined
  const kind = KINDS[Number(match[1]) & ~MODIFIERS]
  if (kind === undefined || match[4] === 'm') return 'none'
  return { kind, column: Number(match[2]) - 1, row: Number(match[3]) - 1 }
}
