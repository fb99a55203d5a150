// The command line, as one value: which command, on what, with which options. Wrong words are UserErrors that name the
// thing and what was expected. Adding a command is an entry in `grammar` and one in main's table.
import { Command, CommanderError, Option } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UserError } from '../base/errors.ts'
import { themeNames } from '../widgets/pen.ts'
import type { CommandLine, CommandName } from './options.ts'
import { lengthOfTime, positive, screenSize, sizeInBytes } from './words.ts'

// Repeatable: each adds one.
const setting = (): Option =>
  new Option('--set <threshold>', 'a threshold, like slab-growth.criticalHours=12 (can be given again)').argParser(
    (text: string, before: readonly string[] = []) => [...before, text],
  )

type Add = (command: Command) => Command

const sampling: Add = command =>
  command
    .option('-i, --interval <time>', 'time between two looks (default 1s)', lengthOfTime(100, '100ms'))
    .option('-n, --iterations <number>', 'end after so many looks', positive)
    .option('--root <dir>', 'read DIR/proc, DIR/sys, DIR/dev/kmsg (a container’s /host, a saved tree)', '/')
    .addOption(new Option('--kmsg <mode>', 'read the kernel log').choices(['on', 'off']).default('on'))
    .option('--config <file>', 'config file (default ~/.config/kmemtop/config.json, else /etc/kmemtop/config.json)')
    .addOption(setting())

const screen: Add = command =>
  command
    .addOption(new Option('--theme <name>', 'colours for a dark or a light terminal').choices(themeNames))
    .option('--ascii', 'no signs outside ASCII', false)
    .option('--no-color', 'no colour (also when NO_COLOR is set)')

const keeping: Add = command =>
  command
    .option('--rotate <time>', 'begin a new file after this long', lengthOfTime(1000, '1s'))
    .option('--rotate-size <size>', 'begin a new file at this size', sizeInBytes)
    .option('--retain <time>', 'delete files of this recorder older than this', lengthOfTime(1000, '1s'))
    .option('--max-size <size>', 'delete its oldest files when all together are larger', sizeInBytes)

const window: Add = command =>
  command
    .option('-B, --begin <time>', 'from: 14:05, 2026-11-23T14:05, +10m after the beginning, -10m before the end, 50%')
    .option('-E, --end <time>', 'until')

const thresholds: Add = command => command.option('--config <file>', 'config file, for thresholds').addOption(setting())
const output: Add = command => command.requiredOption('-o, --output <file>', 'the file to write')
const json: Add = command => command.option('--json', 'as JSON', false)

interface Grammar {
  /** as commander writes arguments: `<file>`, `[files...]` */
  readonly files: string
  readonly words: string
  readonly options: readonly Add[]
}

const grammar: Readonly<Record<Exclude<CommandName, 'live'>, Grammar>> = {
  record: {
    files: '',
    words: 'record this node without a screen',
    options: [
      sampling,
      c =>
        c.requiredOption('-o, --output <file>', 'the file to write, or a directory for files with their time as name'),
      keeping,
      c => c.option('--for <time>', 'end after this long', lengthOfTime(1000, '1s')),
      c => c.option('-q, --quiet', 'say nothing but problems', false),
    ],
  },
  replay: {
    files: '<file>',
    words: 'play a recording (- is stdin) on the same screen',
    options: [
      screen,
      window,
      c => c.option('--speed <factor>', 'how fast: 1/8 to 1024'),
      c => c.option('-f, --follow', 'go on with what another process is still writing', false),
      c => c.option('--frame [time]', 'print one frame as text and end (without a time: the last)'),
      c => c.option('--size <size>', 'size of that frame (default 120x40)', screenSize),
      c => c.option('--view <name>', 'its view: overview, memory, pressure, cgroups, slab, log, oom or alerts'),
      thresholds,
    ],
  },
  info: {
    files: '<file>',
    words: 'what is inside a recording: times, sizes, gaps, losses, alerts',
    options: [json, thresholds],
  },
  dump: {
    files: '<file>',
    words: 'a recording as numbers',
    options: [
      c =>
        c.addOption(new Option('--format <name>', 'how').choices(['ndjson', 'csv', 'openmetrics']).default('ndjson')),
      c => c.option('--fields <names>', 'only these, with commas: memory.SUnreclaim,cgroup.dying'),
      c => c.option('--every <time>', 'a row for each so long (default: each look)', lengthOfTime(100, '100ms')),
      window,
      thresholds,
    ],
  },
  cut: {
    files: '<file>',
    words: 'a part of a recording as a small file of its own',
    options: [
      output,
      window,
      c => c.option('--alert <number>', 'around this alert of `kmemtop info`', positive),
      c => c.option('--margin <time>', 'this long before and after the alert (default 5m)', lengthOfTime(0, '0s')),
      thresholds,
    ],
  },
  redact: {
    files: '<file>',
    words: 'the recording with other names for hosts, pods, cgroups and processes',
    options: [output, c => c.option('--key <text>', 'the same key gives the same names (default: random)'), thresholds],
  },
  diff: {
    files: '<file> [other]',
    words: 'what grew between two recordings, or from the beginning to the end of one',
    options: [
      window,
      c => c.option('--begin-b <time>', 'the second window, in the second recording or the same'),
      c => c.option('--end-b <time>', 'its end'),
      json,
    ],
  },
  check: {
    files: '[file]',
    words: 'diagnosis for scripts, of this node or of a recording: exit 0 fine, 1 a problem, 2 cannot tell',
    options: [
      sampling,
      c => c.option('--for <time>', 'look this long, to see trends (default: one look)', lengthOfTime(1000, '1s')),
      json,
    ],
  },
  analyze: {
    files: '<files...>',
    words:
      'what saved logs and kernel files of a node tell (dmesg, journal, syslog, slabinfo …; folders, tarballs, - is stdin)',
    options: [json],
  },
}

function program(version: string, choose: (name: string, words: readonly string[], options: object) => void): Command {
  const quiet = (command: Command): Command => command.exitOverride().configureOutput({ writeErr: () => {} })
  const root = quiet(new Command('kmemtop'))
    .description('Linux kernel memory on this node, live: where it is, what grows, who was killed.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .allowExcessArguments(true)
    .helpCommand('help [command]', 'the words of a command') // not there by itself where a program has an action
  sampling(root)
    .option('-b, --batch', 'plain text instead of the screen (also when the output is no terminal)', false)
    .option('-1, --once', 'one look, as text or --json, then end', false)
    .option('--json', 'one JSON value a look instead of text', false)
    .option('-w, --write <file>', 'record what is seen into this file, or into a directory')
    .option(
      '--save-on-alert <dir>',
      'when a critical alert fires, record into DIR: 15 minutes before, and what follows',
    )
  screen(keeping(root)).action((options: object, command: Command) => choose('live', command.args, options))
  for (const [name, { files, words, options }] of Object.entries(grammar)) {
    const command = quiet(root.command(`${name} ${files}`.trim()))
      .description(words)
      .allowExcessArguments(false)
    for (const add of options) add(command)
    command.action((...given: unknown[]) => choose(name, command.args, given.at(-2) as object))
  }
  return root
}

/** The command line as a value; undefined when help or the version was printed. @throws UserError */
export function commandLine(argv: readonly string[], version: string): CommandLine | undefined {
  let chosen: CommandLine | undefined
  const root = program(version, (command, files, options) => {
    chosen = { command, files, options } as unknown as CommandLine // commander's table made it, `grammar` names its types
  })
  try {
    root.parse(withFrameTimes(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new UserError(`${error.message.replace(/^error: /, '')}\nTry kmemtop --help.`)
  }
  if (chosen?.command === 'live' && chosen.files.length > 0) throw unknown(chosen.files[0]!)
  if (chosen !== undefined && chosen.command !== 'live') refuseEarly(root, chosen.command)
  return chosen
}

// `kmemtop --root /host check`: commander keeps what stands before the command for the live screen, and check would look at another tree.
function refuseEarly(root: Command, command: CommandName): void {
  const early = root.options.find(option => root.getOptionValueSource(option.attributeName()) === 'cli')
  if (early === undefined) return
  const name = early.long ?? early.flags
  throw new UserError(
    `${name} stands before the command; put it behind: kmemtop ${command} … ${name}\nTry kmemtop ${command} --help.`,
  )
}

// `--frame -10m`: a value that may be left out is no option to commander when it begins with a dash.
const withFrameTimes = (argv: readonly string[]): readonly string[] =>
  argv.flatMap((word, i) => {
    const isTime = (text: string | undefined): boolean => /^-\d[\d.]*[a-z]*$/.test(text ?? '')
    if (argv[i - 1] === '--frame' && isTime(word)) return []
    return word === '--frame' && isTime(argv[i + 1]) ? [`--frame=${argv[i + 1]}`] : [word]
  })

function unknown(word: string): UserError {
  const near = closest(word, Object.keys(grammar))
  const file = /\.kmem$|\//.test(word) ? `kmemtop replay ${word}` : `kmemtop ${near}`
  return new UserError(`there is no command ${JSON.stringify(word)}; did you mean ${file}?\nTry kmemtop --help.`)
}
