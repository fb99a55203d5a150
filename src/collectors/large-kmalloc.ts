// Large kmalloc: allocations of more than two pages go past all caches, and no list names them. From 5.4 on they count in SUnreclaim.
import { appendPoint, createSeries, getValueAt, type Series } from '../base/series.ts'
import type { Meminfo } from './meminfo.ts'
import type { Slabinfo } from './slabinfo.ts'

/** What this row is called, where caches are listed. */
export const LARGE_KMALLOC = '(large kmalloc)'

let cached: { readonly total: Series; readonly series: Series } | undefined

/** Course of `Slab` less all caches, at each look at slabinfo; never below 0: the two are not read at the same instant. */
export function computeLargeKmalloc({ series }: Meminfo, { total }: Slabinfo): Series {
  if (cached?.total === total) return cached.series
  const { SReclaimable, SUnreclaim } = series
  let largeSeries = createSeries(600)
  for (let i = 0; SReclaimable && SUnreclaim && i < total.length; i++) {
    const time = total.times[i]!
    const [reclaimable, unreclaim] = [getValueAt(SReclaimable, time), getValueAt(SUnreclaim, time)]
    if (reclaimable === undefined || unreclaim === undefined) continue
    largeSeries = appendPoint(largeSeries, time, Math.max(0, reclaimable + unreclaim - total.values[i]!))
  }
  cached = { total, series: largeSeries }
  return largeSeries
}
