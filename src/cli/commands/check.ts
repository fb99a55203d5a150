// kmemtop check: a diagnosis for scripts.
import { Option } from 'commander'
import { createDurationParser } from '../argument-types.ts'
import { jsonOption, type SamplingOptions, samplingOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop check`. */
export interface CheckOptions extends SamplingOptions {
  /** milliseconds */
  readonly for?: number
  readonly json: boolean
  /** only the first line */
  readonly brief: boolean
}

export const checkCommand: CommandDefinition = {
  name: 'check',
  files: '[file]',
  description: 'diagnose this node or a recording for scripts: exit 0 ok, 1 problem, 2 unknown',
  options: [
    ...samplingOptions,
    new Option('--for <time>', 'sample for this time, to see trends (default: one sample)').argParser(
      createDurationParser(1000, '1s'),
    ),
    jsonOption,
    new Option('--brief', 'print only the first line, of at most 80 bytes, as node-problem-detector takes it').default(
      false,
    ),
  ],
  run: async ([file], options: CheckOptions) => (await import('../run-check.ts')).runCheck(file, options),
}
