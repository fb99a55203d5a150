// Value axis: a round upper end and the ticks below it.

/** How the values of a chart are written and rounded. `binary` rounds to KiB, MiB, GiB; else to powers of ten. */
export interface ValueFormat {
  readonly binary: boolean
  /** only whole numbers have a tick: the values are counted */
  readonly whole?: boolean
  format(value: number): string
  /** in fewer cells, for a legend that would be cut */
  formatShort?(value: number): string
}

/** The axis of values. Values have the unit of the series. */
export interface ValueScale {
  readonly top: number
  /** values of the ticks, ascending, without 0 */
  readonly ticks: readonly number[]
}

/** Formats a tick without trailing zeros: `40 GiB`. */
export const formatTick = ({ format }: ValueFormat, value: number): string =>
  value === 0 ? '0' : format(value).replace(/\.0+(?=\D|$)/, '')

/** Above this, rounding up would leave the range of numbers. */
const HIGHEST_VALUE = Number.MAX_VALUE / 1e6

const MANTISSAS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/**
 * Returns an axis from 0 to at least `value`.
 * @param value the highest value that is drawn; a file may hold any number
 * @param rows rows of the plot: about one tick per three rows
 * @param top upper end that is known (all RAM, a limit); else it is rounded up to a tick
 */
export function computeValueScale(value: number, rows: number, format: ValueFormat, top?: number): ValueScale {
  const highest = Math.min(value, HIGHEST_VALUE) || 0
  const known = top !== undefined && top >= highest ? top : undefined
  if (known === undefined && highest <= 0) return { top: 1, ticks: [] }
  const reach = known ?? Math.max(highest, Number.MIN_VALUE)
  const least = reach / Math.max(1, Math.floor(rows / 3))
  const round = (size: number): number =>
    format.binary ? roundBinaryStep(size, reach) : roundStep(format.whole ? Math.max(1, size) : size)
  const step = round(least)
  const end = known ?? roundUp(highest, round(Math.min(step, reach / PARTS_OF_AXIS)))
  const count = Math.floor(end / step + 1e-9)
  const ticks = Array.from({ length: count }, (_, i) => (i + 1) * step)
  const isCrowded = ticks.length > 0 && end - ticks.at(-1)! < step * 0.4
  if (end <= ticks.at(-1)! + step * 1e-9) return { top: end || 1, ticks }
  return { top: end || 1, ticks: [...(isCrowded ? ticks.slice(0, -1) : ticks), end] }
}

// The axis ends at the next of so many parts of it, so that a chart of few rows uses them.
const PARTS_OF_AXIS = 5

const roundUp = (value: number, part: number): number => Math.ceil(value / part - 1e-9) * part

// The smallest round step that is not below `least`: 1, 2 or 5 times a power of ten.
function roundStep(least: number): number {
  let unit = 1
  while (least / unit > 1000) unit *= 1000
  while (least < unit && unit > 1e-9) unit /= 1000
  const mantissa = MANTISSAS.find(candidate => candidate * unit >= least * (1 - 1e-9))
  return (mantissa ?? 1000) * unit
}

const POWERS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

// The same for bytes: 100 MiB below 500 MiB, but 256 MiB where the axis ends in GiB, of which it is a round part.
function roundBinaryStep(least: number, reach: number): number {
  let unit = 1
  while (least / unit > 512) unit *= 1024
  const mantissas = reach > 500 * unit ? POWERS : MANTISSAS
  const mantissa = mantissas.find(candidate => candidate * unit >= least * (1 - 1e-9))
  return (mantissa ?? 1024) * unit
}
