// Growth per iteration as text.
import { formatCount, formatSignedBytes } from '../base/format.ts'
import type { JudgedQuantity } from './judge-all.ts'

/** `+1.2 MiB`, or `+3` of a count. */
export const formatGrowth = ({ quantity: { unit }, growth }: Pick<JudgedQuantity, 'quantity' | 'growth'>): string =>
  unit === 'bytes' ? formatSignedBytes(growth) : `${growth < 0 ? '−' : '+'}${formatCount(Math.abs(growth))}`
