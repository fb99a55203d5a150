// kmemtop completion: scripts for shells, and the man page.
import packageJson from '../../../package.json' with { type: 'json' }
import { UserError } from '../../base/errors.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import type { CommandDefinition } from './command.ts'

/** What can be printed, and how. Loaded when asked for: it needs the table of commands. */
const FORMATS: Readonly<Record<string, () => Promise<string>>> = {
  bash: async () => (await import('../completion/bash.ts')).formatBashCompletion(),
  zsh: async () => (await import('../completion/zsh.ts')).formatZshCompletion(),
  fish: async () => (await import('../completion/fish.ts')).formatFishCompletion(),
  man: async () => (await import('../completion/man-page.ts')).formatManPage(packageJson.version),
}

export const completionCommand: CommandDefinition = {
  name: 'completion',
  files: '<shell>',
  description: `print the completion script of a shell (bash, zsh, fish), or the man page (man)`,
  options: [],
  run: async ([shell = '']) => {
    exitWhenOutputCloses()
    const format = Object.hasOwn(FORMATS, shell) ? FORMATS[shell] : undefined
    if (!format)
      throw new UserError(
        `completion: expected one of ${Object.keys(FORMATS).join(', ')}, not ${JSON.stringify(shell)}`,
      )
    process.stdout.write(await format())
    return EXIT.ok
  },
}
