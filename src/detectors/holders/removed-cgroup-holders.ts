// Which cgroups the removed ones were in that the kernel still holds, and the tmpfs mounts whose files may hold them. Pure.
import { formatBytes, formatCount } from '../../base/format.ts'
import type { CgroupTree } from '../../collectors/cgroups/cgroup.ts'
import { type DyingMemory, getDyingMemory } from '../../collectors/cgroups/dying-memory.ts'
import type { Survey } from '../../collectors/holders/survey.ts'
import { type Holder, rateConfidence } from './holder.ts'

const MIN_SHARE = 0.1

/** The cgroups with most removed ones directly below them, then tmpfs mounts with much of what those hold. */
export function findRemovedCgroupHolders(tree: CgroupTree, survey: Survey): readonly Holder[] {
  const memory = getDyingMemory(tree)
  const counted = findByCount(tree)
  return [...(counted.length > 0 ? counted : findByMemory(memory)), ...findTmpfs(memory, survey)]
}

// Linux 6.12 on, cgroup v2: nr_dying_descendants holds those of all levels below.
function findByCount({ cgroups }: CgroupTree): readonly Holder[] {
  const own = new Map<string, number>()
  for (const { path, parent, dying } of cgroups.values()) {
    if (dying === null) continue
    own.set(path, (own.get(path) ?? 0) + dying)
    if (parent !== undefined) own.set(parent, (own.get(parent) ?? 0) - dying)
  }
  const whole = [...own.values()].reduce((sum, count) => sum + Math.max(0, count), 0)
  return [...own].flatMap(([path, count]) =>
    count < Math.max(1, MIN_SHARE * whole)
      ? []
      : [buildCgroupHolder(path, `${formatCount(count)} removed cgroups that were directly below it`, count / whole)],
  )
}

// Kernels without the count: from the memory that no live cgroup explains.
function findByMemory(memory: readonly DyingMemory[]): readonly Holder[] {
  const whole = memory.reduce((sum, { bytes }) => sum + bytes, 0)
  return memory.flatMap(({ path, bytes, exact }) => {
    if (bytes < MIN_SHARE * whole) return []
    const holder = buildCgroupHolder(
      path,
      `${exact ? '' : 'up to '}${formatBytes(bytes)} charged to removed cgroups below it`,
      bytes / whole,
    )
    return [exact ? holder : { ...holder, confidence: 'low' as const }]
  })
}

const buildCgroupHolder = (path: string, holds: string, share: number): Holder => ({
  kind: 'cgroup',
  name: path,
  cgroup: path,
  holds,
  share,
  confidence: rateConfidence(share),
})

// A file in tmpfs keeps the cgroup that wrote it. Whose it is the kernel does not report: the size alone speaks for it.
function findTmpfs(memory: readonly DyingMemory[], { tmpfs }: Survey): readonly Holder[] {
  const held = memory.reduce((sum, { bytes }) => sum + bytes, 0)
  return tmpfs.flatMap(({ path, bytes, cgroup }) =>
    held === 0 || (bytes ?? 0) < MIN_SHARE * held
      ? []
      : [
          {
            kind: 'tmpfs' as const,
            name: path,
            cgroup,
            holds: `${formatBytes(bytes!)} of files in tmpfs; files that a removed cgroup wrote keep it`,
            share: null,
            confidence: 'low' as const,
          },
        ],
  )
}
