// Reads the report of an earlier run for `--baseline`.
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { MiB } from '../../base/units.ts'
import type { BaselineGrowth } from '../../loadtest/baseline.ts'
import { parseBaseline } from '../../loadtest/report-json.ts'
import { readSmallFile } from '../read-small-file.ts'

const MAX_SIZE = 64 * MiB

/** @throws UserError if it cannot be read or is no report of `kmemtop run --json` */
export function readBaseline(path: string): BaselineGrowth {
  return parseBaseline(readText(path), path)
}

function readText(path: string): string {
  try {
    return readSmallFile(path, MAX_SIZE).toString('utf8')
  } catch (error) {
    throw new UserError(`--baseline ${path}: ${getErrorMessage(error)}`)
  }
}
