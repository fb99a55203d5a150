// Detects what a saved text is from its first characters: a log (and its year), a kernel file, or neither. Pure.

import { findLargest } from '../../base/extremes.ts'
import { TERMINAL_ESCAPES } from '../../base/text.ts'
import { DAY } from '../../base/units.ts'
import { KERNEL_LOG_LINE } from '../../collectors/kmsg/memory-lines.ts'
import { parseLogLine } from './lines/log-prefix.ts'
import { createMultilineParser } from './lines/multiline-formats.ts'
import { parseWrapped } from './lines/strip-prefix.ts'
import { parseSlabListing, type Snapshot } from './pieces/snapshots.ts'
import { isProgramWord } from './program-words.ts'
import type { GuessedYear } from './saved-files.ts'

/** Number of characters that are used. */
export const HEAD_SIZE = 64 * 1024

/** `log`, how to read a snapshot, or why it is neither. */
export function detectFormat(head: string): 'log' | { readonly read: (text: string) => Snapshot } | string {
  if (head.trim() === '') return 'empty'
  if (/^\{"kmemtop":\d/.test(head))
    return 'a recording of kmemtop: kmemtop check FILE lists its alerts, kmemtop replay FILE plays it'
  if (isSlabListing(head)) return { read: parseSlabListing }
  if (head.startsWith('LPKSHHRH')) return 'a binary journal: give it as text, journalctl --file=… -k -o export'
  if (isLog(head)) return 'log'
  return isBinary(head) ? 'binary data' : 'no log and no text of the kernel that is known'
}

const SLAB_NAME = /^(?:[dl][rwx-]{9}.* )?(?::[\w-]{0,8}-?\d{7}|[\w.:-]+(?:\(\d+:[^)]*\))?)(?: -> \S+)?$/
const TYPICAL_SLAB_NAME = /(?:^|\s)(?:kmalloc-\d+k?|:[\w-]{0,8}\d{7}|dentry|[\w.-]+\(\d+:[^)]*\))(?: -> .*)?$/m

// A listing has only names; a single line that could be a name is not one.
function isSlabListing(head: string): boolean {
  if (!TYPICAL_SLAB_NAME.test(head)) return false
  const lines = head
    .replaceAll('\r', '')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('total '))
  const names = (head.length < HEAD_SIZE ? lines : lines.slice(0, -1)).map(line => SLAB_NAME.test(line))
  return names.length > 2 && names.filter(Boolean).length > 0.95 * names.length
}

// One line with a known prefix is enough; without prefixes, a line of the kernel.
function isLog(head: string): boolean {
  const lines = head.slice(0, HEAD_SIZE).split('\n', 400)
  const isLine = (line: string): boolean =>
    parseLogLine(line, 1970) !== undefined || parseWrapped(line, 1970) !== undefined
  if (lines.some(line => isLine(line.replace(TERMINAL_ESCAPES, '').replace(/^(?:\0|\xef\xbb\xbf)+/, '')))) return true
  if (lines.some(line => createMultilineParser(line) !== undefined || JSON_LINE.test(line))) return true
  return !isBinary(head) && (KERNEL_LOG_LINE.test(head) || lines.some(isProgramWord))
}

const JSON_LINE = /^(?:\x1e|data: )?\{.*"(?:MESSAGE|log|msg|message)"/

function isBinary(head: string): boolean {
  let odd = 0
  for (let i = 0; i < Math.min(head.length, 4096); i++) {
    const code = head.charCodeAt(i)
    if (code < 9 || (code > 13 && code < 27) || code === 127) odd++
  }
  return odd > Math.min(head.length, 4096) / 20 // of random bytes it is a twelfth
}

// What `date` prints, and the stamps of other texts in the file.
const DATES =
  /^\S{2,5} \S{3,5} [ \d]\d \d\d:\d\d:\d\d (?:[AP]M )?[A-Z]{2,5} (\d{4})$|\b(20\d\d)-\d\d-\d\d[ T]\d\d:\d\d:\d\d/gm

/**
 * Returns the year for timestamps without one: that of the latest date in the text, else that of the file's last change, or the
 * year before if they would be later than that.
 */
export const guessYear = (head: string, modifiedAt: number): number =>
  findDatedYear(head, modifiedAt) ?? guessFromFile(head, modifiedAt)

/** Says where the year of the stamps is from; undefined if they have their own, or there are none. */
export function describeGuessedYear(head: string, modifiedAt: number): GuessedYear | undefined {
  const isYearless = head.split('\n', YEAR_LINES).some(line => {
    const [one, other] = [2000, 2004].map(year => (parseLogLine(line, year) ?? parseWrapped(line, year))?.wall)
    return one != null && one !== other
  })
  if (!isYearless) return undefined
  const dated = findDatedYear(head, modifiedAt)
  return dated === null
    ? { year: guessFromFile(head, modifiedAt), from: 'the last change of the file' }
    : { year: dated, from: 'a date in the text' }
}

const YEAR_LINES = 200

function findDatedYear(head: string, modifiedAt: number): number | null {
  const latest = new Date(modifiedAt + DAY).getFullYear()
  const years = Array.from(head.matchAll(DATES), match => Number(match[1] ?? match[2])).filter(one => one <= latest)
  const known = findLargest(years, Number.NEGATIVE_INFINITY)
  return years.length > 0 && known < latest ? known : null
}

function guessFromFile(head: string, modifiedAt: number): number {
  const year = new Date(modifiedAt).getFullYear()
  for (const line of head.split('\n', 50)) {
    const wall = parseLogLine(line, year)?.wall
    if (wall != null) return wall > modifiedAt + DAY ? year - 1 : year
  }
  return year
}
