// What was read, and as what: each input with its pieces, and the lines that could not be read. Pure.
import { formatCount, formatPlural } from '../../base/format.ts'
import type { LogEvidence } from '../evidence.ts'
import type { InputFile } from '../logs/saved-files.ts'

const MOST_USED = 30
const MOST_UNUSED = 20
const MOST_PIECES = 12
const MOST_UNREAD = 5

/** Lines of all inputs that look like memory trouble and could not be read. */
export const countUnread = ({ inputs }: Pick<LogEvidence, 'inputs'>): number =>
  inputs.reduce((sum, { unread }) => sum + unread.count, 0)

/** The lines that no rule could read; nothing when there are none. */
export function formatUnread(evidence: LogEvidence): readonly string[] {
  const count = countUnread(evidence)
  if (count === 0) return []
  const examples = evidence.inputs.flatMap(({ unread }) => unread.examples)
  return [
    'NOT READ',
    `${formatPlural(count, 'line')} ${count === 1 ? 'looks' : 'look'} like memory trouble but could not be read:`,
    ...examples.slice(0, MOST_UNREAD).map(({ file, line, text }) => `${file}:${line}: ${text.slice(0, 200)}`),
  ]
}

/** Each input: its format, its lines, what was found in it besides a log, and why a part of it was not used. */
export function formatInputs(evidence: LogEvidence): readonly string[] {
  const rankLog = ({ file }: InputFile): number => Number(!evidence.snapshots.some(snapshot => snapshot.file === file))
  const used = evidence.inputs.filter(({ format }) => format !== null).toSorted((a, b) => rankLog(b) - rankLog(a))
  const unused = evidence.inputs.filter(({ format }) => format === null)
  return [
    'INPUTS',
    ...used.slice(0, MOST_USED).map(formatInput),
    ...(used.length > MOST_USED ? [`… and ${formatCount(used.length - MOST_USED)} more, see --json`] : []),
    ...unused.slice(0, MOST_UNUSED).map(({ file, skipped }) => `${file}: not used: ${skipped}`),
    ...(unused.length > MOST_UNUSED
      ? [`… and ${formatCount(unused.length - MOST_UNUSED)} more not used, see --json`]
      : []),
  ]
}

function formatInput({ file, format, records, skipped, untrustedLines, pieces, guessedYear }: InputFile): string {
  const problem = skipped === null ? '' : `; ${skipped}`
  return `${file}: ${format}, ${formatPlural(records, 'line')}${problem}${describeYear(guessedYear)}${formatPieces(pieces)}${describeUntrusted(untrustedLines)}`
}

const describeYear = (guessed: InputFile['guessedYear']): string =>
  guessed === undefined ? '' : `; its times have no year, ${guessed.year} is guessed from ${guessed.from}`

function formatPieces(pieces: InputFile['pieces']): string {
  const texts = pieces.slice(0, MOST_PIECES).map(({ kind, first, last, problem }) => {
    const lines = first === last ? `line ${first}` : `lines ${first} to ${last}`
    return `${kind} (${lines}${problem === null ? '' : `, not read: ${problem}`})`
  })
  const more = pieces.length > MOST_PIECES ? ` and ${pieces.length - MOST_PIECES} more` : ''
  return texts.length === 0 ? '' : `; in it ${texts.join(', ')}${more}`
}

// A program may print what it wants.
function describeUntrusted(lines: number): string {
  if (lines === 0) return ''
  return `; ${formatPlural(lines, 'line')} of it about OOM kills in the name of a program, or of nobody: not the kernel's word, and not counted. If the program only passes the kernel log on, give its text without the prefix (kubectl logs POD | kmemtop analyze -)`
}
