// kmemtop cut: save a part of a recording as a small file of its own.
import { Option } from 'commander'
import { createDurationParser, parsePositive } from '../argument-types.ts'
import {
  outputOption,
  type ThresholdOptions,
  thresholdOptions,
  type WindowOptions,
  windowOptions,
} from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop cut`. */
export interface CutOptions extends WindowOptions, ThresholdOptions {
  readonly output: string
  readonly alert?: number
  /** milliseconds */
  readonly margin?: number
}

export const cutCommand: CommandDefinition = {
  name: 'cut',
  files: '<file>',
  description: 'save a part of a recording as a small file of its own',
  options: [
    outputOption,
    ...windowOptions,
    new Option('--alert <number>', 'cut around this alert of `kmemtop info`').argParser(parsePositive),
    new Option('--margin <time>', 'time to keep before and after the alert (default 5m)').argParser(
      createDurationParser(0, '0s'),
    ),
    ...thresholdOptions,
  ],
  run: async ([file], options: CutOptions) => (await import('../recordings/run-cut.ts')).runCut(file!, options),
}
