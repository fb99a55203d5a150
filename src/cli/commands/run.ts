// kmemtop run: watch a load test and judge whether its memory came back.

import { InvalidArgumentError, Option } from 'commander'
import { getErrorMessage } from '../../base/errors.ts'
import { defaultGates, type Gate } from '../../loadtest/gates.ts'
import { createDurationParser, parseCount, parsePositive, parseSize } from '../argument-types.ts'
import {
  type AppLogOptions,
  appLogOptions,
  type MarkFileOptions,
  markFileOption,
  type SamplingOptions,
  type ScreenOptions,
  samplingOptions,
  screenOptions,
} from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop run`. */
export interface RunOptions extends SamplingOptions, MarkFileOptions, AppLogOptions, ScreenOptions {
  /** the live screen while the command runs */
  readonly tui: boolean
  /** lines of the command that are marks */
  readonly markPattern?: RegExp
  /** recording to write */
  readonly output?: string
  /** milliseconds */
  readonly settle: number
  readonly control: number
  readonly repeat: number
  readonly warmup: number
  readonly failOn: readonly Gate[]
  /** report of an earlier run */
  readonly baseline?: string
  /** cgroups under test */
  readonly cgroup: readonly string[]
  /** bytes per iteration of kernel memory that are no leak */
  readonly tolerance?: number
  /** files; `-` is stdout */
  readonly json?: string
  readonly junit?: string
  readonly markdown?: string
  readonly quiet: boolean
}

const GATE_FORMAT =
  'expected oom, leak, growth=SIZE or pressure=PERCENT, separated by commas, like oom,growth=200M,pressure=5%.'

/** Parses `oom,leak,growth=200M,pressure=5%`. @throws InvalidArgumentError */
export function parseGates(text: string): readonly Gate[] {
  return text.split(',').map(word => {
    const [kind, value] = word.trim().split('=')
    if ((kind === 'oom' || kind === 'leak') && value === undefined) return { kind }
    if (kind === 'growth' && value !== undefined) return { kind, limit: parseSize(value) }
    const percent = kind === 'pressure' ? /^(\d+(?:\.\d+)?)%$/.exec(value ?? '')?.[1] : undefined
    if (percent === undefined) throw new InvalidArgumentError(GATE_FORMAT)
    return { kind: 'pressure', limit: Number(percent) / 100 }
  })
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw new InvalidArgumentError(`expected a regular expression: ${getErrorMessage(error)}.`)
  }
}

const collect = (text: string, previous: readonly string[]): readonly string[] => [...previous, text]

export const runCommand: CommandDefinition = {
  name: 'run',
  files: '<command...>',
  description:
    'watch a load test (after --) and judge whether memory came back: exit 0 returned, 1 leaks, 2 cannot tell',
  options: [
    ...samplingOptions.filter(({ long }) => long !== '--iterations'),
    markFileOption,
    ...appLogOptions,
    new Option('--mark-pattern <regex>', 'mark each line of the command that matches').argParser(parsePattern),
    new Option('-o, --output <file>', 'record the run'),
    new Option('--settle <time>', 'time for memory to come back after each execution, at most')
      .default(60_000, '60s')
      .argParser(createDurationParser(1000, '1s')),
    new Option('--control <time>', 'time to sample before the first execution, without load')
      .default(30_000, '30s')
      .argParser(createDurationParser(1000, '1s')),
    new Option('--repeat <number>', 'execute the command this many times').default(1).argParser(parsePositive),
    new Option('--warmup <number>', 'executions that are not judged').default(0).argParser(parseCount),
    new Option('--fail-on <gates>', 'what fails the run: oom, leak, growth=SIZE, pressure=PERCENT')
      .default(defaultGates, 'oom,leak')
      .argParser(parseGates),
    new Option('--baseline <file>', 'fail if memory grows faster than in this earlier run (its --json)'),
    new Option('--cgroup <path>', 'judge this cgroup and those below it too (repeatable)')
      .default([], 'none')
      .argParser(collect),
    new Option(
      '--tolerance <size>',
      'growth of kernel memory per execution that is no leak (default: none; up to 2M may hide in noise)',
    ).argParser(parseSize),
    new Option('--json <file>', 'write the report as JSON (- is stdout)'),
    new Option('--junit <file>', 'write the report as JUnit XML'),
    new Option('--markdown <file>', 'write the report as Markdown'),
    new Option('--tui', "show the live screen while the command runs, with the command's output in it").default(false),
    ...screenOptions,
    new Option('-q, --quiet', 'do not print the phases').default(false),
  ],
  run: async (command, options: RunOptions) => (await import('../load/run-loadtest.ts')).runLoadTest(command, options),
}
