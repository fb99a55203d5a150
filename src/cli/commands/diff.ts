// kmemtop diff: what grew between two recordings, two windows, or the start and the end of one.
import { Option } from 'commander'
import type { MarkWindow } from '../recordings/mark-window.ts'
import { jsonOption, type WindowOptions, windowOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** The second window is in the second recording, or in the same. */
export interface DiffOptions extends WindowOptions, MarkWindow {
  readonly beginB?: string
  readonly endB?: string
  readonly json: boolean
}

export const diffCommand: CommandDefinition = {
  name: 'diff',
  files: '<file> [other]',
  description: 'show what grew between two recordings, or from the start to the end of one',
  options: [
    ...windowOptions,
    new Option('--begin-b <time>', 'start of the second window, in the second recording or the same'),
    new Option('--end-b <time>', 'end of the second window'),
    new Option('--from <mark>', 'what grew since this mark (its label, or a part of it) or time'),
    new Option('--to <mark>', 'what grew until this mark or time'),
    jsonOption,
  ],
  run: async (files, options: DiffOptions) => (await import('../recordings/run-diff.ts')).runDiff(files, options),
}
