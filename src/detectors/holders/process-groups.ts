// Processes of one name in one cgroup are one holder: the workers of a server, the children of a program that forks.
import type { ProcessFacts } from '../../collectors/holders/survey.ts'

/** The sum of its processes; `pid` is that of the largest. */
export interface ProcessGroup extends ProcessFacts {
  readonly key: string
  readonly processes: number
}

/** Processes by name and cgroup. */
export function groupProcesses(list: readonly ProcessFacts[]): readonly ProcessGroup[] {
  const groups = new Map<string, ProcessGroup>()
  for (const facts of list) {
    const key = `${facts.name} ${facts.cgroup}`
    const group = groups.get(key)
    groups.set(key, group ? addProcess(group, facts) : { ...facts, key, processes: 1 })
  }
  return [...groups.values()]
}

function addProcess(group: ProcessGroup, facts: ProcessFacts): ProcessGroup {
  const kinds: Record<string, number> = { ...group.kinds }
  for (const [kind, count] of Object.entries(facts.kinds)) kinds[kind] = (kinds[kind] ?? 0) + count
  return {
    ...group,
    pid: (facts.files ?? 0) > (group.files ?? 0) / group.processes ? facts.pid : group.pid,
    files: group.files === null && facts.files === null ? null : (group.files ?? 0) + (facts.files ?? 0),
    kinds,
    threads: group.threads + facts.threads,
    pageTables: group.pageTables + facts.pageTables,
    shmem: group.shmem + facts.shmem,
    watches: group.watches + facts.watches,
    locks: group.locks + facts.locks,
    processes: group.processes + 1,
  }
}

/** `java[4121]`, `nginx[812] and 31 more` */
export const formatGroup = ({ name, pid, processes }: ProcessGroup): string =>
  `${name}[${pid}]${processes > 1 ? ` and ${processes - 1} more` : ''}`
