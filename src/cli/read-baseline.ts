// Reads the report of an earlier run for `--baseline`.
import { readFileSync, statSync } from 'node:fs'
import { getErrorMessage, UserError } from '../base/errors.ts'
import { formatBytes } from '../base/format.ts'
import { MiB } from '../base/units.ts'
import type { BaselineGrowth } from '../loadtest/baseline.ts'
import { parseBaseline } from '../loadtest/report-json.ts'

const MAX_SIZE = 64 * MiB

/** @throws UserError if it cannot be read or is no report of `kmemtop run --json` */
export function readBaseline(path: string): BaselineGrowth {
  return parseBaseline(readText(path), path)
}

function readText(path: string): string {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) throw new UserError('it is no regular file')
    if (stats.size > MAX_SIZE)
      throw new UserError(`it has ${formatBytes(stats.size)}; a report has less than ${formatBytes(MAX_SIZE)}`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(`--baseline ${path}: ${getErrorMessage(error)}`)
  }
}
