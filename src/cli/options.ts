// What can stand on the command line, as types: one for each command.
import type { ThemeName } from '../widgets/pen.ts'

/** Where thresholds come from, besides the config file in its usual place. */
export interface ThresholdOptions {
  readonly config?: string
  /** thresholds, as `slab-growth.criticalHours=12` */
  readonly set?: readonly string[]
}

/** What to sample, and how. */
export interface SamplingOptions extends ThresholdOptions {
  /** milliseconds; undefined: the config file's, else 1 s */
  readonly interval?: number
  readonly iterations?: number
  readonly root: string
  readonly kmsg: 'on' | 'off'
}

/** How the screen is drawn. */
export interface ScreenOptions {
  readonly theme?: ThemeName
  readonly ascii: boolean
  readonly color: boolean
}

/** When to begin a new file, and what to keep. */
export interface RetentionOptions {
  /** milliseconds and bytes after which a new file begins */
  readonly rotate?: number
  readonly rotateSize?: number
  /** older files are deleted: milliseconds, and bytes of all files together */
  readonly retain?: number
  readonly maxSize?: number
}

export interface LiveOptions extends SamplingOptions, ScreenOptions, RetentionOptions {
  readonly batch: boolean
  readonly once: boolean
  readonly json: boolean
  readonly write?: string
  readonly saveOnAlert?: string
}

export interface RecordOptions extends SamplingOptions, RetentionOptions {
  readonly output: string
  readonly for?: number
  readonly quiet: boolean
}

/** A part of a recording: times as the user wrote them. */
export interface WindowOptions {
  readonly begin?: string
  readonly end?: string
}

export interface ReplayOptions extends ScreenOptions, WindowOptions, ThresholdOptions {
  readonly follow: boolean
  readonly speed?: string
  readonly frame?: string | true
  readonly size?: { readonly columns: number; readonly rows: number }
  readonly view?: string
}

export interface CutOptions extends WindowOptions, ThresholdOptions {
  readonly output: string
  readonly alert?: number
  /** milliseconds */
  readonly margin?: number
}

export interface RedactOptions extends ThresholdOptions {
  readonly output: string
  readonly key?: string
}

export interface DumpOptions extends WindowOptions, ThresholdOptions {
  readonly format: 'ndjson' | 'csv' | 'openmetrics'
  readonly fields?: string
  /** milliseconds */
  readonly every?: number
}

/** The second window is of the second recording, or of the same. */
export interface DiffOptions extends WindowOptions {
  readonly beginB?: string
  readonly endB?: string
  readonly json: boolean
}

export interface InfoOptions extends ThresholdOptions {
  readonly json: boolean
}

/** Saved logs, told as a story. */
export interface AnalyzeOptions {
  readonly json: boolean
}

export interface CheckOptions extends SamplingOptions {
  readonly for?: number
  readonly json: boolean
}

interface OptionsByCommand {
  readonly check: CheckOptions
  readonly live: LiveOptions
  readonly record: RecordOptions
  readonly replay: ReplayOptions
  readonly info: InfoOptions
  readonly dump: DumpOptions
  readonly cut: CutOptions
  readonly redact: RedactOptions
  readonly diff: DiffOptions
  readonly analyze: AnalyzeOptions
}

export type CommandName = keyof OptionsByCommand

/** A command with what stands behind it. */
export type CommandLine = {
  [Name in CommandName]: {
    readonly command: Name
    readonly files: readonly string[]
    readonly options: OptionsByCommand[Name]
  }
}[CommandName]
