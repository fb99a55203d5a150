// kmemtop agent: record, serve and announce in one process, for a service.
import { Option } from 'commander'
import { type HookOptions, hookOptions } from '../hooks/hook-options.ts'
import { type OtlpOptions, otlpOptions } from '../otlp/otlp-options.ts'
import {
  type AppLogOptions,
  appLogOptions,
  type MarkFileOptions,
  markFileOption,
  type RetentionOptions,
  retentionOptions,
  type SamplingOptions,
  samplingOptions,
} from '../shared-options.ts'
import { type ListenOptions, listenOptions } from '../web/listen-options.ts'
import { type MetricsOptions, metricsOptions } from '../web/metrics-options.ts'
import type { CommandDefinition } from './command.ts'

/** Everything that can be done beside sampling. Without `output` nothing is recorded, without `listen` nothing is served. */
export interface AgentOptions
  extends SamplingOptions,
    RetentionOptions,
    MarkFileOptions,
    AppLogOptions,
    HookOptions,
    MetricsOptions,
    OtlpOptions,
    Partial<ListenOptions> {
  readonly output?: string
  /** milliseconds */
  readonly for?: number
  readonly quiet: boolean
}

// A service is started before its directory was made: a name without a slash at its end is one too, unless it is that of a recording.
const toDirectory = (path: string): string => (/\/$|\.kmem$/.test(path) ? path : `${path}/`)

export const agentCommand: CommandDefinition = {
  name: 'agent',
  description: 'record, serve metrics and announce alerts in one process, as a service does',
  options: [
    ...samplingOptions,
    markFileOption,
    ...appLogOptions,
    new Option('-o, --output <directory>', 'record into files in this directory').argParser(toDirectory),
    ...retentionOptions,
    ...listenOptions,
    ...hookOptions,
    ...metricsOptions,
    ...otlpOptions,
    new Option('-q, --quiet', 'print only problems').default(false),
  ],
  run: async (_files, options: AgentOptions) => (await import('../agent/run-agent.ts')).runAgent(options),
}
