// Cache that cannot be freed: shmem and tmpfs, mlocked pages. It stands in `Cached` beside what goes at once, and does not go.
import { formatBytes, formatPercent } from '../base/format.ts'
import { filterMap } from '../base/found.ts'
import { isNodeRoot } from '../collectors/cgroups/census.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { formatCgroupName } from '../collectors/names.ts'
import type { History } from '../history.ts'
import { condition } from './condition.ts'
import type { Detector, Finding } from './detector.ts'

const defaults = {
  /** share of RAM that is told when it is also most of the cache */
  told: 0.25,
  /** share of RAM that is left, below which it is a warning */
  room: 0.15,
}

export const pinnedCache: Detector<typeof defaults> = {
  title: 'cache that cannot be freed',
  after: ['meminfo'],
  defaults,
  detect: (history, { told, room }, open) => {
    const { values } = history.meminfo
    const of = (name: string): number => values.get(name) ?? 0
    const [total, cached, shmem] = [of('MemTotal'), of('Cached'), of('Shmem')]
    const locked = lockedCache(values)
    const pinned = shmem + locked
    const ease = open?.size ? 0.9 : 1
    if (total === 0 || pinned < told * ease * total || pinned < 0.5 * ease * cached) return []
    const left = (values.get('MemAvailable') ?? total) / total
    return [findingOf(history, { pinned, cached, shmem, locked, total }, left < room ? 'warning' : 'info')]
  },
}

// Mlocked counts pages of programs too: of the cache it is at most what stands on no list of file pages that reclaim looks at.
function lockedCache(values: ReadonlyMap<string, number>): number {
  const of = (name: string): number => values.get(name) ?? 0
  const files = of('Cached') + of('Buffers') - of('Shmem') - of('Active(file)') - of('Inactive(file)')
  return Math.max(0, Math.min(of('Mlocked'), of('Cached') - of('Shmem'), files))
}

interface Held {
  readonly pinned: number
  readonly cached: number
  readonly shmem: number
  readonly locked: number
  readonly total: number
}

function findingOf(
  history: History,
  { pinned, cached, shmem, locked, total }: Held,
  severity: Finding['severity'],
): Finding {
  const { cgroups } = history
  const holds = (one: Cgroup): boolean => !isNodeRoot(cgroups, one.path) && (one.shmem ?? 0) > 0.1 * shmem
  const [most] = filterMap(cgroups.cgroups.values(), one => (holds(one) ? one : undefined)).sort(
    (a, b) => b.shmem! - a.shmem! || b.path.length - a.path.length,
  )
  const { values } = history.meminfo
  const fate = shmem >= locked && (values.get('SwapFree') ?? 0) > 0 ? 'can only be swapped out' : 'cannot be freed'
  const where = most ? `; most of it is charged to ${formatCgroupName(history, most.path)}` : ''
  return condition(history, {
    subject: 'Cached',
    severity,
    title: 'PINNED CACHE',
    summary: `${formatBytes(pinned)} of ${formatBytes(cached)} cache (${formatPercent(pinned / total)} of RAM) ${fate}: ${shmem >= locked ? 'shared memory and tmpfs files' : 'pages locked in memory'}${where}`,
    confidence: 'high: Shmem and Mlocked are counted by the kernel',
    confirm: { text: 'tmpfs mounts and shared memory segments', command: 'df -t tmpfs -h; ipcs -m' },
    cost: 'it is as good as used: drop_caches does not free it, and without swap reclaim cannot',
    courses: ['meminfo Shmem', 'meminfo Cached', 'meminfo MemAvailable'],
    evidence: {
      Cached: cached,
      Shmem: shmem,
      Mlocked: values.get('Mlocked') ?? 0,
      share: pinned / total,
      'most of it in': most?.path ?? null,
    },
    remedy: [
      {
        text: 'find the files: tmpfs mounts, /dev/shm, emptyDir of medium Memory',
        command: 'df -t tmpfs -h',
        risk: 'none',
      },
      {
        text: 'deleted files that are still open hold memory too',
        command: 'lsof +L1 | grep -E "shm|memfd|tmpfs"',
        risk: 'none',
      },
      { text: 'delete what nobody needs, and give emptyDir volumes a sizeLimit', risk: 'low' },
    ],
  })
}
