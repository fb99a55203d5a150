// Patterns across nodes: the same pod killed on many, a leak on one kernel only, a growth that began everywhere at once.
import { formatCount, formatPlural } from '../base/format.ts'
import type { Severity } from '../detectors/detector.ts'
import { describeKilled, type Fleet, type FleetNode } from './fleet.ts'

/** A finding about several nodes, with its numbers in its text. */
export interface Pattern {
  readonly severity: Severity
  readonly text: string
  /** names of the nodes that it is about */
  readonly nodes: readonly string[]
}

const MIN_NODES = 3
/** A group has a pattern if this share of its nodes has it, and at most a tenth of that share of the others. */
const MIN_SHARE = 0.3
const MAX_SHARE_OUTSIDE = 0.1
/** A growth is everywhere where this share of the nodes has it. */
const WIDE_SHARE = 0.5
const MAX_PATTERNS = 20

/** Finds patterns, those of most nodes first. @param groupBy the name of the label in `group` */
export function findPatterns(fleet: Fleet, groupBy?: string): readonly Pattern[] {
  const reporting = fleet.nodes.filter(({ isReporting }) => isReporting)
  const groupings: readonly Grouping[] = [
    { label: 'kernel', getGroup: node => node.kernel },
    ...(groupBy === undefined ? [] : [{ label: groupBy, getGroup: (node: FleetNode) => node.group }]),
  ]
  return [
    ...findKilledWorkloads(reporting),
    ...groupings.flatMap(grouping => findGroupAlerts(reporting, grouping)),
    ...findWideGrowth(reporting, fleet.growingBefore),
  ]
    .sort((a, b) => b.nodes.length - a.nodes.length)
    .slice(0, MAX_PATTERNS)
}

/** Cuts what Kubernetes adds to the name of a pod: `web-7d9f8b6c5d-x2x4z` and `db-0` become `web` and `db`. */
export const getWorkload = (pod: string): string =>
  pod.replace(/-[a-f0-9]{6,10}-[a-z0-9]{5}$/, '').replace(/-(?:\d{1,5}|[bcdfghjklmnpqrstvwxz2456789]{5})$/, '')

function findKilledWorkloads(nodes: readonly FleetNode[]): readonly Pattern[] {
  const kills = nodes.flatMap(node =>
    node.kills.filter(({ pod }) => pod !== '').map(one => ({ ...one, node: node.name })),
  )
  const workloads = Map.groupBy(kills, ({ namespace, pod }) => describeKilled({ namespace, pod: getWorkload(pod) }))
  return [...workloads].flatMap(([workload, of]) => {
    const names = [...new Set(of.map(({ node }) => node))]
    if (names.length < MIN_NODES) return []
    const count = of.reduce((sum, one) => sum + one.count, 0)
    const text = `${workload} was killed on ${formatPlural(names.length, 'node')} in the last hour, ${formatPlural(count, 'kill')} in all`
    return [{ severity: 'critical' as const, text, nodes: names }]
  })
}

interface Grouping {
  readonly label: string
  readonly getGroup: (node: FleetNode) => string | undefined
}

function findGroupAlerts(nodes: readonly FleetNode[], { label, getGroup }: Grouping): readonly Pattern[] {
  const groups = Map.groupBy(nodes, getGroup)
  if (groups.size < 2) return []
  const detectors = new Set(nodes.flatMap(({ alerts }) => alerts.map(({ detector }) => detector)))
  return [...groups].flatMap(([group, members]) =>
    group === undefined
      ? []
      : [...detectors].flatMap(detector => compareGroup(detector, { label, group, members, nodes })),
  )
}

interface GroupMembers {
  readonly label: string
  readonly group: string
  readonly members: readonly FleetNode[]
  readonly nodes: readonly FleetNode[]
}

// On most nodes of a group and on nearly none outside.
function compareGroup(detector: string, { label, group, members, nodes }: GroupMembers): readonly Pattern[] {
  const inside = members.filter(node => hasAlert(node, detector))
  const outside = nodes.filter(node => hasAlert(node, detector)).length - inside.length
  const others = nodes.length - members.length
  const share = inside.length / members.length
  const isOfGroup = share >= MIN_SHARE && others > 0 && outside / others <= share * MAX_SHARE_OUTSIDE
  if (inside.length < MIN_NODES || !isOfGroup) return []
  const of = `${formatCount(inside.length)} of ${formatPlural(members.length, 'node')} with ${label} ${group}`
  return [
    {
      severity: inside.some(({ alerts }) =>
        alerts.some(one => one.detector === detector && one.severity === 'critical'),
      )
        ? 'critical'
        : 'warning',
      text: `${detector} on ${of}, and on ${formatCount(outside)} of ${formatCount(others)} others`,
      nodes: inside.map(({ name }) => name),
    },
  ]
}

const hasAlert = ({ alerts }: FleetNode, detector: string): boolean => alerts.some(one => one.detector === detector)

function findWideGrowth(nodes: readonly FleetNode[], before: number | undefined): readonly Pattern[] {
  const growing = nodes.filter(({ growth }) => growth !== undefined)
  if (growing.length < MIN_NODES || growing.length < nodes.length * WIDE_SHARE) return []
  const past = before === undefined ? '' : `; 6 h ago on ${formatCount(before)}`
  const text = `SUnreclaim grows by more than 10 MiB/h on ${formatCount(growing.length)} of ${formatPlural(nodes.length, 'node')}${past}`
  return [{ severity: 'warning', text, nodes: growing.map(({ name }) => name) }]
}
