// Which directories hold most live cgroups: where to look for what makes them, when memcg IDs run out.
import { formatCount } from '../../base/format.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { DetectorId } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import type { Fact } from '../panel.ts'

const ABOUT_COUNTS: ReadonlySet<DetectorId> = new Set(['memcg-ids'])
const MAX_NAMED = 3
const MIN_SHARE = 0.1 // of all live cgroups

/** Returns the directories with at least a tenth of all live cgroups, for an alert about their number. */
export function listCgroupParents({ detector }: Alert, history: History): readonly Fact[] {
  if (!ABOUT_COUNTS.has(detector)) return []
  const { cgroups, directories } = history.cgroups
  const counts = new Map<string, number>()
  for (const { parent } of cgroups.values()) if (parent !== undefined) counts.set(parent, (counts.get(parent) ?? 0) + 1)
  const largest = [...counts]
    .filter(([, count]) => count >= MIN_SHARE * directories)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_NAMED)
  return largest.map(([path, count], i) => [
    i === 0 ? 'most of them in' : '',
    `${formatCgroupName(history, path)}: ${formatCount(count)} live cgroups`,
  ])
}
