// Runs `kmemtop fleet`: the list of all nodes, or its JSON, or a verdict for scripts.
import { UserError } from '../../base/errors.ts'
import { formatCount, formatPlural } from '../../base/format.ts'
import { toJson } from '../../base/json.ts'
import { escapeControls } from '../../base/text.ts'
import { countKills, type Fleet, type FleetNode } from '../../fleet/fleet.ts'
import { findPatterns } from '../../fleet/patterns.ts'
import type { FleetOptions } from '../commands/fleet.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { loadConfig } from '../live/start-sampling.ts'
import { logToStderr } from '../stderr.ts'
import { buildPen } from '../terminal/pen.ts'
import { runFleetScreen } from './fleet-screen.ts'
import { createPrometheusClient } from './prometheus-client.ts'
import { readFleet } from './read-fleet.ts'

/** Shows the fleet until the user quits, or prints it once. @throws UserError */
export async function runFleet(options: FleetOptions): Promise<number> {
  if (options.groupBy !== undefined && !/^[a-zA-Z_]\w*$/.test(options.groupBy))
    throw new UserError('--group-by: expected the name of a label, like pool')
  const clients = options.prometheus.map(url => createPrometheusClient(url, options))
  if (!options.json && !options.check && process.stdout.isTTY)
    return runFleetScreen(clients, options, buildPen(options, loadConfig(undefined).config))
  exitWhenOutputCloses()
  const { fleet, problems } = await readFleet(clients, options)
  if (problems.length > 0) logToStderr(...problems)
  if (options.check) return printVerdict(fleet, problems)
  process.stdout.write(`${toJson({ ...toFleetJson(fleet, options.groupBy), problems }, 2)}\n`)
  return EXIT.ok
}

function toFleetJson(fleet: Fleet, groupBy: string | undefined): object {
  return {
    patterns: findPatterns(fleet, groupBy),
    nodes: fleet.nodes.map(
      ({
        timeLeft = null,
        growth = null,
        available = null,
        kernel = null,
        cgroupVersion = null,
        group = null,
        ...node
      }) => ({
        ...node,
        kernel,
        cgroupVersion,
        group,
        timeLeftMs: timeLeft,
        growthPerHour: growth,
        availableShare: available,
      }),
    ),
  }
}

/** One line, as monitoring plugins print it. A fleet of no node is not fine. */
function printVerdict({ nodes }: Fleet, problems: readonly string[]): number {
  const critical = nodes.filter(({ alerts }) => alerts[0]?.severity === 'critical')
  const silent = nodes.filter(({ isReporting }) => !isReporting).length
  process.stdout.write(`${escapeControls(describeVerdict(nodes, critical, { silent, problems }))}\n`)
  if (critical.length > 0) return EXIT.findings
  return nodes.length === 0 || silent > 0 || problems.length > 0 ? EXIT.unknown : EXIT.ok
}

function describeVerdict(
  nodes: readonly FleetNode[],
  critical: readonly FleetNode[],
  { silent, problems }: { readonly silent: number; readonly problems: readonly string[] },
): string {
  const [worst] = critical
  const away =
    problems.length === 0
      ? ''
      : `, incomplete: ${problems.length === 1 ? problems[0] : formatPlural(problems.length, 'problem')}`
  const missing = `${silent === 0 ? '' : `, ${formatCount(silent)} without data`}${away}`
  if (worst) {
    const kills = countKills(worst)
    const what = worst.alerts.map(({ detector }) => detector).join(', ')
    const killed = kills === 0 ? '' : `, ${formatPlural(kills, 'kill')} in the last hour`
    return `critical: ${formatCount(critical.length)} of ${formatPlural(nodes.length, 'node')}${missing}; worst ${worst.name}: ${what}${killed}`
  }
  if (nodes.length === 0) return 'unknown: Prometheus knows no node of kmemtop'
  return missing !== ''
    ? `unknown: ${formatPlural(nodes.length, 'node')}${missing}`
    : `ok: ${formatPlural(nodes.length, 'node')}`
}
