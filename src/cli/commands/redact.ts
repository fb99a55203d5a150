// kmemtop redact: replace the names in a recording.
import { Option } from 'commander'
import { outputOption, type ThresholdOptions, thresholdOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop redact`. */
export interface RedactOptions extends ThresholdOptions {
  readonly output: string
  readonly key?: string
}

export const redactCommand: CommandDefinition = {
  name: 'redact',
  files: '<file>',
  description: 'replace the names of hosts, pods, cgroups and processes in a recording',
  options: [
    outputOption,
    new Option('--key <text>', 'the same key gives the same names (default: random)'),
    ...thresholdOptions,
  ],
  run: async ([file], options: RedactOptions) =>
    (await import('../recordings/run-redact.ts')).runRedact(file!, options),
}
