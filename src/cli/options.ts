// The command line, as one value. Wrong words are UserErrors that name the thing and what was expected.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../base/errors.ts'
import { type ThemeName, themeNames } from '../widgets/pen.ts'

export interface Options {
  /** milliseconds; undefined: the config file's, else 1 s */
  readonly interval?: number
  readonly iterations?: number
  readonly batch: boolean
  readonly json: boolean
  readonly root: string
  readonly kmsg: boolean
  readonly config?: string
  readonly theme?: ThemeName
  readonly ascii: boolean
  readonly color: boolean
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const LEAST_INTERVAL = 100

/** `2`, `500ms`, `1.5s`, `5m` to milliseconds. @throws InvalidArgumentError */
function milliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  const value = match ? Number(match[1]) * UNITS[(match[2] ?? 's') as keyof typeof UNITS] : Number.NaN
  if (!(value >= LEAST_INTERVAL))
    throw new InvalidArgumentError('expected a time of at least 100ms, like 1s, 500ms or 5m.')
  return value
}

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0.')
  return Number(text)
}

function program(version: string): Command {
  return new Command('kmemtop')
    .description('Linux kernel memory on this node, live: where it is, what grows, who was killed.')
    .version(version, '-V, --version')
    .option('-i, --interval <time>', 'time between two looks (default 1s)', milliseconds)
    .option('-n, --iterations <number>', 'end after so many looks', positive)
    .option('-b, --batch', 'plain text instead of the screen (also when the output is no terminal)', false)
    .option('-1, --once', 'one look, as text or --json, then end', false)
    .option('--json', 'one JSON value a look instead of text', false)
    .option('--root <dir>', 'read DIR/proc, DIR/sys, DIR/dev/kmsg (a container’s /host, a saved tree)', '/')
    .addOption(new Option('--kmsg <mode>', 'read the kernel log').choices(['on', 'off']).default('on'))
    .option('--config <file>', 'config file (default ~/.config/kmemtop/config.json, else /etc/kmemtop/config.json)')
    .addOption(new Option('--theme <name>', 'colours for a dark or a light terminal').choices(themeNames))
    .option('--ascii', 'no signs outside ASCII', false)
    .option('--no-color', 'no colour (also when NO_COLOR is set)')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
}

interface Parsed extends Omit<Options, 'kmsg' | 'batch' | 'json'> {
  readonly kmsg: 'on' | 'off'
  readonly batch: boolean
  readonly once: boolean
  readonly json: boolean
}

/** The options of a command line; undefined when help or the version was printed. @throws UserError */
export function parseOptions(argv: readonly string[], version: string): Options | undefined {
  const command = program(version)
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new UserError(`${error.message.replace(/^error: /, '')}\nTry kmemtop --help.`)
  }
  const { kmsg, once, batch, json, ...rest } = command.opts<Parsed>()
  return { ...rest, ...(once ? { iterations: 1 } : {}), kmsg: kmsg === 'on', batch: batch || once || json, json }
}
