// kmemtop without a command: the live screen of this node, or text without a terminal.
import { Option } from 'commander'
import {
  type AppLogOptions,
  appLogOptions,
  type MarkFileOptions,
  markFileOption,
  type RetentionOptions,
  retentionOptions,
  type SamplingOptions,
  type ScreenOptions,
  samplingOptions,
  screenOptions,
} from '../shared-options.ts'
import { showWhileLoading } from '../terminal/opening-frame.ts'
import type { CommandDefinition } from './command.ts'

/** What the command line says of a live session. */
export interface LiveOptions extends SamplingOptions, ScreenOptions, RetentionOptions, MarkFileOptions, AppLogOptions {
  readonly batch: boolean
  readonly once: boolean
  readonly json: boolean
  readonly write?: string
  readonly saveOnAlert?: string
  readonly title: boolean
  readonly bell?: boolean
  readonly notify?: boolean
  readonly remember: boolean
}

/** The program itself: what runs when no command is named. */
export const liveCommand: CommandDefinition = {
  name: 'kmemtop',
  description: 'Live monitor of Linux kernel memory on this node: who uses it, what grows, who was killed.',
  options: [
    ...samplingOptions,
    markFileOption,
    ...appLogOptions,
    new Option('-b, --batch', 'print text instead of the screen (also when stdout is not a terminal)').default(false),
    new Option('-1, --once', 'print one sample, as text or --json, then exit').default(false),
    new Option('--json', 'print one JSON object per sample instead of text').default(false),
    new Option('-w, --write <file>', 'record this session into a file, or into a directory'),
    new Option(
      '--save-on-alert <dir>',
      'on a critical alert record into DIR: the 15 minutes before it and what follows',
    ),
    ...retentionOptions,
    ...screenOptions,
    new Option('--no-title', 'leave the title of the terminal as it is'),
    new Option('--bell', 'ring the bell on a critical alert'),
    new Option('--notify', 'send a notification to the desktop on a critical alert (OSC 9, OSC 777)'),
    new Option('--no-remember', 'do not keep alerts and acknowledgements for the next start'),
  ],
  run: async (_files, options: LiveOptions) => {
    // a shell on another node may ask for a password
    const isText = options.batch || options.once || options.json || options.via !== undefined
    return showWhileLoading(isText ? undefined : 'kernel memory', options, async opening =>
      (await import('../live/run-live.ts')).runLive(options, opening),
    )
  },
}
