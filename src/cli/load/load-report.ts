// The outputs of `kmemtop run`: text on stderr, the files that were asked for, and the exit code.
import { closeSync, openSync } from 'node:fs'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import type { RunReport } from '../../loadtest/report.ts'
import { toReportJson } from '../../loadtest/report-json.ts'
import { formatJunit, formatMarkdown } from '../../loadtest/report-markup.ts'
import { formatReport } from '../../loadtest/report-text.ts'
import { tryStat } from '../../recording/try-stat.ts'
import type { RunOptions } from '../commands/run.ts'
import { EXIT } from '../exit.ts'
import { writeStderr } from '../stderr.ts'
import { writeOutput } from '../write-output.ts'

type ReportFiles = Pick<RunOptions, 'json' | 'junit' | 'markdown'>

/** Opens each file before anything runs: an hour of load must not end with a report that cannot be written. @throws UserError */
export function checkReportFiles({ json, junit, markdown }: ReportFiles): void {
  for (const path of [json, junit, markdown]) {
    if (path === undefined || path === '-' || isSpecialFile(path)) continue
    try {
      closeSync(openSync(path, 'a'))
    } catch (error) {
      throw new UserError(`cannot write ${path}: ${getErrorMessage(error)}`)
    }
  }
}

// Opening a FIFO waits for its reader, a device may start something.
function isSpecialFile(path: string): boolean {
  const stats = tryStat(path)
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

/** Writes all outputs. The text goes to stderr: stdout has the command's own output. @throws UserError */
export async function writeReport(report: RunReport, { json, junit, markdown }: ReportFiles): Promise<void> {
  writeStderr(`\n${formatReport(report)}`)
  if (json !== undefined) await writeOutput(json, `${toJson(toReportJson(report), 2)}\n`)
  if (junit !== undefined) await writeOutput(junit, formatJunit(report))
  if (markdown !== undefined) await writeOutput(markdown, formatMarkdown(report))
}

/** The command's own exit code if it failed, else that of gates and verdict. */
export function pickExitCode({ commandExitCode, verdict, gates }: RunReport): number {
  if (commandExitCode !== 0) return commandExitCode
  if (gates.some(({ failed }) => failed === true)) return EXIT.findings
  const isUnknown = gates.some(({ failed }) => failed === null) || verdict.outcome === 'cannot tell'
  return isUnknown ? EXIT.unknown : EXIT.ok
}
