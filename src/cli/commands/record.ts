// kmemtop record: record this node without a screen.
import { Option } from 'commander'
import { createDurationParser } from '../argument-types.ts'
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
import { type MetricsOptions, metricsOptions } from '../web/metrics-options.ts'
import type { CommandDefinition } from './command.ts'

interface RecordOptions
  extends SamplingOptions,
    RetentionOptions,
    MarkFileOptions,
    AppLogOptions,
    HookOptions,
    OtlpOptions,
    MetricsOptions {
  readonly output: string
  /** milliseconds */
  readonly for?: number
  readonly quiet: boolean
}

export const recordCommand: CommandDefinition = {
  name: 'record',
  description: 'record this node without a screen',
  options: [
    ...samplingOptions,
    markFileOption,
    ...appLogOptions,
    new Option(
      '-o, --output <file>',
      'file to write, or directory for files named by their start time',
    ).makeOptionMandatory(),
    ...retentionOptions,
    new Option('--for <time>', 'stop after this time').argParser(createDurationParser(1000, '1s')),
    ...hookOptions,
    ...metricsOptions,
    ...otlpOptions,
    new Option('-q, --quiet', 'print only problems').default(false),
  ],
  run: async (_files, options: RecordOptions) => (await import('../agent/run-agent.ts')).runAgent(options),
}
