// The command line, as one value: which command, on what, with which options. Wrong words are UserErrors that name the
// thing and what was expected.
import { Command, CommanderError, Option } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UserError } from '../base/errors.ts'
import { createDurationParser, parsePositive, parseScreenSize } from './argument-types.ts'
import {
  addJsonOption,
  addOutputOption,
  addRetentionOptions,
  addSamplingOptions,
  addScreenOptions,
  addThresholdOptions,
  addWindowOptions,
  type OptionGroup,
} from './option-groups.ts'
import type { CommandLine, CommandName } from './options.ts'

interface CommandDefinition {
  /** as commander writes arguments: `<file>`, `[files...]` */
  readonly files: string
  readonly description: string
  readonly options: readonly OptionGroup[]
}

const commandDefinitions: Readonly<Record<Exclude<CommandName, 'live'>, CommandDefinition>> = {
  record: {
    files: '',
    description: 'record this node without a screen',
    options: [
      addSamplingOptions,
      c =>
        c.requiredOption('-o, --output <file>', 'the file to write, or a directory for files with their time as name'),
      addRetentionOptions,
      c => c.option('--for <time>', 'end after this long', createDurationParser(1000, '1s')),
      c => c.option('-q, --quiet', 'say nothing but problems', false),
    ],
  },
  replay: {
    files: '<file>',
    description: 'play a recording (- is stdin) on the same screen',
    options: [
      addScreenOptions,
      addWindowOptions,
      c => c.option('--speed <factor>', 'how fast: 1/8 to 1024'),
      c => c.option('-f, --follow', 'go on with what another process is still writing', false),
      c => c.option('--frame [time]', 'print one frame as text and end (without a time: the last)'),
      c => c.option('--size <size>', 'size of that frame (default 120x40)', parseScreenSize),
      c => c.option('--view <name>', 'its view: overview, memory, pressure, cgroups, slab, log, oom or alerts'),
      addThresholdOptions,
    ],
  },
  info: {
    files: '<file>',
    description: 'what is inside a recording: times, sizes, gaps, losses, alerts',
    options: [addJsonOption, addThresholdOptions],
  },
  dump: {
    files: '<file>',
    description: 'a recording as numbers',
    options: [
      c =>
        c.addOption(new Option('--format <name>', 'how').choices(['ndjson', 'csv', 'openmetrics']).default('ndjson')),
      c => c.option('--fields <names>', 'only these, with commas: memory.SUnreclaim,cgroup.dying'),
      c =>
        c.option('--every <time>', 'a row for each so long (default: each look)', createDurationParser(100, '100ms')),
      addWindowOptions,
      addThresholdOptions,
    ],
  },
  cut: {
    files: '<file>',
    description: 'a part of a recording as a small file of its own',
    options: [
      addOutputOption,
      addWindowOptions,
      c => c.option('--alert <number>', 'around this alert of `kmemtop info`', parsePositive),
      c =>
        c.option('--margin <time>', 'this long before and after the alert (default 5m)', createDurationParser(0, '0s')),
      addThresholdOptions,
    ],
  },
  redact: {
    files: '<file>',
    description: 'the recording with other names for hosts, pods, cgroups and processes',
    options: [
      addOutputOption,
      c => c.option('--key <text>', 'the same key gives the same names (default: random)'),
      addThresholdOptions,
    ],
  },
  diff: {
    files: '<file> [other]',
    description: 'what grew between two recordings, or from the beginning to the end of one',
    options: [
      addWindowOptions,
      c => c.option('--begin-b <time>', 'the second window, in the second recording or the same'),
      c => c.option('--end-b <time>', 'its end'),
      addJsonOption,
    ],
  },
  check: {
    files: '[file]',
    description: 'diagnosis for scripts, of this node or of a recording: exit 0 fine, 1 a problem, 2 cannot tell',
    options: [
      addSamplingOptions,
      c =>
        c.option('--for <time>', 'look this long, to see trends (default: one look)', createDurationParser(1000, '1s')),
      addJsonOption,
    ],
  },
  analyze: {
    files: '<files...>',
    description:
      'what saved logs and kernel files of a node tell (dmesg, journal, syslog, slabinfo …; folders, tarballs, - is stdin)',
    options: [addJsonOption],
  },
}

function buildProgram(
  version: string,
  onChoose: (name: string, words: readonly string[], options: object) => void,
): Command {
  const muteErrors = (command: Command): Command => command.exitOverride().configureOutput({ writeErr: () => {} })
  const root = muteErrors(new Command('kmemtop'))
    .description('Linux kernel memory on this node, live: where it is, what grows, who was killed.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .allowExcessArguments(true)
    .helpCommand('help [command]', 'the words of a command') // not there by itself where a program has an action
  addSamplingOptions(root)
    .option('-b, --batch', 'plain text instead of the screen (also when the output is no terminal)', false)
    .option('-1, --once', 'one look, as text or --json, then end', false)
    .option('--json', 'one JSON value a look instead of text', false)
    .option('-w, --write <file>', 'record what is seen into this file, or into a directory')
    .option(
      '--save-on-alert <dir>',
      'when a critical alert fires, record into DIR: 15 minutes before, and what follows',
    )
  addScreenOptions(addRetentionOptions(root)).action((options: object, command: Command) =>
    onChoose('live', command.args, options),
  )
  for (const [name, { files, description, options }] of Object.entries(commandDefinitions)) {
    const command = muteErrors(root.command(`${name} ${files}`.trim()))
      .description(description)
      .allowExcessArguments(false)
    for (const add of options) add(command)
    command.action((...given: unknown[]) => onChoose(name, command.args, given.at(-2) as object))
  }
  return root
}

/** The command line as a value; undefined when help or the version was printed. @throws UserError */
export function parseCommandLine(argv: readonly string[], version: string): CommandLine | undefined {
  let chosen: CommandLine | undefined
  const root = buildProgram(version, (command, files, options) => {
    chosen = { command, files, options } as unknown as CommandLine // commander's table made it, `grammar` names its types
  })
  try {
    root.parse(joinFrameTimes(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new UserError(`${error.message.replace(/^error: /, '')}\nTry kmemtop --help.`)
  }
  if (chosen?.command === 'live' && chosen.files.length > 0) throw createUnknownCommandError(chosen.files[0]!)
  if (chosen !== undefined && chosen.command !== 'live') rejectMisplacedOption(root, chosen.command)
  return chosen
}

// `kmemtop --root /host check`: commander keeps what stands before the command for the live screen, and check would look at another tree.
function rejectMisplacedOption(root: Command, command: CommandName): void {
  const misplaced = root.options.find(option => root.getOptionValueSource(option.attributeName()) === 'cli')
  if (misplaced === undefined) return
  const name = misplaced.long ?? misplaced.flags
  throw new UserError(
    `${name} stands before the command; put it behind: kmemtop ${command} … ${name}\nTry kmemtop ${command} --help.`,
  )
}

// `--frame -10m`: a value that may be left out is no option to commander when it begins with a dash.
const joinFrameTimes = (argv: readonly string[]): readonly string[] =>
  argv.flatMap((argument, i) => {
    const isTime = (text: string | undefined): boolean => /^-\d[\d.]*[a-z]*$/.test(text ?? '')
    if (argv[i - 1] === '--frame' && isTime(argument)) return []
    return argument === '--frame' && isTime(argv[i + 1]) ? [`--frame=${argv[i + 1]}`] : [argument]
  })

function createUnknownCommandError(name: string): UserError {
  const nearest = closest(name, Object.keys(commandDefinitions))
  const file = /\.kmem$|\//.test(name) ? `kmemtop replay ${name}` : `kmemtop ${nearest}`
  return new UserError(`there is no command ${JSON.stringify(name)}; did you mean ${file}?\nTry kmemtop --help.`)
}
