// kmemtop info: what a recording contains.
import { jsonOption, type ThresholdOptions, thresholdOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop info`. */
export interface InfoOptions extends ThresholdOptions {
  readonly json: boolean
}

export const infoCommand: CommandDefinition = {
  name: 'info',
  files: '<file>',
  description: 'show what a recording contains: times, sizes, gaps, losses, alerts',
  options: [jsonOption, ...thresholdOptions],
  run: async ([file], options: InfoOptions) => (await import('../recordings/run-info.ts')).runInfo(file!, options),
}
