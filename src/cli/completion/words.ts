// What can be completed, from the tables of commands and options. The scripts of the shells and the man page are made of it.
import type { Option } from 'commander'
import type { CommandDefinition } from '../commands/command.ts'
import { commands } from '../commands/index.ts'
import { liveCommand } from '../commands/live.ts'

/** An option as a shell needs it. */
export interface OptionWords {
  /** `-o` and `--output` */
  readonly names: readonly string[]
  readonly description: string
  /** what follows it: nothing, a word of a list, a path, or something else */
  readonly value: 'none' | 'choice' | 'path' | 'other'
  readonly choices: readonly string[]
  /** `<file>`; empty if nothing follows */
  readonly argument: string
}

/** A command as a shell needs it; the live screen has no name. */
export interface CommandWords {
  readonly name: string
  readonly description: string
  /** arguments as in the help; empty if it takes none */
  readonly files: string
  readonly options: readonly OptionWords[]
}

const HELP: OptionWords = {
  names: ['-h', '--help'],
  description: 'print this help',
  value: 'none',
  choices: [],
  argument: '',
}
const VERSION: OptionWords = { ...HELP, names: ['-V', '--version'], description: 'print the version' }
const PATH_ARGUMENT = /^[<[](?:file|files|dir|directory|path)/

/** The live screen first, then every command in the order of the help. */
export function listCommandWords(): readonly CommandWords[] {
  const live = describeCommand(liveCommand)
  return [{ ...live, name: '', options: [...live.options, VERSION] }, ...commands.map(describeCommand)]
}

const describeCommand = ({ name, description, files = '', options }: CommandDefinition): CommandWords => ({
  name,
  description,
  files,
  options: [...options.map(describeOption), HELP],
})

function describeOption({ short, long, flags, description, argChoices }: Option): OptionWords {
  const argument = /[<[].*$/.exec(flags)?.[0] ?? ''
  return {
    names: [short, long].filter(name => name !== undefined),
    description,
    value: pickValueKind(argument, argChoices),
    choices: argChoices ?? [],
    argument,
  }
}

function pickValueKind(argument: string, choices: readonly string[] | undefined): OptionWords['value'] {
  if (argument === '') return 'none'
  if (choices) return 'choice'
  return PATH_ARGUMENT.test(argument) ? 'path' : 'other'
}
