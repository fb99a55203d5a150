// The patterns of --log, bounded before they are expanded: `{a,b}` thirty times would be a thousand million paths.
import { glob } from 'node:fs/promises'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { formatCount } from '../../base/format.ts'

const MAX_LENGTH = 4096 // characters: that of a path
const MAX_PATHS = 1000 // that the braces of one pattern may name
const MAX_LETTERS = 100 // in a range like {a..z}
const MAX_ENTRIES = 50_000 // files and folders that one search goes through, about a second of CPU

/**
 * Finds the files of a pattern while other work goes on.
 * @throws UserError for a pattern that is too long, has too many alternatives, or goes through too many files and folders
 */
export async function findLogFiles(pattern: string): Promise<readonly string[]> {
  const name = `--log ${pattern.slice(0, 200)}`
  if (pattern.length > MAX_LENGTH) throw new UserError(`${name}…: expected at most ${MAX_LENGTH} characters`)
  if (countAlternatives(pattern) > MAX_PATHS)
    throw new UserError(`${name}: its braces stand for more than ${MAX_PATHS} paths; use * or several --log`)
  let entries = 0
  try {
    const paths: string[] = []
    for await (const path of glob(pattern, { exclude: () => ++entries > MAX_ENTRIES })) paths.push(path)
    if (entries <= MAX_ENTRIES) return paths
  } catch (error) {
    throw new UserError(`${name}: ${getErrorMessage(error)}`)
  }
  throw new UserError(`${name}: goes through more than ${formatCount(MAX_ENTRIES)} files; name a smaller folder`)
}

const INNERMOST = /\{[^{}]*\}/g

// At least as many as the braces give; from the innermost to the outermost.
function countAlternatives(pattern: string): number {
  let count = 1
  for (let rest = pattern, next = ''; ; rest = next) {
    next = rest.replaceAll(INNERMOST, group => {
      count *= countGroup(group)
      return ''
    })
    if (next === rest || count > MAX_PATHS) return count
  }
}

function countGroup(group: string): number {
  const range = /^\{(-?\d+)\.\.(-?\d+)/.exec(group)
  if (range) return Math.abs(Number(range[2]) - Number(range[1])) + 1
  return group.includes('..') ? MAX_LETTERS : group.split(',').length
}
