// Diagnoses from saved files of cgroups, and from tables of containers: near their limit, kills counted, stalled.
import { formatBytes, formatCount, formatPercent, formatPlural } from '../../base/format.ts'
import { findSnapshot, type LogEvidence } from '../evidence.ts'
import { parseResident } from '../logs/pieces/process-tables.ts'
import type { SavedCgroup } from '../logs/pieces/snapshots.ts'
import type { Diagnosis } from './diagnosis.ts'
import { describeOwner } from './oom-kills.ts'
import { createDiagnosisBuilder } from './saved-text-diagnosis.ts'

type CgroupRule = (evidence: LogEvidence) => readonly Diagnosis[]

const NEAR = 0.95
const MUCH_KERNEL = 0.3
const HIGH_PRESSURE = 10 // percent of the last minute
const MOST = 5

/** The saved text that proves each of these diagnoses. */
export const CGROUP_SOURCES = {
  'cgroup-at-limit': 'usage and limit in the files of a cgroup, in docker stats or in systemctl status',
  'cgroup-oom-kills-counted': 'oom_kill in memory.events or memory.oom_control',
  'cgroup-frozen': 'oom_kill_disable and under_oom in memory.oom_control',
  'cgroup-pressure': 'avg60 in memory.pressure of a cgroup',
} as const

const create = createDiagnosisBuilder(CGROUP_SOURCES, ['kernel log', 'meminfo'])

const listCgroups = (evidence: LogEvidence): readonly SavedCgroup[] =>
  findSnapshot(evidence, 'cgroup files')?.cgroups ?? []

const describeCgroup = (path: string | null): string => (path === null ? 'a cgroup' : describeOwner(path))

const detectAtLimit: CgroupRule = evidence => {
  const table = findSnapshot(evidence, 'memory by name')
  const rows = table?.what === 'containers' ? table.rows : []
  const all = [
    ...listCgroups(evidence).map(one => ({ ...one, owner: describeCgroup(one.path) })),
    ...listUnits(evidence),
    ...rows.map(row => ({ owner: `container ${row.name}`, usage: row.bytes, limit: row.limit, kernel: null })),
  ]
  const full = all.filter(({ usage, limit }) => usage !== null && limit && usage >= NEAR * limit)
  return full.slice(0, MOST).map(one => {
    const { owner, usage, limit, kernel } = one
    const share = kernel === null || !usage ? 0 : kernel / usage
    return create(
      'cgroup-at-limit',
      `${owner} used ${formatBytes(usage ?? undefined)} of its limit of ${formatBytes(limit ?? undefined)}`,
      share > MUCH_KERNEL
        ? `${formatPercent(share)} of it was kernel memory, which its programs do not show.`
        : 'When this was saved, the cgroup was at its limit: the next request reclaims its memory, or kills in it.',
      { evidence: 'limitHits' in one ? describeParts(one) : [] },
    )
  })
}

// systemctl status, of each unit
const listUnits = ({ snapshots }: LogEvidence) =>
  snapshots.flatMap(({ snapshot }) => {
    if (snapshot.kind !== 'unit status') return []
    const [usage, limit] = [snapshot.memory, snapshot.limit].map(size => parseResident(size ?? undefined) ?? null)
    return [{ owner: `unit ${snapshot.unit}`, usage: usage!, limit: limit!, kernel: null }]
  })

function describeParts({ kernel, anonymous, file, swap, limitHits }: SavedCgroup): readonly string[] {
  const parts = [
    anonymous === null ? '' : `${formatBytes(anonymous)} anonymous`,
    file === null ? '' : `${formatBytes(file)} page cache`,
    kernel === null ? '' : `${formatBytes(kernel)} kernel memory`,
    swap ? `${formatBytes(swap)} in swap` : '',
    limitHits === null ? '' : `limit hit ${formatCount(limitHits)} times`,
  ].filter(Boolean)
  return parts.length > 0 ? [parts.join(', ')] : []
}

const detectCounted: CgroupRule = evidence =>
  listCgroups(evidence)
    .filter(({ oomKills }) => (oomKills ?? 0) > 0)
    .slice(0, MOST)
    .map(({ path, oomKills, limitHits }) =>
      create(
        'cgroup-oom-kills-counted',
        `${formatPlural(oomKills!, 'OOM kill')} in ${describeCgroup(path)} since it was made`,
        'The counters do not say who was killed, nor when: the kernel log does.',
        { evidence: limitHits === null ? [] : [`its limit was hit ${formatCount(limitHits)} times`] },
      ),
    )

const detectFrozen: CgroupRule = evidence =>
  listCgroups(evidence)
    .filter(({ isFrozen }) => isFrozen)
    .slice(0, MOST)
    .map(({ path }) =>
      create(
        'cgroup-frozen',
        `${describeCgroup(path)} was out of memory with its OOM killer off`,
        'Its tasks wait for memory inside the kernel until the limit is raised or something in it is killed.',
        {
          remedy: [
            {
              text: 'let the kernel kill in it again: echo 0 into its memory.oom_control, or raise the limit',
              risk: 'low',
            },
          ],
        },
      ),
    )

const detectStalled: CgroupRule = evidence =>
  listCgroups(evidence)
    .filter(({ pressure }) => (pressure ?? 0) >= HIGH_PRESSURE)
    .slice(0, MOST)
    .map(({ path, pressure }) =>
      create(
        'cgroup-pressure',
        `tasks of ${describeCgroup(path)} were stalled on memory ${pressure} % of the last minute (PSI)`,
        'They waited for reclaim, or for pages to be read back: its limit was too small for what ran in it.',
      ),
    )

/** What saved files of cgroups show. */
export const diagnoseSavedCgroups: CgroupRule = evidence =>
  [detectAtLimit, detectCounted, detectFrozen, detectStalled].flatMap(rule => rule(evidence))
