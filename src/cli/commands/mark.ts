// kmemtop mark: a label for the running recordings, from another shell or a script.
import { type MarkFileOptions, markFileOption } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop mark`. */
export type MarkOptions = MarkFileOptions

export const markCommand: CommandDefinition = {
  name: 'mark',
  files: '<label...>',
  description: 'mark this moment in every running kmemtop of this user',
  options: [markFileOption],
  run: async (words, options: MarkOptions) => (await import('../live/run-mark.ts')).runMark(words, options),
}
