// The page of a cgroup: its memory over time, the limits above it, and its events with and without descendants.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatAge, formatBytes, formatCount, formatPercent } from '../../base/format.ts'
import type { Cgroup, CgroupEvents } from '../../collectors/cgroups/cgroup.ts'
import { listCgroupSeries } from '../../collectors/cgroups/tree-queries.ts'
import { findOwner, formatCgroupName, formatOwner } from '../../collectors/container-names.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'
import { formatOrMissing } from '../format-missing.ts'
import { insertKillMoments } from '../kill-moments.ts'
import { linkToCgroup, linkToKill, listAlertsAbout, type PageLink } from '../links.ts'
import type { Detail, Fact, Graph } from '../panel.ts'
import { BYTES, COUNTS } from '../value-formats.ts'
import { countCgroupKills } from './kill-counts.ts'
import { listLimitFacts } from './limit-facts.ts'
import { getKernelMemory } from './rows.ts'

const formatCountOrMissing = (value: number | null): string => formatOrMissing(value, formatCount)

/** Returns the page of the cgroup with this path, or undefined if the cgroup no longer exists. */
export function buildCgroupDetail(state: AppState, path: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const cgroup = history.cgroups.cgroups.get(path)
  if (!cgroup) return undefined
  const owner = findOwner(history.names, path)
  const name = formatCgroupName(history, path)
  return {
    title: name,
    tone: 'title',
    introduction: owner ? [formatOwner(owner)] : [],
    graphs: listGraphs(cgroup, history),
    links: listLinks(state, cgroup, history),
    facts: [
      ...(name === path ? [] : [['path', path] as const]),
      ...listLimitFacts(cgroup, history),
      ...listMainParts(cgroup),
      ...listKnownParts({ slab: cgroup.slab, unreclaimable: cgroup.slabUnreclaimable }),
      ...listKnownParts({ sock: cgroup.sock, percpu: cgroup.percpu }),
      ...listKnownParts({ stacks: cgroup.kernelStack, 'page tables': cgroup.pagetables }),
      ...listKnownParts({ swap: cgroup.swap }),
      ...listEventFacts(cgroup, history),
      ...listLifetimeFacts(cgroup, history),
    ],
    remedies: [],
  }
}

// Those that are not read share a line.
function listMainParts(cgroup: Cgroup): readonly Fact[] {
  const shmem = cgroup.shmem === null ? '' : `, including shmem ${formatBytes(cgroup.shmem)}`
  const parts = [
    ['anon', cgroup.anon, ''],
    ['file', cgroup.file, shmem],
    ['kernel', getKernelMemory(cgroup), ''],
  ] as const
  const missing = parts.filter(([, bytes]) => bytes === null).map(([name]) => name)
  return [
    ...parts.flatMap(([name, bytes, more]): readonly Fact[] =>
      bytes === null ? [] : [[name, `${formatBytes(bytes)}${more}`]],
    ),
    ...(missing.length > 0 ? [[missing.join(', '), 'n/a'] as const] : []),
  ]
}

// One fact of the parts that this kernel counts; none where it counts none of them.
function listKnownParts(parts: Readonly<Record<string, number | null>>): readonly Fact[] {
  const known = Object.entries(parts).filter((part): part is [string, number] => part[1] !== null)
  const name = known.map(([part]) => part).join(', ')
  return known.length === 0 ? [] : [[name, known.map(([, bytes]) => formatBytes(bytes)).join(', ')]]
}

// The memory with its limit, then its parts.
const listGraphs = (cgroup: Cgroup, history: History): readonly Graph[] =>
  listCgroupSeries(cgroup).map(([name, series]) => ({
    name,
    series: name === 'memory' ? insertKillMoments(history, cgroup.path, series) : series,
    format: name === 'dying' ? COUNTS : BYTES,
    ...(name === 'memory' && cgroup.limit !== null && Number.isFinite(cgroup.limit) ? { limit: cgroup.limit } : {}),
  }))

// Kills in it or at its limit, alerts about it, and the cgroup above it.
function listLinks(state: AppState, { path, parent }: Cgroup, history: History): readonly PageLink[] {
  const kills = getCorrelatedKills(history).filter(({ cgroup, kill }) => cgroup === path || kill?.oomMemcg === path)
  const above = linkToCgroup(history, parent)
  return [
    ...listAlertsAbout(state, 'cgroup', path),
    ...kills.toReversed().slice(0, 5).map(linkToKill),
    ...(above ? [above] : []),
  ]
}

const formatEvents = ({ low, high, max, oom, oomKill, oomGroupKill }: CgroupEvents): string =>
  `low ${formatCountOrMissing(low)}, high ${formatCountOrMissing(high)}, max ${formatCountOrMissing(max)}, oom ${formatCountOrMissing(oom)}, oom_kill ${formatCountOrMissing(oomKill)}${oomGroupKill === null ? '' : `, oom_group_kill ${formatCount(oomGroupKill)}`}`

function describeKills(cgroup: Cgroup, history: History): string {
  if (cgroup.oomKill !== null) return formatCount(cgroup.oomKill)
  const logged = countCgroupKills(cgroup, history)
  return logged === null ? 'not counted by this kernel' : `${formatCount(logged)} in the kernel log`
}

function listEventFacts(cgroup: Cgroup, history: History): readonly Fact[] {
  const { events, localEvents: local, failcnt, underOom, oomKillDisable, pressure } = cgroup
  const v2: readonly Fact[] = events
    ? [
        ['events, hierarchical', formatEvents(events)],
        ['events, local', local ? formatEvents(local) : 'not in this kernel, or not read yet'],
      ]
    : []
  const psi: readonly Fact[] = pressure
    ? [
        [
          'PSI',
          `some ${formatPercent(pressure.some.avg10 / 100)}${pressure.full ? `, full ${formatPercent(pressure.full.avg10 / 100)}` : ''} of the last 10 s`,
        ],
      ]
    : []
  return [
    ['times at limit', failcnt === null ? 'n/a' : formatCount(failcnt)],
    ['OOM kills', describeKills(cgroup, history)],
    ...v2,
    [
      'stalled in OOM',
      underOom ? `yes: its tasks are stopped${oomKillDisable ? ', oom_kill_disable is 1' : ''}` : 'no',
    ],
    ...(oomKillDisable && !underOom
      ? [['oom_kill_disable', '1: its tasks stop at the limit, and the kernel logs nothing'] as const]
      : []),
    ...psi,
  ]
}

function listLifetimeFacts(
  { inode, seenAt, recreated, descendants, dying }: Cgroup,
  { cgroups, time }: History,
): readonly Fact[] {
  const descendantFacts: readonly Fact[] =
    dying === null
      ? []
      : [
          [
            'descendants',
            `${formatCountOrMissing(descendants)} live cgroups, ${formatCount(dying)} dying (removed, still held)`,
          ],
        ]
  const isNew = cgroups.firstReadAt !== null && seenAt > cgroups.firstReadAt
  return [
    ...descendantFacts,
    ['inode', String(inode)],
    [
      'created',
      `${isNew ? formatAge(time - seenAt) : 'before this session'}${recreated > 0 ? `; ${formatCount(recreated)} earlier cgroups of this name were removed` : ''}`,
    ],
  ]
}
