// kmemtop report: a recording as one page for those who were not there.
import { Option } from 'commander'
import { type ThresholdOptions, thresholdOptions, type WindowOptions, windowOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Options of `kmemtop report`. */
export interface ReportOptions extends WindowOptions, ThresholdOptions {
  readonly output: string
  readonly title?: string
}

export const reportCommand: CommandDefinition = {
  name: 'report',
  files: '<file>',
  description: 'write a recording as one HTML page (.html) or as Markdown (.md)',
  options: [
    new Option(
      '-o, --output <file>',
      'file to write: report.html, report.md, or - for Markdown on stdout',
    ).makeOptionMandatory(),
    new Option('--title <text>', 'heading of the page'),
    ...windowOptions,
    ...thresholdOptions,
  ],
  run: async ([file], options: ReportOptions) =>
    (await import('../recordings/run-report.ts')).runReport(file!, options),
}
