// kmemtop replay: play a recording or a saved log on the same screen, or print one frame of it.
import { basename } from 'node:path'
import { Option } from 'commander'
import { parseScreenSize } from '../argument-types.ts'
import {
  type ScreenOptions,
  screenOptions,
  type ThresholdOptions,
  thresholdOptions,
  type WindowOptions,
  windowOptions,
} from '../shared-options.ts'
import { showWhileLoading } from '../terminal/opening-frame.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop replay`. */
export interface ReplayOptions extends ScreenOptions, WindowOptions, ThresholdOptions {
  readonly follow: boolean
  readonly speed?: string
  /** a time, or true for the last frame */
  readonly frame?: string | true
  readonly size?: { readonly columns: number; readonly rows: number }
  readonly view?: string
}

export const replayCommand: CommandDefinition = {
  name: 'replay',
  files: '<file>',
  description: 'play a recording (- for stdin) on the same screen',
  options: [
    ...screenOptions,
    ...windowOptions,
    new Option('--speed <factor>', 'playback speed: 1/8 to 1024'),
    new Option('-f, --follow', 'follow a recording that another process is still writing').default(false),
    new Option('--frame [time]', 'print one frame as text and exit (without a time: the last)'),
    new Option('--size <size>', 'size of that frame (default 120x40)').argParser(parseScreenSize),
    new Option('--view <name>', 'its view: overview, memory, pressure, cgroups, slab, log, oom or alerts'),
    ...thresholdOptions,
  ],
  run: async ([file], options: ReplayOptions) => {
    // a recording that has no sample yet is waited for in the terminal as it is
    const isText = options.frame !== undefined || options.follow || file === '-'
    return showWhileLoading(isText ? undefined : basename(file!), options, async opening =>
      (await import('../recordings/run-replay.ts')).runReplay(file!, options, opening),
    )
  },
}
