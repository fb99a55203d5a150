// The kernel's own count of memory cgroups, dying ones included: /proc/cgroups on v1, cgroup.stat of the root on v2.
import { ParseError } from '../../base/errors.ts'
import { appendPoint } from '../../base/series.ts'
import { parseKeyedNumbers } from '../../base/text.ts'
import type { Files } from '../collector.ts'
import type { CgroupTree } from './cgroup.ts'

/** Returns the result of `parse`, or undefined with a problem that is shown until the file can be parsed again. */
export function tryParse<T>(problems: Map<string, string>, file: string, parse: () => T): T | undefined {
  try {
    problems.delete(file)
    return parse()
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    problems.set(file, error.message)
    return undefined
  }
}

/** Returns the tree with the kernel's counts of this reading and their history. */
export function applyCounts(tree: CgroupTree, files: Files, time: number): CgroupTree {
  const problems = new Map(tree.problems)
  const stat = `${tree.mounts.memory?.path}/cgroup.stat`
  const statCounts = files[stat] ? tryParse(problems, stat, () => parseCgroupStat(tree, files[stat]!, stat)) : undefined
  const counts = { ...tree.counts, ...statCounts }
  const text = files['/proc/cgroups']
  const row = text ? tryParse(problems, '/proc/cgroups', () => parseProcCgroups(text)) : undefined
  const { enabled, procCgroups } = row ?? { enabled: tree.enabled, procCgroups: counts.procCgroups }
  const directories = tree.cgroups.size
  const { numCgroups, dying } = deriveCounts({ ...tree, directories }, { ...counts, procCgroups })
  const appendCount = (name: keyof CgroupTree['series'], value: number | null) =>
    value === null ? tree.series[name] : appendPoint(tree.series[name], time, value)
  return {
    ...tree,
    counts: { ...counts, procCgroups },
    enabled,
    directories,
    numCgroups,
    dying,
    series: {
      directories: appendCount('directories', directories),
      numCgroups: appendCount('numCgroups', numCgroups),
      dying: appendCount('dying', dying),
      live: appendCount('live', numCgroups === null || dying === null ? null : numCgroups - dying),
      created: appendCount('created', tree.created),
      removed: appendCount('removed', tree.removed),
    },
    problems,
    firstReadAt: tree.firstReadAt ?? time,
    time,
  }
}

// memory	4	12	1
function parseProcCgroups(text: string): { enabled: boolean; procCgroups: number | null } {
  if (!text.startsWith('#subsys_name'))
    throw new ParseError('/proc/cgroups', 1, '#subsys_name hierarchy num_cgroups enabled', text)
  const row = /^memory\t(\d+)\t(\d+)\t([01])$/m.exec(text)
  return row ? { enabled: row[3] === '1', procCgroups: Number(row[2]) } : { enabled: true, procCgroups: null }
}

function parseCgroupStat(tree: CgroupTree, text: string, path: string): Partial<CgroupTree['counts']> {
  if (tree.mounts.memory?.version !== 2) return {}
  const stat = parseKeyedNumbers(text, path)
  return {
    descendants: stat.get('nr_descendants') ?? null,
    dyingDescendants: stat.get('nr_dying_descendants') ?? null,
    dyingMemory: stat.get('nr_dying_subsys_memory') ?? null,
    memory: stat.get('nr_subsys_memory') ?? null,
  }
}

// v1: dying = the kernel's count minus the directories. v2: the kernel reports it. Neither is known for a part of the tree, because
// /proc/cgroups is global. Without the row of memory (since 6.11) the count is the sum of directories and dying ones.
function deriveCounts(
  tree: CgroupTree,
  counts: CgroupTree['counts'],
): { numCgroups: number | null; dying: number | null } {
  const { memory } = tree.mounts
  if (memory?.root !== '/') return { numCgroups: counts.procCgroups, dying: null }
  if (memory.version === 1) {
    const numCgroups = counts.procCgroups
    return { numCgroups, dying: numCgroups === null ? null : Math.max(0, numCgroups - tree.directories) }
  }
  const dying = counts.dyingMemory ?? counts.dyingDescendants
  const live = counts.memory ?? (counts.descendants === null ? null : counts.descendants + 1) // nr_subsys_memory counts the root too
  const sum = live === null || dying === null ? null : live + dying
  return { numCgroups: sum ?? counts.procCgroups, dying }
}
