// The files of one cgroup, by how often they are read. Names as in cgroup-v1/memory.rst and cgroup-v2.rst.

/** `events`: kills and limit hits; `use`: the usage; `slow`: the rest; `hot`: files that are read for hot cgroups only. */
export interface CgroupFiles {
  readonly events: string
  readonly use: string
  readonly limit: string
  readonly slow: readonly string[]
  readonly hot: readonly string[]
}

/** The files that are read of each cgroup, by the version of the hierarchy. */
export const CGROUP_FILES: Readonly<Record<1 | 2, CgroupFiles>> = {
  1: {
    events: 'memory.oom_control',
    use: 'memory.usage_in_bytes',
    limit: 'memory.limit_in_bytes',
    slow: ['memory.kmem.usage_in_bytes', 'memory.kmem.tcp.usage_in_bytes', 'memory.failcnt', 'memory.stat'],
    hot: [],
  },
  2: {
    events: 'memory.events',
    use: 'memory.current',
    limit: 'memory.max',
    slow: ['memory.stat', 'memory.swap.current', 'memory.events.local', 'cgroup.stat'],
    hot: ['memory.pressure'],
  },
}

/** v1 sums memory.stat over all descendants, dying ones included: it is not read for a cgroup with more descendants than this. */
export const V1_STAT_DESCENDANTS = 16

/** Returns the lines of an events text about OOM; `high` and `max` rise all the time in a cgroup at its limit. */
export const extractOomLines = (text: string): string => text.match(/^.*oom.*$/gm)?.join('\n') ?? ''

/** Returns the number of directories below a v2 cgroup, from its `cgroup.stat`. */
export function parseDescendants(text: string | undefined): number | undefined {
  const count = /^nr_descendants (\d+)$/m.exec(text ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}
