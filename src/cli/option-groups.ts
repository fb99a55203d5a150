// Groups of options that several commands share: sampling, screen, retention, window, thresholds, output.
import { type Command, Option } from 'commander'
import { themeNames } from '../widgets/pen.ts'
import { createDurationParser, parsePositive, parseSize } from './argument-types.ts'

// Repeatable: each adds one.
const createSetOption = (): Option =>
  new Option('--set <threshold>', 'a threshold, like slab-growth.criticalHours=12 (can be given again)').argParser(
    (text: string, previous: readonly string[] = []) => [...previous, text],
  )

/** Adds options to a command. */
export type OptionGroup = (command: Command) => Command

export const addSamplingOptions: OptionGroup = command =>
  command
    .option('-i, --interval <time>', 'time between two looks (default 1s)', createDurationParser(100, '100ms'))
    .option('-n, --iterations <number>', 'end after so many looks', parsePositive)
    .option('--root <dir>', 'read DIR/proc, DIR/sys, DIR/dev/kmsg (a container’s /host, a saved tree)', '/')
    .addOption(new Option('--kmsg <mode>', 'read the kernel log').choices(['on', 'off']).default('on'))
    .option('--config <file>', 'config file (default ~/.config/kmemtop/config.json, else /etc/kmemtop/config.json)')
    .addOption(createSetOption())

export const addScreenOptions: OptionGroup = command =>
  command
    .addOption(new Option('--theme <name>', 'colours for a dark or a light terminal').choices(themeNames))
    .option('--ascii', 'no signs outside ASCII', false)
    .option('--no-color', 'no colour (also when NO_COLOR is set)')

export const addRetentionOptions: OptionGroup = command =>
  command
    .option('--rotate <time>', 'begin a new file after this long', createDurationParser(1000, '1s'))
    .option('--rotate-size <size>', 'begin a new file at this size', parseSize)
    .option('--retain <time>', 'delete files of this recorder older than this', createDurationParser(1000, '1s'))
    .option('--max-size <size>', 'delete its oldest files when all together are larger', parseSize)

export const addWindowOptions: OptionGroup = command =>
  command
    .option('-B, --begin <time>', 'from: 14:05, 2026-11-23T14:05, +10m after the beginning, -10m before the end, 50%')
    .option('-E, --end <time>', 'until')

export const addThresholdOptions: OptionGroup = command =>
  command.option('--config <file>', 'config file, for thresholds').addOption(createSetOption())
export const addOutputOption: OptionGroup = command =>
  command.requiredOption('-o, --output <file>', 'the file to write')
export const addJsonOption: OptionGroup = command => command.option('--json', 'as JSON', false)
