// OOM kills of a case, grouped by cgroup and process: how often, first and last, and what the memory was.
import { describeNodes, type OomKill } from '../collectors/kmsg/oom-kill.ts'
import type { Evidence } from './evidence.ts'
import type { LocatedKill, LogLocation } from './logs/log-contents.ts'

export interface KillGroup {
  /** the cgroup at its limit; `the whole node`; null: not told */
  readonly owner: string | null
  readonly global: boolean | null
  readonly comm: string
  /** kills, those of memory.oom.group counted */
  readonly count: number
  readonly first: LogLocation
  readonly last: LogLocation
  /** the last of them that tells most */
  readonly kill: OomKill
}

/** In order of their first kill. */
export function groupKills({ kills }: Evidence): readonly KillGroup[] {
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
  const count = 1 + kill.alsoKilled.length
  const { global, victim } = kill
  if (!group) return { owner, global, comm: victim.comm, count, first: place, last: place, kill }
  return {
    ...group,
    count: group.count + count,
    last: place,
    kill: kill.complete || !group.kill.complete ? kill : group.kill,
  }
}
