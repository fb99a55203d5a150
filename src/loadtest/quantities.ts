// Quantities: every kind of memory and every count of kernel objects that a load test may leave behind, from one history.
import { isWithin } from '../base/paths.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { isReclaimable } from '../collectors/slab.ts'
import type { History } from '../history.ts'

/** What a quantity is a number of. */
export type QuantityGroup = 'memory' | 'cache' | 'cgroup' | 'count'

/** One number of the node. `id` is unique and stable between runs: `memory AnonPages`, `cache dentry`, `cgroup /x kernel`. */
export interface Quantity {
  readonly id: string
  readonly group: QuantityGroup
  readonly name: string
  readonly unit: 'bytes' | 'count'
  /** what stays after the load is lost; caches that the kernel gives back under pressure are reported, not judged */
  readonly isJudged: boolean
  readonly value: number
}

/** Quantities by id. */
export type QuantityMap = ReadonlyMap<string, Quantity>

// Fields of meminfo that no reclaim gives back without swap.
const JUDGED_MEMORY: ReadonlySet<string> = new Set([
  'AnonPages',
  'Shmem',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'Percpu',
  'VmallocUsed',
  'Hugetlb',
  'unaccounted',
  'SwapUsed',
])
// The same, but 0 on most nodes: page tables of virtual machines and the IOMMU, and what graphics drivers use.
const RARE_MEMORY: ReadonlySet<string> = new Set(['SecPageTables', 'GPUActive'])
// Of the first, what any program on the node moves.
const OTHERS_MEMORY: ReadonlySet<string> = new Set(['AnonPages', 'SwapUsed'])
const REPORTED_MEMORY: readonly string[] = [
  'MemAvailable',
  'MemFree',
  'Cached',
  'Buffers',
  'Mlocked',
  'Dirty',
  'SReclaimable',
  'GPUReclaim',
]

/** What the run is about, and what it costs itself. */
export interface MeasuringPlan {
  /** cgroups under test. With one, memory of processes is judged there and not on the whole node, which others move too */
  readonly scope: readonly string[]
  /** bytes of anonymous memory that kmemtop itself holds on this node now; 0 where it samples another node */
  readonly getOwnMemory: () => number
}

/** All quantities of the newest readings. A quantity that was not read is absent, never 0. */
export function measureQuantities(history: History, { scope, getOwnMemory }: MeasuringPlan): QuantityMap {
  const all = [
    ...measureMemory(history, scope.length > 0, getOwnMemory()),
    ...measureCaches(history),
    ...measureCgroups(history, scope),
    ...measureCounts(history),
  ]
  return new Map(all.map(quantity => [quantity.id, quantity]))
}

function measureMemory({ meminfo, sockstat }: History, hasScope: boolean, ownMemory: number): readonly Quantity[] {
  const isJudged = (name: string): boolean => JUDGED_MEMORY.has(name) && !(hasScope && OTHERS_MEMORY.has(name))
  const fields = [...JUDGED_MEMORY, ...RARE_MEMORY, ...REPORTED_MEMORY].flatMap(name => {
    const value = meminfo.values.get(name)
    if (value === undefined) return []
    if (RARE_MEMORY.has(name)) return [createQuantity('memory', name, 'bytes', value, value > 0)]
    const own = name === 'AnonPages' ? ownMemory : 0
    return [createQuantity('memory', name, 'bytes', Math.max(0, value - own), isJudged(name))]
  })
  const { bytes } = sockstat
  return bytes === null ? fields : [...fields, createQuantity('memory', 'socket buffers', 'bytes', bytes, true)]
}

// Two caches of one name (some kernels have them) are one here, as in every table of kmemtop.
function measureCaches({ slabinfo, slab }: History): readonly Quantity[] {
  if (slabinfo.time === null) return []
  const bytesByName = new Map<string, number>()
  for (const { name, bytes } of slabinfo.caches) bytesByName.set(name, (bytesByName.get(name) ?? 0) + bytes)
  return [...bytesByName].map(([name, bytes]) =>
    createQuantity('cache', name, 'bytes', bytes, !isReclaimable(slab, name)),
  )
}

const MAX_CGROUPS = 500 // those with the most memory; a load test that makes more is seen in the counts

function measureCgroups({ cgroups }: History, scope: readonly string[]): readonly Quantity[] {
  const isInScope = (path: string): boolean => scope.some(top => isWithin(path, top))
  const chosen = [...cgroups.cgroups.values()]
    .filter(({ path }) => path !== '/' && (scope.length === 0 || isInScope(path)))
    .sort((a, b) => (b.current ?? 0) - (a.current ?? 0))
    .slice(0, MAX_CGROUPS)
  return chosen.flatMap(cgroup => measureCgroup(cgroup, scope.length > 0))
}

// Kernel memory is judged where its reclaimable part is known and left out: cached dentries are no leak.
function measureCgroup(cgroup: Cgroup, isJudged: boolean): readonly Quantity[] {
  const { path, anon, kernel, shmem, slab, slabUnreclaimable } = cgroup
  const reclaimable = slab === null || slabUnreclaimable === null ? null : slab - slabUnreclaimable
  const lasting = kernel === null ? null : Math.max(0, kernel - (reclaimable ?? 0))
  const fields = [
    ['anon', anon, isJudged],
    ['kernel', lasting, isJudged && reclaimable !== null],
    ['shmem', shmem, isJudged],
  ] as const
  return fields.flatMap(([field, value, judged]) =>
    value === null ? [] : [createQuantity('cgroup', `${path} ${field}`, 'bytes', value, judged)],
  )
}

function measureCounts({ cgroups, sockstat }: History): readonly Quantity[] {
  const { directories, numCgroups, dying, time } = cgroups
  const counts: readonly (readonly [string, number | null | undefined])[] = [
    ['live cgroups', time === null ? null : directories],
    ['kernel memcgs', numCgroups],
    ['dying cgroups', dying],
    ['TCP sockets', sockstat.counts.get('TCP alloc')],
    ['TCP TIME_WAIT', sockstat.counts.get('TCP tw')],
  ]
  return counts.flatMap(([name, value]) =>
    value === null || value === undefined
      ? []
      : [createQuantity('count', name, 'count', value, name !== 'TCP TIME_WAIT')],
  )
}

const createQuantity = (
  group: QuantityGroup,
  name: string,
  ...[unit, value, isJudged]: [Quantity['unit'], number, boolean]
): Quantity => ({ id: `${group} ${name}`, group, name, unit, value, isJudged })
