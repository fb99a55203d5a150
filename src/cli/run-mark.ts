// Runs `kmemtop mark`: adds a line to the mark file that running kmemtops of this user read.
import { appendFileSync, mkdirSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { getErrorMessage, UserError } from '../base/errors.ts'
import { KiB } from '../base/units.ts'
import { tryStat } from '../recording/try-stat.ts'
import type { MarkOptions } from './commands/mark.ts'
import { EXIT } from './exit.ts'
import { getDefaultMarkFile } from './mark-file.ts'

const MAX_SIZE = 64 * KiB

/** @throws UserError if the file cannot be written */
export function runMark(words: readonly string[], options: MarkOptions): number {
  const label = words.join(' ').replace(/\s+/g, ' ').trim()
  if (label === '') throw new UserError('a mark needs a label, like kmemtop mark "500 requests per second"')
  const path = options.markFile ?? getDefaultMarkFile(process.env, process.getuid?.() ?? 0)
  try {
    if (options.markFile === undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const stats = tryStat(path)
    if (stats?.isFile() && stats.size > MAX_SIZE) truncateSync(path)
    appendFileSync(path, `${label}\n`, { mode: 0o600 })
  } catch (error) {
    throw new UserError(`cannot mark in ${path}: ${getErrorMessage(error)}`)
  }
  return EXIT.ok
}
