// Nodes of a fleet by what they share: the kernel with its version of memory cgroups, or the value of a label.
import { formatCount, formatPlural } from '../../base/format.ts'
import type { FleetNode } from '../../fleet/fleet.ts'

/** What nodes are grouped by, in the order of the key `g`. A label is that of `--group-by`. */
export const FLEET_GROUPINGS = ['none', 'kernel', 'label'] as const
/** How the list of nodes is grouped. */
export type FleetGrouping = (typeof FLEET_GROUPINGS)[number]

/** Nodes with the same kernel or label. */
export interface FleetGroup {
  /** undefined: not grouped */
  readonly title: string | undefined
  readonly nodes: readonly FleetNode[]
}

/** Groups nodes; the groups are in the order of their first nodes. */
export function groupNodes(nodes: readonly FleetNode[], grouping: FleetGrouping): readonly FleetGroup[] {
  if (grouping === 'none') return [{ title: undefined, nodes }]
  const getTitle = (node: FleetNode): string =>
    (grouping === 'kernel' ? describeKernel(node) : node.group) || `without ${grouping}`
  return Array.from(Map.groupBy(nodes, getTitle), ([title, members]) => ({ title, nodes: members }))
}

/** The kernel of a node and the version of its memory cgroups: which of them leak is a matter of both. */
export const describeKernel = ({ kernel = '', cgroupVersion }: Pick<FleetNode, 'kernel' | 'cgroupVersion'>): string =>
  cgroupVersion === undefined ? kernel : `${kernel} cgroup v${cgroupVersion}`

/** `40 nodes: 9 critical, 0 warning, 1 without data` */
export function describeNodes(nodes: readonly FleetNode[]): string {
  const count = (isCounted: (node: FleetNode) => boolean): string => formatCount(nodes.filter(isCounted).length)
  const critical = count(({ alerts }) => alerts[0]?.severity === 'critical')
  const warning = count(({ alerts }) => alerts[0]?.severity === 'warning')
  const silent = count(({ isReporting }) => !isReporting)
  return `${formatPlural(nodes.length, 'node')}: ${critical} critical, ${warning} warning, ${silent} without data`
}
