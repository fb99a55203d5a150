// Lists of swap areas: `swapon --show`, `swapon -s`, /proc/swaps. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { KiB } from '../../../base/units.ts'
import { parseResident } from './process-tables.ts'
import type { Snapshot } from './snapshots.ts'

/** The head of the list. */
export const SWAP_AREAS_BEGIN =
  /^(?:NAME|Filename)\s+(?=(?:.*\s)?(?:SIZE|Size)\s)(?=(?:.*\s)?(?:USED|Used)(?:\s|$))[A-Za-z\s]{8,80}$/
/** A swap area: a file, a partition, or deleted. */
export const SWAP_AREAS_LINE = /^\/\S{1,250}(?: ?\\040\S+)?\s+(?:.*\s)?[\d.]+[BKMGT]?(?:\s|$)/

/** Sums up the areas. `swapon --show` prints units, or bytes; the others KiB. @throws ParseError without an area */
export function parseSwapAreas(text: string): Extract<Snapshot, { readonly kind: 'swap' }> {
  const [head = '', ...lines] = splitLines(text)
  const names = head.trim().toLowerCase().split(/\s+/)
  const unit = head.startsWith('Filename') ? KiB : 1
  const rows = lines.flatMap(line => {
    const cells = line.trim().split(/\s+/)
    const [size, used] = ['size', 'used'].map(name => parseSize(cells[names.indexOf(name)], unit))
    return size === undefined || used === undefined ? [] : [{ size, used }]
  })
  if (rows.length === 0) throw new ParseError('swapon', 2, '/dev/sda2 partition 2G 1G -2', text)
  const total = rows.reduce((sum, { size }) => sum + size, 0)
  return { kind: 'swap', total, free: total - rows.reduce((sum, { used }) => sum + used, 0) }
}

const parseSize = (cell: string | undefined, unit: number): number | undefined => {
  const [, digits, letter] = /^([\d.]+)([BKMGT]?)$/.exec(cell ?? '') ?? []
  if (digits === undefined) return undefined
  return letter === '' || letter === 'B' ? Number(digits) * (letter === 'B' ? 1 : unit) : parseResident(cell)
}
