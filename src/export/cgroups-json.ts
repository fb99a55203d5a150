// The cgroups of the state JSON: totals of the tree, and each cgroup with its usage, its pod and its deleted descendants.

import type { JsonObject } from '../base/json.ts'
import { type Cgroup, MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import { getDyingMemory } from '../collectors/cgroups/dying-memory.ts'
import { computeMemcgIds, listExhaustionErrors } from '../collectors/cgroups/memcg-ids.ts'
import {
  computeChurn,
  countReadCgroups,
  estimateTimeToLimit,
  findTightestLimit,
} from '../collectors/cgroups/tree-queries.ts'
import { findOwner } from '../collectors/container-names.ts'
import { estimateIdExhaustion } from '../detectors/memcg-id-forecast.ts'
import type { History } from '../history.ts'

const toSeconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms / 1000))

/** Returns a limit as JSON: no limit is the string `max`, unknown is null. */
export const toLimitJson = (limit: number | null): number | string | null =>
  limit === Number.POSITIVE_INFINITY ? 'max' : limit

/** Returns the totals of the tree: cgroups in the kernel, deleted ones, and the memcg IDs left. */
export function toCgroupTreeJson(history: History): JsonObject {
  const { cgroups, time, session, kmem } = history
  const ids = computeMemcgIds(history)
  const { created, removed } = computeChurn(cgroups, time)
  return {
    mode: cgroups.mode,
    memoryVersion: cgroups.mounts.memory?.version ?? null,
    wholeTree: cgroups.mounts.memory ? cgroups.mounts.memory.root === '/' : null,
    enabled: cgroups.enabled,
    directories: cgroups.directories,
    useRead: countReadCgroups(cgroups),
    numCgroups: cgroups.numCgroups,
    dying: cgroups.dying,
    ids: {
      used: ids?.used ?? null,
      max: MAX_MEMCG_IDS,
      byRemoved: ids?.heldByRemoved ?? null,
      secondsLeft: toSeconds(estimateIdExhaustion(history)),
      errors: listExhaustionErrors(session.kernel),
    },
    created: cgroups.created,
    removed: cgroups.removed,
    createdPerMinute: created,
    removedPerMinute: removed,
    heldByDeleted: getDyingMemory(cgroups),
    kmemAccounting: kmem.state,
  }
}

/** Returns a cgroup as JSON; unknown is null. */
export function toCgroupJson(history: History, cgroup: Cgroup): JsonObject {
  const { path, inode, current, limit, anon, file, shmem, kernel, swap, sock, percpu, kernelStack, pagetables } = cgroup
  const tightest = findTightestLimit(history.cgroups, path)
  return {
    path,
    inode,
    pod: findOwner(history.names, path) ?? null,
    memory: {
      current,
      max: toLimitJson(limit),
      anon,
      file,
      shmem,
      kernel,
      swap,
      sock,
      percpu,
      kernelStack,
      pagetables,
    },
    slab: { total: cgroup.slab, unreclaimable: cgroup.slabUnreclaimable },
    tightestLimit: tightest
      ? { ...tightest, secondsLeft: toSeconds(estimateTimeToLimit(history.cgroups, path, history.time)) }
      : null,
    events: {
      failcnt: cgroup.failcnt,
      oomKill: cgroup.oomKill,
      underOom: cgroup.underOom,
      oomKillDisable: cgroup.oomKillDisable,
      hierarchical: cgroup.events,
      local: cgroup.localEvents,
    },
    pressure: cgroup.pressure,
    descendants: cgroup.descendants,
    dying: cgroup.dying,
    recreated: cgroup.recreated,
  }
}
