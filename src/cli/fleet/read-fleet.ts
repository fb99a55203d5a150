// Reads the fleet from one or several servers: all questions of a refresh side by side.
import { getErrorMessage } from '../../base/errors.ts'
import { type Answers, buildFleet, compareNodes, type Fleet, type FleetNode } from '../../fleet/fleet.ts'
import { listWarnings, parseMatrix, parseVector, type Row } from '../../fleet/prometheus-answer.ts'
import { buildNodeQueries, buildQueries, QUERY_IDS, RULES_QUERY } from '../../fleet/queries.ts'
import type { NodeHistory } from '../../ui/nodes/fleet-node.ts'
import type { FleetOptions } from '../commands/fleet.ts'
import type { PrometheusClient } from './prometheus-client.ts'

const MAX_WARNINGS = 3 // of a server

/** The fleet, and whether all servers have the recording rules. */
export interface FleetReading {
  readonly fleet: Fleet
  readonly hasRules: boolean
  /** servers that did not answer, or only in part, with the reason; what is known is shown */
  readonly problems: readonly string[]
}

/** Asks every server and joins what they know. @throws UserError if none answers */
export async function readFleet(
  clients: readonly PrometheusClient[],
  options: Pick<FleetOptions, 'job' | 'groupBy'>,
): Promise<FleetReading> {
  const results = await Promise.allSettled(clients.map(client => readOne(client, options)))
  const readings = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const failures = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
  if (readings.length === 0) throw failures[0]
  const nodes = readings.flatMap(({ fleet }) => fleet.nodes)
  const before = readings.map(({ fleet }) => fleet.growingBefore).filter(count => count !== undefined)
  return {
    fleet: {
      nodes: mergeNodes(nodes).sort(compareNodes),
      growingBefore: before.length === 0 ? undefined : before.reduce((a, b) => a + b, 0),
    },
    hasRules: readings.every(({ hasRules }) => hasRules),
    problems: [...failures.map(getErrorMessage), ...readings.flatMap(({ problems }) => problems)],
  }
}

async function readOne(
  client: PrometheusClient,
  { job, groupBy }: Pick<FleetOptions, 'job' | 'groupBy'>,
): Promise<FleetReading> {
  const warnings = new Set<string>()
  const ask = async (query: string): Promise<readonly Row[]> => {
    const answer = await client.query(query)
    for (const warning of listWarnings(answer)) warnings.add(warning)
    return parseVector(answer)
  }
  const hasRules = (await ask(RULES_QUERY)).length > 0
  const queries = buildQueries({ job, groupBy, hasRules })
  const rows = await Promise.all(QUERY_IDS.map(async id => [id, await ask(queries[id])] as const))
  const problems = [...warnings].slice(0, MAX_WARNINGS).map(warning => `${client.shownUrl}: partial answer: ${warning}`)
  return { fleet: buildFleet(Object.fromEntries(rows) as Answers, groupBy), hasRules, problems }
}

// Two replicas of Prometheus watch the same node: the one that reports is right.
function mergeNodes(nodes: readonly FleetNode[]): FleetNode[] {
  const byName = new Map<string, FleetNode>()
  for (const node of nodes) {
    const known = byName.get(node.name)
    if (!known || (!known.isReporting && node.isReporting)) byName.set(node.name, node)
  }
  return [...byName.values()]
}

const HISTORY_SECONDS = 86_400
const HISTORY_STEP = 120

/** Reads the last day of a node, from the first server that knows it. @throws UserError if none answers */
export async function readNodeHistory(
  clients: readonly PrometheusClient[],
  name: string,
  now: number,
): Promise<NodeHistory> {
  const end = Math.floor(now / 1000)
  const [begin, step] = [end - HISTORY_SECONDS, HISTORY_STEP]
  const entries = await Promise.all(
    Object.entries(buildNodeQueries(name)).map(async ([key, expression]) => {
      const answers = await Promise.allSettled(
        clients.map(async client => parseMatrix(await client.queryRange(expression, { begin, end, step }))),
      )
      const known = answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
      const [failure] = answers.filter(answer => answer.status === 'rejected')
      if (known.length === 0) throw failure?.reason
      return [key, known.flat()[0]] as const
    }),
  )
  return { ranges: Object.fromEntries(entries), begin, end }
}
