// Groups OOM kills by cgroup and process: how often, first and last kill, and what the memory was used for.
import { describeNodes, type OomKill } from '../collectors/kmsg/oom-kill.ts'
import type { LogEvidence } from './evidence.ts'
import type { LocatedKill, LogLocation } from './logs/log-contents.ts'

export interface KillGroup {
  /** the cgroup at its limit; `the whole node`; null: unknown */
  readonly owner: string | null
  readonly global: boolean | null
  readonly comm: string
  /** number of kills; a group kill of memory.oom.group counts once */
  readonly count: number
  /** names of the processes that memory.oom.group killed as well */
  readonly others: readonly string[]
  readonly first: LogLocation
  readonly last: LogLocation
  /** the latest of the most complete reports */
  readonly kill: OomKill
}

/** Returns the groups in order of their first kill. */
export function groupKills({ kills }: LogEvidence): readonly KillGroup[] {
  const groups = new Map<string, KillGroup>()
  for (const located of kills) {
    const owner = located.kill.oomMemcg ?? (located.kill.global ? describeNodes(located.kill) : located.kill.taskMemcg)
    const key = `${located.kill.victim.comm} ${owner}`
    groups.set(key, mergeKill(groups.get(key), located, owner))
  }
  return [...groups.values()]
}

function mergeKill(
  group: KillGroup | undefined,
  { kill, location: place }: LocatedKill,
  owner: string | null,
): KillGroup {
  const { global, victim } = kill
  const names = kill.alsoKilled.map(({ comm }) => comm)
  const others = [...new Set([...(group?.others ?? []), ...names])].slice(0, MAX_OTHERS)
  if (!group) return { owner, global, comm: victim.comm, count: 1, others, first: place, last: place, kill }
  return {
    ...group,
    count: group.count + 1,
    others,
    last: place,
    kill: isBetter(kill, group.kill) ? kill : group.kill,
  }
}

const MAX_OTHERS = 20

// Returns the more complete and proven report; of two equal ones the later.
function isBetter(kill: OomKill, before: OomKill): boolean {
  if (kill.complete !== before.complete) return kill.complete
  return kill.likely.length === 0 || before.likely.length > 0
}
