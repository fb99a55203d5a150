// Growth and changes as text.
import { formatCount, formatSignedBytes } from '../base/format.ts'
import type { JudgedQuantity } from './judge-all.ts'

/** `+1.2 MiB`, or `+3` of a count. */
export const formatGrowth = ({ quantity: { unit }, growth }: Pick<JudgedQuantity, 'quantity' | 'growth'>): string =>
  unit === 'bytes' ? formatSignedBytes(growth) : `${growth < 0 ? '−' : '+'}${formatCount(Math.abs(growth))}`

/** `+1.2 MiB` or `−3`. */
export function formatChange(value: number, unit: 'bytes' | 'count'): string {
  if (unit === 'bytes') return formatSignedBytes(value)
  return `${value < 0 ? '−' : '+'}${formatCount(Math.round(Math.abs(value)))}`
}
