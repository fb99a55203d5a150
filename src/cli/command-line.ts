// The command line as one value: which command, on which files, with which options. A mistake is a UserError that names
// the word and what was expected.
import { Command, CommanderError } from 'commander'
import { UserError } from '../base/errors.ts'
import { findNearestName } from '../base/nearest-name.ts'
import type { CommandDefinition } from './commands/command.ts'
import { commands } from './commands/index.ts'
import { liveCommand } from './commands/live.ts'

/** A command with its files and options, ready to run. */
export interface CommandLine {
  readonly command: CommandDefinition
  readonly files: readonly string[]
  readonly options: object
}

type Choose = (line: CommandLine) => void

/** Returns the command line as a value; undefined if help or the version was printed. @throws UserError */
export function parseCommandLine(argv: readonly string[], version: string): CommandLine | undefined {
  let chosen: CommandLine | undefined
  const program = buildProgram(version, line => {
    chosen = line
  })
  try {
    program.parse(joinFrameTimes(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new UserError(`${error.message.replace(/^error: /, '')}\nTry kmemtop --help.`)
  }
  if (chosen?.command === liveCommand && chosen.files.length > 0) throw createUnknownCommandError(chosen.files[0]!)
  if (chosen !== undefined && chosen.command !== liveCommand) rejectMisplacedOption(program, chosen.command)
  return chosen
}

function buildProgram(version: string, choose: Choose): Command {
  const program = new Command(liveCommand.name)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .allowExcessArguments(true) // an unknown command gets a suggestion
    .helpCommand('help [command]', 'print the help of a command') // commander adds none where a program has an action
  addDefinition(program, liveCommand, choose)
  for (const definition of commands) {
    const { name, files = '' } = definition
    const command = program.command(`${name} ${files}`.trim()).helpOption('-h, --help', 'print this help')
    addDefinition(command.allowExcessArguments(false), definition, choose)
  }
  return program
}

function addDefinition(command: Command, definition: CommandDefinition, choose: Choose): void {
  command
    .description(definition.description)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  for (const option of definition.options) command.addOption(option)
  rejectMissingValues(command)
  command.action(() => choose({ command: definition, files: command.args, options: command.opts() }))
}

// `run --json -- ./load.sh`: commander takes what follows as the value, and would write a file with the name `--`.
// `record -o "$FILE"`, where FILE is not set, has an empty value.
function rejectMissingValues(command: Command): void {
  const words = new Set(['--', ...command.options.flatMap(({ long, short }) => [long ?? '--', short ?? '--'])])
  for (const option of command.options.filter(({ required, optional }) => required || optional)) {
    command.on(`option:${option.name()}`, (value: string | null) => {
      if (value === null || (value.trim() !== '' && !words.has(value))) return
      const what = words.has(value) ? value : 'an empty one'
      throw new UserError(`option '${option.flags}' needs a value, not ${what}\nTry kmemtop --help.`)
    })
  }
}

// commander keeps options before the command for the live screen: `kmemtop --root /host check` would check another tree.
function rejectMisplacedOption(program: Command, { name }: CommandDefinition): void {
  const misplaced = program.options.find(option => program.getOptionValueSource(option.attributeName()) === 'cli')
  if (misplaced === undefined) return
  const option = misplaced.long ?? misplaced.flags
  throw new UserError(
    `${option} is before the command; put it after: kmemtop ${name} … ${option}\nTry kmemtop ${name} --help.`,
  )
}

// `--frame -10m`: commander does not take a value that begins with a dash for an optional one.
const joinFrameTimes = (argv: readonly string[]): readonly string[] =>
  argv.flatMap((argument, i) => {
    const isTime = (text: string | undefined): boolean => /^-\d[\d.]*[a-z]*$/.test(text ?? '')
    if (argv[i - 1] === '--frame' && isTime(argument)) return []
    return argument === '--frame' && isTime(argv[i + 1]) ? [`--frame=${argv[i + 1]}`] : [argument]
  })

function createUnknownCommandError(word: string): UserError {
  const names = commands.map(({ name }) => name)
  const nearest = /\.kmem$|\//.test(word) ? `replay ${word}` : findNearestName(word, names)
  const suggestion = nearest === undefined ? '' : `; did you mean kmemtop ${nearest}?`
  return new UserError(`unknown command ${JSON.stringify(word)}${suggestion}\nTry kmemtop --help.`)
}
