// Groups OOM kills by cgroup and process: how often, first and last kill, and what the memory was used for.
import { describeNodes, type OomKill } from '../collectors/kmsg/oom/oom-kill.ts'
import type { LogEvidence } from './evidence.ts'
import type { LogLocation, RepeatedKill } from './logs/log-contents.ts'

/** Kills of one process name at one limit. */
export interface KillGroup {
  /** the cgroup at its limit; `the whole node`; null: unknown */
  readonly owner: string | null
  /** the machine, if the log names it */
  readonly host: string | null
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

/** Returns the groups in order of their first kill. Each machine has its own. */
export function groupKills({
  kills,
  omittedKills,
  boots,
}: Pick<LogEvidence, 'kills' | 'omittedKills' | 'boots'>): readonly KillGroup[] {
  const groups = new Map<string, KillGroup>()
  const addKill = (located: RepeatedKill): void => {
    const { kill, location } = located
    const owner = kill.oomMemcg ?? (kill.global ? describeNodes(kill) : kill.taskMemcg)
    const host = boots[location.boot]?.host ?? null
    const key = `${kill.victim.comm} ${owner} ${host}`
    groups.set(key, mergeKill(groups.get(key), located, { owner, host }))
  }
  for (const located of kills) addKill({ ...located, count: 1, last: located.location })
  omittedKills.forEach(addKill)
  return [...groups.values()]
}

function mergeKill(
  group: KillGroup | undefined,
  { kill, location, count, last }: RepeatedKill,
  where: Pick<KillGroup, 'owner' | 'host'>,
): KillGroup {
  const { global, victim } = kill
  const names = kill.alsoKilled.map(({ comm }) => comm)
  const others = [...new Set([...(group?.others ?? []), ...names])].slice(0, MAX_OTHERS)
  if (!group) return { ...where, global, comm: victim.comm, count, others, first: location, last, kill }
  return {
    ...group,
    count: group.count + count,
    others,
    last,
    kill: isBetter(kill, group.kill) ? kill : group.kill,
  }
}

const MAX_OTHERS = 20

// Returns the more complete and proven report; of two equal ones the later.
function isBetter(kill: OomKill, before: OomKill): boolean {
  if (kill.complete !== before.complete) return kill.complete
  return kill.likely.length === 0 || before.likely.length > 0
}
