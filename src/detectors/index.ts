// The table of detectors. A key is the detector's id in alerts, in the config file and in the help.
import { allocFailures } from './alloc-failures.ts'
import { cgroupLimit } from './cgroup-limit.ts'
import type { AlertTopic } from './detector.ts'
import { dyingCgroups } from './dying-cgroups.ts'
import { errorStorm } from './error-storm.ts'
import { evidenceGaps } from './evidence-gaps.ts'
import { fragmentation } from './fragmentation.ts'
import { frozenCgroup } from './frozen-cgroup.ts'
import { kernelMemory } from './kernel-memory.ts'
import { kmemLeak } from './kmem-leak.ts'
import { memAvailable } from './mem-available.ts'
import { memcgIds } from './memcg-ids.ts'
import { networkLimits } from './network-limits.ts'
import { oomKill } from './oom/oom-kill.ts'
import { oomWithoutKill } from './oom/oom-without-kill.ts'
import { programKills } from './oom/program-kills.ts'
import { ownCost } from './own-cost.ts'
import { pinnedCache } from './pinned-cache.ts'
import { reclaim } from './reclaim.ts'
import { slabGrowth } from './slab/slab-growth.ts'
import { swapFull } from './swap-full.ts'
import { getDefaults, type ThresholdValues } from './thresholds.ts'
import { throttledCgroup } from './throttled-cgroup.ts'
import { writeback } from './writeback.ts'

// Causes come before their consequences.
/** Every detector by its id: the id is in recordings, config files and JSON. */
export const detectors = {
  'oom-kill': oomKill,
  'oom-without-kill': oomWithoutKill,
  'program-kills': programKills,
  'frozen-cgroup': frozenCgroup,
  'kmem-leak': kmemLeak,
  'memcg-ids': memcgIds,
  'dying-cgroups': dyingCgroups,
  'slab-growth': slabGrowth,
  'kernel-memory': kernelMemory,
  'pinned-cache': pinnedCache,
  'mem-available': memAvailable,
  'swap-full': swapFull,
  'cgroup-limit': cgroupLimit,
  'throttled-cgroup': throttledCgroup,
  reclaim,
  'alloc-failures': allocFailures,
  'network-limits': networkLimits,
  fragmentation,
  writeback,
  'error-storm': errorStorm,
  'evidence-gaps': evidenceGaps,
  'own-cost': ownCost,
} as const

/** The id of a detector: in alerts, JSON, the config file and metrics. */
export type DetectorId = keyof typeof detectors
/** All ids in the order of the table. */
export const detectorIds = Object.keys(detectors) as readonly DetectorId[]

/** Thresholds by detector and name. */
export type Thresholds = { readonly [Id in DetectorId]: ThresholdValues<(typeof detectors)[Id]['thresholds']> }

/** Every threshold at its default. */
export const defaultThresholds = Object.fromEntries(
  detectorIds.map(id => [id, getDefaults(detectors[id].thresholds)]),
) as unknown as Thresholds

/** Returns the detectors whose alerts are about a topic. */
export const listDetectorsAbout = (topic: AlertTopic): readonly DetectorId[] =>
  detectorIds.filter(id => detectors[id].topic === topic)
