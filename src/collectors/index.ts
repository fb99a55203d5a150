// The table of collectors: a key is the id in recordings, on screen and in the config. Adding one is a file and a line.
import { cgroups } from './cgroups/index.ts'
import type { Collector } from './collector.ts'
import { kmsg } from './kmsg/log.ts'
import { mark } from './mark.ts'
import { meminfo } from './meminfo.ts'
import { pressure } from './pressure.ts'
import { slab } from './slab.ts'
import { slabinfo } from './slabinfo.ts'
import { uptime } from './uptime.ts'
import { vmstat } from './vmstat.ts'

export const collectors = { kmsg, uptime, meminfo, vmstat, pressure, slab, slabinfo, cgroups, mark } as const

export type CollectorId = keyof typeof collectors
export const collectorIds = Object.keys(collectors) as readonly CollectorId[]
/** Those that look at the machine. */
export const sampledIds: readonly CollectorId[] = collectorIds.filter(id => id !== 'mark')

/** What a collector remembers. */
export type MemoryOf<Id extends CollectorId> = (typeof collectors)[Id] extends Collector<infer Memory> ? Memory : never
