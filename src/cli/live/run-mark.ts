// Runs `kmemtop mark`: adds a line to the mark file that running kmemtops of this user read.
import { closeSync, constants, mkdirSync, openSync, truncateSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { getErrorCode, getErrorMessage, UserError } from '../../base/errors.ts'
import { KiB } from '../../base/units.ts'
import { tryStat } from '../../recording/try-stat.ts'
import type { MarkOptions } from '../commands/mark.ts'
import { EXIT } from '../exit.ts'
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
    appendLine(path, label)
  } catch (error) {
    const reason = getErrorCode(error) === 'ENXIO' ? 'no program reads it' : getErrorMessage(error)
    throw new UserError(`cannot mark in ${path}: ${reason}`)
  }
  return EXIT.ok
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

// Without O_NONBLOCK the open of a FIFO without a reader takes until there is one.
function appendLine(path: string, line: string): void {
  const file = openSync(path, APPEND | constants.O_NONBLOCK, 0o600)
  try {
    writeSync(file, `${line}\n`)
  } finally {
    closeSync(file)
  }
}
