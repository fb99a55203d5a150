// kmemtop dump: print a recording as numbers.
import { Option } from 'commander'
import { type DumpFormatName, dumpFormats } from '../../export/dump-formats.ts'
import { createDurationParser } from '../argument-types.ts'
import { type ThresholdOptions, thresholdOptions, type WindowOptions, windowOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop dump`. */
export interface DumpOptions extends WindowOptions, ThresholdOptions {
  readonly format: DumpFormatName
  readonly fields?: string
  /** milliseconds */
  readonly every?: number
}

export const dumpCommand: CommandDefinition = {
  name: 'dump',
  files: '<file>',
  description: 'print a recording as numbers',
  options: [
    new Option('--format <name>', 'output format').choices(Object.keys(dumpFormats)).default('ndjson'),
    new Option('--fields <names>', 'print only these, separated by commas: memory.SUnreclaim,cgroup.dying'),
    new Option('--every <time>', 'print one row per time step (default: every sample)').argParser(
      createDurationParser(100, '100ms'),
    ),
    ...windowOptions,
    ...thresholdOptions,
  ],
  run: async ([file], options: DumpOptions) => (await import('../recordings/run-dump.ts')).runDump(file!, options),
}
