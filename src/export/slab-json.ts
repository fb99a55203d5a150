// The slab of the state JSON: caches with aliases, growth rates and per-cgroup copies; and the largest allocators.
import type { JsonObject } from '../base/json.ts'
import { getLatest } from '../base/series.ts'
import { HOUR } from '../base/units.ts'
import { countLiveNames } from '../collectors/cgroups/tree-queries.ts'
import { computeLargeKmalloc } from '../collectors/large-kmalloc.ts'
import { isReclaimable, listOtherNames, selectCopies } from '../collectors/slab.ts'
import { countCopies } from '../collectors/slab-copies.ts'
import type { TopAllocators } from '../collectors/top-allocators.ts'
import type { History } from '../history.ts'

/** Returns all caches, and the part of Slab that is in none of them. */
export function toSlabJson(history: History): JsonObject {
  return {
    largeKmalloc: getLatest(computeLargeKmalloc(history.meminfo, history.slabinfo)) ?? null,
    caches: history.slabinfo.caches.map(cache => toCacheJson(history, cache)),
  }
}

function toCacheJson(history: History, cache: History['slabinfo']['caches'][number]): JsonObject {
  const { series, name, bytes, activeObjs, numObjs, objSize } = cache
  const first = series.times[0]
  const span = first === undefined ? 0 : history.time - first
  const copies = selectCopies(history).get(name)
  return {
    name,
    aliases: listOtherNames(history.slab, name),
    bytes,
    activeObjs,
    numObjs,
    objSize,
    reclaimable: isReclaimable(history.slab, name),
    ratePerHour: span < 60_000 ? null : Math.round(((bytes - series.values[0]!) * HOUR) / span),
    ...(copies ? { cgroupCopies: countCopies(copies, countLiveNames(history.cgroups)) } : {}),
  }
}

/** Returns the allocators with the most memory, largest first; null if they cannot be read. */
export const toAllocatorsJson = ({ total, list }: TopAllocators): JsonObject | null =>
  total === null ? null : { total, holders: list.map(({ name, bytes, count }) => ({ name, bytes, count })) }
