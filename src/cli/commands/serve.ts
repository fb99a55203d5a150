// kmemtop serve: metrics of this node for Prometheus.

import { type OtlpOptions, otlpOptions } from '../otlp/otlp-options.ts'
import { type SamplingOptions, samplingOptions } from '../shared-options.ts'
import { type ListenOptions, listenOptions } from '../web/listen-options.ts'
import { type MetricsOptions, metricsOptions } from '../web/metrics-options.ts'
import type { CommandDefinition } from './command.ts'

type ServeOptions = SamplingOptions & ListenOptions & MetricsOptions & OtlpOptions

export const serveCommand: CommandDefinition = {
  name: 'serve',
  description: 'serve metrics of this node to Prometheus (OpenMetrics)',
  options: [...samplingOptions, ...listenOptions, ...metricsOptions, ...otlpOptions],
  run: async (_files, options: ServeOptions) =>
    (await import('../agent/run-agent.ts')).runAgent({ ...options, quiet: true }),
}
