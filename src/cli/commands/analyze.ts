// kmemtop analyze: a report from saved logs and kernel files of a node.
import { jsonOption } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop analyze`. */
export interface AnalyzeOptions {
  readonly json: boolean
}

export const analyzeCommand: CommandDefinition = {
  name: 'analyze',
  files: '<files...>',
  description:
    'report on saved logs and kernel files of a node (dmesg, journal, syslog, slabinfo …; folders, tarballs, - for stdin)',
  options: [jsonOption],
  run: async (files, options: AnalyzeOptions) => (await import('../run-analyze.ts')).runAnalyze(files, options),
}
