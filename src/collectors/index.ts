// The table of collectors. The key is the id in recordings, on screen and in the config.
import { allocinfo } from './allocinfo.ts'
import { applog } from './applog/index.ts'
import { buddyinfo } from './buddyinfo.ts'
import { cgroups } from './cgroups/index.ts'
import type { Collector } from './collector.ts'
import { names } from './container-names.ts'
import { holders } from './holders/survey.ts'
import { hugepages } from './hugepages.ts'
import { kmem } from './kmem-accounting.ts'
import { kmsg } from './kmsg/kernel-log.ts'
import { mark } from './mark.ts'
import { meminfo } from './meminfo.ts'
import { numa } from './numa.ts'
import { pressure } from './pressure.ts'
import { slab } from './slab.ts'
import { slabinfo } from './slabinfo.ts'
import { sockstat } from './sockstat.ts'
import { swap } from './swap.ts'
import { uptime } from './uptime.ts'
import { vmallocinfo } from './vmallocinfo.ts'
import { vmstat } from './vmstat.ts'
import { clock } from './wall-clock.ts'
import { zfs } from './zfs.ts'
import { zoneinfo } from './zoneinfo.ts'

/** Collectors by id, in the order in which they are read. */
export const collectors = {
  kmsg,
  clock,
  uptime,
  // those that the account of all RAM in meminfo needs come before it
  vmstat,
  hugepages,
  swap,
  zfs,
  zoneinfo,
  meminfo,
  numa,
  pressure,
  buddyinfo,
  slab,
  slabinfo,
  sockstat,
  vmallocinfo,
  allocinfo,
  names,
  kmem,
  cgroups,
  holders,
  applog,
  mark,
} as const

/** The id of a collector: in recordings, JSON, the config file and `History`. */
export type CollectorId = keyof typeof collectors
/** All ids in the order of the table. */
export const collectorIds = Object.keys(collectors) as readonly CollectorId[]

/** Returns a collector by id; its state is not typed. */
export const getCollector = (id: CollectorId): Collector<unknown> => collectors[id] as Collector<unknown>

const streamIds: ReadonlySet<CollectorId> = new Set(collectorIds.filter(id => getCollector(id).kind === 'stream'))

/** Returns whether the texts of a collector are events; false for an id of a later version. */
export const isStream = (id: CollectorId): boolean => streamIds.has(id)

/** The collectors that sample the machine. */
export const sampledIds: readonly CollectorId[] = collectorIds.filter(id => !getCollector(id).external)

/** The state of a collector. */
export type CollectorState<Id extends CollectorId> =
  (typeof collectors)[Id] extends Collector<infer State> ? State : never
