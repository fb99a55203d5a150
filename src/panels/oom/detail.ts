// The page of an OOM kill: the limit that was hit, the victim and why it was chosen, the memory, and the task table.
import { formatAge, formatDateTime } from '../../base/format.ts'
import { findOwner, formatCgroupName, formatOwner } from '../../collectors/container-names.ts'
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import { describeNodes, type OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { Alert } from '../../detectors/alerts.ts'
import { computeMemoryParts } from '../../detectors/oom/memory-parts.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import { findOwnerState, listOomRemedies } from '../../detectors/remedies/oom-remedies.ts'
import { type History, NOT_IN_LOG } from '../../history.ts'
import type { Detail, Fact } from '../panel.ts'
import { getKillRange, listKillGraphs, listKillLinks, listSampleFacts } from './kill-graphs.ts'
import { listLimitFacts, listMemoryFacts, listNodeFacts } from './memory-facts.ts'
import { buildTaskListing, describeRequest, describeVictim, explainVictimChoice, listNameFacts } from './task-facts.ts'

/** Returns the page of the kill whose `Killed process` line has this record number. */
export function buildKillDetail(history: History, sequence: number, alerts: readonly Alert[] = []): Detail | undefined {
  const correlated = getCorrelatedKills(history).find(({ kill }) => kill?.sequence === sequence)
  const kill = correlated?.kill
  if (!correlated || !kill) return undefined
  const pageSize = estimatePageSize(kill) ?? history.session.pageSize
  const isLog = history.sources.cgroups?.error === NOT_IN_LOG // its other views are empty
  const listing = buildTaskListing(kill, pageSize)
  return {
    title: `OOM kill of ${kill.victim.comm}[${kill.victim.pid}]`,
    tone: 'critical',
    introduction: [describeKill(kill, path => formatCgroupName(history, path))],
    graphs: listKillGraphs(history, kill),
    range: getKillRange(history, kill.time),
    links: listKillLinks(history, correlated, alerts),
    facts: [
      ['when', `${formatDateTime(toWallTime(history.session, kill.time))}, ${formatAge(history.time - kill.time)}`],
      ...listSampleFacts(history, kill),
      ...(kill.global ? [] : listLimitFacts(kill)),
      ...listMemoryFacts(kill, pageSize),
      ['victim used', describeVictim(kill)],
      ['why chosen', explainVictimChoice(kill, pageSize)],
      ['allocation', describeRequest(kill)],
      ['confirmed by', correlated.confirmedBy.join(', ')],
      ...listNameFacts(kill, pageSize),
      ...(kill.global ? listNodeFacts(kill.memInfo, pageSize) : []),
      ['limit set on', kill.global ? describeNodes(kill) : (kill.oomMemcg ?? 'unknown')],
      ['victim cgroup', describeVictimCgroup(correlated.cgroup, kill)],
      ...listContainerFacts(history, correlated.cgroup ?? kill.oomMemcg),
    ],
    ...(listing ? { listing } : {}),
    remedies: listOomRemedies({
      owner: kill.oomMemcg ?? correlated.cgroup,
      ownerState: findOwnerState(history, kill.oomMemcg ?? correlated.cgroup),
      isGlobal: kill.global ?? false,
      largestPart: computeMemoryParts(kill, pageSize)[0]?.name,
      hasViews: !isLog,
    }),
  }
}

function describeVictimCgroup(cgroup: string | null, { oomMemcg }: OomKill): string {
  if (cgroup === null) return 'unknown'
  return cgroup === oomMemcg ? 'same cgroup' : cgroup
}

function describeLimit(kill: OomKill, formatPath: (path: string) => string): string {
  if (kill.global) return `${describeNodes(kill)} had no memory left`
  if (kill.oomMemcg !== null) return `${formatPath(kill.oomMemcg)} was at its limit`
  return kill.global === null && kill.taskMemcg === null
    ? 'a cgroup or the whole node ran out of memory'
    : 'a cgroup was at its limit'
}

function describeKill(kill: OomKill, formatPath: (path: string) => string): string {
  const { victim, invoker, oomMemcg, taskMemcg, complete, alsoKilled, sysrq } = kill
  if (sysrq === true) return `A kill was requested by hand (SysRq f); the kernel killed ${victim.comm}[${victim.pid}].`
  const trigger = invoker ? `${invoker.comm} requested memory when ` : ''
  const limit = describeLimit(kill, formatPath)
  const other = taskMemcg !== null && oomMemcg !== null && taskMemcg !== oomMemcg ? ` of ${formatPath(taskMemcg)}` : ''
  const group = alsoKilled.length > 0 ? `, and ${alsoKilled.length} more with it (memory.oom.group)` : ''
  const part = complete
    ? ''
    : ' The log has only part of the report: rate-limited, overwritten, or truncated at its start.'
  return `${trigger}${limit}; the kernel killed ${victim.comm}[${victim.pid}]${other}${group}.${part}`
}

function listContainerFacts({ names }: History, path: string | null): readonly Fact[] {
  if (path === null) return []
  const { podUid, containerId, runtime } = parseContainerPath(path)
  const owner = findOwner(names, path)
  return [
    ...(owner ? [['pod', formatOwner(owner)] as const] : []),
    ...(podUid === null ? [] : [['pod UID', podUid] as const]),
    ...(containerId === null
      ? []
      : [['container', `${containerId}${runtime === null ? '' : ` (${runtime})`}`] as const]),
  ]
}
