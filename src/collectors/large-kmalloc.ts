// Large kmalloc: allocations of more than two pages bypass all caches and are in no list. Since 5.4 SUnreclaim includes them.
import { appendPoint, createSeries, getValueAt, type Series } from '../base/series.ts'
import type { Meminfo } from './meminfo.ts'
import type { Slabinfo } from './slabinfo.ts'

/** The name of this row among the caches. */
export const LARGE_KMALLOC = '(large kmalloc)'

let cached: { readonly total: Series; readonly series: Series } | undefined

/** Returns the history of `Slab` minus all caches, at each reading of slabinfo; never below 0, as both are not read at the same instant. */
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
