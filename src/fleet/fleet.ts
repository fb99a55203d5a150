// A fleet: what is known of each node, from the answers of one refresh. Worst first.
import type { Severity } from '../detectors/detector.ts'
import type { Row } from './prometheus-answer.ts'
import type { QueryId } from './queries.ts'

/** What an alert is called on a node. */
export interface OpenAlert {
  readonly detector: string
  readonly severity: Severity
}

/** OOM kills of a pod, on all nodes. */
export interface PodKills {
  readonly namespace: string
  readonly pod: string
  readonly count: number
}

/** One node. Unknown is undefined. */
export interface FleetNode {
  readonly name: string
  readonly kernel: string | undefined
  /** of its memory cgroups: 1 or 2 */
  readonly cgroupVersion: string | undefined
  /** value of the label that nodes are grouped by */
  readonly group: string | undefined
  /** false: Prometheus cannot reach it, or it no longer reports */
  readonly isReporting: boolean
  /** the most severe first */
  readonly alerts: readonly OpenAlert[]
  /** milliseconds */
  readonly timeLeft: number | undefined
  /** bytes of SUnreclaim per hour, where it grows */
  readonly growth: number | undefined
  /** kills of the last hour */
  readonly kills: readonly PodKills[]
  /** share of RAM that is available, of the nodes with the least */
  readonly available: number | undefined
}

/** All nodes of a Prometheus at one time. */
export interface Fleet {
  readonly nodes: readonly FleetNode[]
  /** nodes that grew some hours ago; undefined: not known */
  readonly growingBefore: number | undefined
}

/** What Prometheus answered, by query. */
export type Answers = Readonly<Record<QueryId, readonly Row[]>>

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'] // by kmemtop_alert_severity - 1
const HOUR_SECONDS = 3600

/** Joins the answers by node. @param groupBy a label besides the kernel */
export function buildFleet(answers: Answers, groupBy?: string): Fleet {
  const names = new Set([...answers.nodes, ...answers.silent].map(getInstance))
  const facts = new Map(answers.nodes.map(row => [getInstance(row), row.labels]))
  const silent = new Set(answers.silent.map(getInstance))
  const [alerts, kills] = [Map.groupBy(answers.open, getInstance), Map.groupBy(answers.kills, getInstance)]
  const [timeLeft, growth] = [indexByNode(answers.timeLeft), indexByNode(answers.growth)]
  const available = indexByNode(answers.available)
  const nodes = [...names].map((name): FleetNode => {
    const { kernel, cgroups: cgroupVersion, [groupBy ?? '']: group } = facts.get(name) ?? {}
    const seconds = timeLeft.get(name)
    const rate = growth.get(name)
    return {
      name,
      kernel,
      cgroupVersion,
      group,
      isReporting: facts.has(name) && !silent.has(name),
      alerts: listAlerts(alerts.get(name) ?? []),
      timeLeft: seconds === undefined ? undefined : seconds * 1000,
      growth: rate === undefined ? undefined : rate * HOUR_SECONDS,
      kills: listKills(kills.get(name) ?? []),
      available: available.get(name),
    }
  })
  return { nodes: nodes.sort(compareNodes), growingBefore: answers.growthBefore[0]?.value }
}

const getInstance = ({ labels }: Row): string => labels.instance ?? '(no instance)'

const indexByNode = (rows: readonly Row[]): ReadonlyMap<string, number> =>
  new Map(rows.map(row => [getInstance(row), row.value]))

const listAlerts = (rows: readonly Row[]): readonly OpenAlert[] =>
  rows
    .toSorted((a, b) => b.value - a.value)
    .flatMap(({ labels: { detector = '(no detector)' }, value }) => {
      const severity = SEVERITIES[Math.round(value) - 1]
      return severity === undefined ? [] : [{ detector, severity }]
    })

// increase() extrapolates: a count is whole, and at least one.
const listKills = (rows: readonly Row[]): readonly PodKills[] =>
  rows
    .map(({ labels: { namespace = '', pod = '' }, value }) => ({
      namespace,
      pod,
      count: Math.max(1, Math.round(value)),
    }))
    .sort((a, b) => b.count - a.count)

/** Names what was killed: a pod with its namespace, a cgroup outside of pods, or says that it is not known. */
export function describeKilled({ namespace, pod }: Pick<PodKills, 'namespace' | 'pod'>): string {
  if (pod === '') return 'an unknown cgroup'
  return namespace === '' ? pod : `${namespace}/${pod}`
}

/** Kills of the last hour on a node. */
export const countKills = ({ kills }: FleetNode): number => kills.reduce((sum, { count }) => sum + count, 0)

const RANKS: Readonly<Record<Severity, number>> = { critical: 0, warning: 2, info: 3 }

// Critical alerts, then nodes of which nothing is known, then warnings.
function computeRank({ alerts, isReporting }: FleetNode): number {
  const severity = alerts[0]?.severity
  if (severity === 'critical') return RANKS.critical
  if (!isReporting) return 1
  return severity === undefined ? 4 : RANKS[severity]
}

/** Orders nodes: the worst first, then the one with the least time left, the most kills, the fastest growth. */
export function compareNodes(a: FleetNode, b: FleetNode): number {
  return (
    computeRank(a) - computeRank(b) ||
    (a.timeLeft ?? Number.MAX_VALUE) - (b.timeLeft ?? Number.MAX_VALUE) ||
    countKills(b) - countKills(a) ||
    (b.growth ?? 0) - (a.growth ?? 0) ||
    (a.name < b.name ? -1 : 1)
  )
}
