// kmemtop fleet: all nodes of a Prometheus on one screen.
import { Option } from 'commander'
import { collectHeaders, createDurationParser } from '../argument-types.ts'
import { jsonOption, type ScreenOptions, screenOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop fleet`. */
export interface FleetOptions extends ScreenOptions {
  readonly prometheus: readonly string[]
  readonly tokenFile?: string
  /** by name, of each request */
  readonly header?: Readonly<Record<string, string>>
  readonly job: string
  /** a label */
  readonly groupBy?: string
  /** a shell command with `{node}` */
  readonly viaTemplate?: string
  /** milliseconds */
  readonly refresh: number
  readonly json: boolean
  readonly check: boolean
}

export const fleetCommand: CommandDefinition = {
  name: 'fleet',
  description: 'show all nodes that a Prometheus scrapes from kmemtop serve, worst first',
  options: [
    new Option('--prometheus <url>', 'a Prometheus, Thanos, Mimir or VictoriaMetrics (repeatable)')
      .argParser((text: string, previous: readonly string[] = []) => [...previous, text])
      .makeOptionMandatory(),
    new Option('--token-file <file>', 'file with a bearer token for it'),
    new Option(
      '--header <header>',
      "header of each request, as for a tenant: 'X-Scope-OrgID: shop' (repeatable)",
    ).argParser(collectHeaders),
    new Option('--job <name>', 'the job of these targets in Prometheus').default('kmemtop'),
    new Option('--group-by <label>', 'find what the nodes with the same value of this label share, like pool'),
    new Option('--via-template <command>', "command that gives a shell on a node, to open it live: 'ssh {node} sh'"),
    new Option('--refresh <time>', 'time between two refreshes')
      .default(15_000, '15s')
      .argParser(createDurationParser(1000, '1s')),
    jsonOption,
    new Option('--check', 'print one line: exit 0 ok, 1 a node is critical, 2 unknown').default(false),
    ...screenOptions,
  ],
  run: async (_files, options: FleetOptions) => (await import('../fleet/run-fleet.ts')).runFleet(options),
}
