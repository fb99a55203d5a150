// Processes of one name in one cgroup are one holder: the workers of a server, the children of a program that forks.
import type { ProcessFacts } from '../../collectors/holders/survey.ts'

/** The sum of its processes; `pid` is that of the largest holder, `holders` how many of them hold a good part. */
export interface ProcessGroup extends ProcessFacts {
  readonly key: string
  readonly holders: number
}

/** Share of the largest holder's part from which another process of the group holds a part too. */
const HOLDER_SHARE = 0.1

/** Groups processes by name and cgroup. `count`: what they hold. */
export function groupProcesses(
  list: readonly ProcessFacts[],
  count: (facts: ProcessFacts) => number,
): readonly ProcessGroup[] {
  const members = new Map<string, ProcessFacts[]>()
  for (const facts of list.toSorted((a, b) => count(b) - count(a))) {
    const key = `${facts.name} ${facts.cgroup}`
    members.set(key, [...(members.get(key) ?? []), facts])
  }
  return [...members].map(([key, all]) => {
    const least = HOLDER_SHARE * count(all[0]!)
    return { ...all.reduce(addFacts), key, holders: all.filter(facts => count(facts) >= least).length }
  })
}

// The name, pid and cgroup are those of the first.
function addFacts(sum: ProcessFacts, facts: ProcessFacts): ProcessFacts {
  const kinds: Record<string, number> = { ...sum.kinds }
  for (const [kind, number] of Object.entries(facts.kinds)) kinds[kind] = (kinds[kind] ?? 0) + number
  return {
    ...sum,
    files: sum.files === null && facts.files === null ? null : (sum.files ?? 0) + (facts.files ?? 0),
    kinds,
    threads: sum.threads + facts.threads,
    pageTables: sum.pageTables + facts.pageTables,
    shmem: sum.shmem + facts.shmem,
    watches: sum.watches + facts.watches,
    locks: sum.locks + facts.locks,
    queued: sum.queued + facts.queued,
  }
}

/** `java[4121]`, `nginx[812] and 31 more` */
export const formatGroup = ({ name, pid, holders }: ProcessGroup): string =>
  `${name}[${pid}]${holders > 1 ? ` and ${holders - 1} more` : ''}`
