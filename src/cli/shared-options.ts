// Options that several commands share, and their values: sampling, screen, retention, window, thresholds, output.
import { Option } from 'commander'
import { MAX_INTERVAL } from '../base/bounds.ts'
import { type ThemeName, themeNames } from '../widgets/themes.ts'
import { collectCommands, createDurationParser, parsePositive, parseSize } from './argument-types.ts'

/** Where thresholds come from, besides the config file in its usual place. */
export interface ThresholdOptions {
  readonly config?: string
  /** thresholds, as `slab-growth.criticalHours=12` */
  readonly set?: readonly string[]
}

/** What to sample, and how. */
export interface SamplingOptions extends ThresholdOptions {
  /** milliseconds; undefined: the config file's interval, else 1 s */
  readonly interval?: number
  readonly iterations?: number
  readonly root: string
  /** commands that give a shell on other nodes */
  readonly via?: readonly string[]
  readonly kmsg: 'on' | 'off'
}

/** Where marks come from, besides `m` and `kmemtop mark`. */
export interface MarkFileOptions {
  readonly markFile?: string
}

/** The option of `MarkFileOptions`. */
export const markFileOption = new Option(
  '--mark-file <file>',
  'file or FIFO whose new lines are marks (default: that of kmemtop mark)',
)

/** Application logs that are counted beside memory. */
export interface AppLogOptions {
  /** paths or glob patterns */
  readonly log?: readonly string[]
  readonly logCommand?: string
  readonly logText?: boolean
}

/** The options of `AppLogOptions`. */
export const appLogOptions: readonly Option[] = [
  new Option('--log <path>', 'count lines and errors of this application log; a glob in quotes (repeatable)').argParser(
    (text: string, previous: readonly string[] = []) => [...previous, text],
  ),
  new Option('--log-command <command>', "count the output of this command, like 'kubectl logs -f POD'"),
  new Option('--log-text', 'keep the newest error line of each pattern too, in alerts and recordings'),
]

/** How the screen is drawn. */
export interface ScreenOptions {
  readonly theme?: ThemeName
  readonly ascii: boolean
  readonly color: boolean
  /** changes as lines instead of a screen */
  readonly linear?: boolean
  readonly mouse: boolean
}

/** When to begin a new file, and which files to keep. */
export interface RetentionOptions {
  /** milliseconds and bytes after which a new file begins */
  readonly rotate?: number
  readonly rotateSize?: number
  /** older files are deleted: milliseconds, and bytes of all files together */
  readonly retain?: number
  readonly maxSize?: number
}

/** A part of a recording: times as the user wrote them. */
export interface WindowOptions {
  readonly begin?: string
  readonly end?: string
}

// Repeatable: each adds one threshold.
const setOption = new Option(
  '--set <threshold>',
  'set a threshold, like slab-growth.criticalHours=12 (repeatable)',
).argParser((text: string, previous: readonly string[] = []) => [...previous, text])

// Repeatable: each adds one node.
const viaOption = new Option(
  '--via <command>',
  'sample the node where this command gives a shell: "ssh root@node sh", "kubectl exec -i POD -- sh"',
).argParser(collectCommands)

/** The options of `SamplingOptions`. */
export const samplingOptions: readonly Option[] = [
  new Option('-i, --interval <time>', 'time between two samples (default 1s)').argParser(
    createDurationParser(100, '100ms', MAX_INTERVAL),
  ),
  new Option('-n, --iterations <number>', 'stop after this many samples').argParser(parsePositive),
  new Option('--root <dir>', 'read DIR/proc, DIR/sys, DIR/dev/kmsg (a container’s /host, a saved tree)').default('/'),
  viaOption,
  new Option('--kmsg <mode>', 'read the kernel log').choices(['on', 'off']).default('on'),
  new Option('--config <file>', 'config file (default ~/.config/kmemtop/config.json, else /etc/kmemtop/config.json)'),
  setOption,
]

/** The options of `ScreenOptions`. */
export const screenOptions: readonly Option[] = [
  new Option('--theme <name>', 'colors for a dark or a light terminal').choices(themeNames),
  new Option('--ascii', 'draw with ASCII characters only').default(false),
  new Option('--no-mouse', 'leave the mouse to the terminal, so that it selects text'),
  new Option('--no-color', 'do not use color (also when NO_COLOR is set)'),
  new Option('--linear', 'print changes as lines, redraw nothing: for screen readers (also INK_SCREEN_READER=true)'),
]

/** The options of `RetentionOptions`. */
export const retentionOptions: readonly Option[] = [
  new Option('--rotate <time>', 'start a new file after this time').argParser(createDurationParser(1000, '1s')),
  new Option('--rotate-size <size>', 'start a new file at this size').argParser(parseSize),
  new Option('--retain <time>', 'delete older files of this recorder').argParser(createDurationParser(1000, '1s')),
  new Option('--max-size <size>', 'delete the oldest files of this recorder while all of them are larger').argParser(
    parseSize,
  ),
]

/** The options of `WindowOptions`. */
export const windowOptions: readonly Option[] = [
  new Option(
    '-B, --begin <time>',
    'start of the window: 14:05, 2026-11-23T14:05, +10m after the start, -10m before the end, 50%',
  ),
  new Option('-E, --end <time>', 'end of the window'),
]

/** The options of `ThresholdOptions`. */
export const thresholdOptions: readonly Option[] = [
  new Option('--config <file>', 'config file, for thresholds'),
  setOption,
]

/** `--output` of commands that write one file. */
export const outputOption = new Option('-o, --output <file>', 'file to write').makeOptionMandatory()

/** `--json` of commands that print a text otherwise. */
export const jsonOption = new Option('--json', 'print JSON').default(false)
