// The options that push metrics over OTLP, to an OpenTelemetry collector or what takes the same.
import { Option } from 'commander'
import { createDurationParser } from '../argument-types.ts'

/** Where to push, and how often. */
export interface OtlpOptions {
  readonly otlp?: string
  readonly otlpTokenFile?: string
  /** milliseconds */
  readonly otlpInterval: number
}

const DEFAULT_INTERVAL = 60_000

/** The options of `OtlpOptions`. */
export const otlpOptions: readonly Option[] = [
  new Option('--otlp <url>', 'push metrics over OTLP/HTTP to this receiver, like http://collector:4318'),
  new Option('--otlp-token-file <file>', 'file with the bearer token for --otlp'),
  new Option('--otlp-interval <time>', 'time between two pushes')
    .default(DEFAULT_INTERVAL, '1m')
    .argParser(createDurationParser(1000, '1s')),
]
