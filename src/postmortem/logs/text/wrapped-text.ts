// Which texts are whole kernel lines, and which are pieces of one that a mail program or a narrow terminal wrapped. Pure.
import { parseEvent, parseSlabFailureDetails } from '../../../collectors/kmsg/event-lines.ts'
import { parseOomLine } from '../../../collectors/kmsg/oom/oom-lines.ts'
import { findRelease } from '../boot-tracker.ts'

/** How a kind of long line begins, and how it ends when nothing of it is missing. */
interface LongLine {
  readonly begin: RegExp
  readonly end: RegExp
}

// Only lines that are long enough to be wrapped, and of which a piece could be read as the whole.
const LONG_LINES: readonly LongLine[] = [
  {
    begin: /invoked oom-killer:/,
    end: /: gfp_mask=0x[0-9a-f]+(?:\([\w|]*\))?,(?: ?nodemask=[^ ]*,?)? +order=-?\d+(?:, (?:oom_adj|oomkilladj)=-?\d+)?(?:, oom_score_adj=-?\d+)?$/,
  },
  {
    begin: /\bKilled process \d/,
    end: /\) ?(?:total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB(?:, shmem-rss:\d+kB)?(?:, ?UID:\d+ pgtables:\d+kB oom_score_adj:-?\d+)?)?$|, UID \d+,? .*file-rss:\d+kB(?:, shmem-rss:\d+kB)?$/,
  },
  { begin: /\b[Kk]ill process \d+ /, end: / or sacrifice child$| or a child$/ },
  { begin: /^oom-kill:/, end: /,pid=\d+,uid=\d+$/ },
  { begin: /^\[ *\d+\] +-?\d+ +\d+/, end: /^\[ *\d+\](?: +-?\d+){5,12} \S.*$/ },
  { begin: /^\[ *pid *\]/, end: / name$/ },
  { begin: /^(?:Node \d+ )?\w+ free:\d+/, end: / (?:free_cma:\d+kB|all_unreclaimable\? (?:yes|no))$/ },
  { begin: /^(?:Node \d+ )?\w+: \d+\*\d+kB/, end: /= \d+kB$/ },
  { begin: /^Node \d+ hugepages_total/, end: /hugepages_size=\d+kB$/ },
  { begin: /^(?:memory|memory\+swap|swap|kmem): usage/, end: /, failcnt \d+$/ },
  { begin: /^Memory cgroup stats for /, end: /:(?: [\w()]+:\d+KB)* *$/ },
  { begin: /^CPU: \d+ /, end: / \d+\.\d+\S* #\d+/ },
  {
    begin: /page allocation (?:failure|stalls)/,
    end: /mode:0x[0-9a-f]+(?:\([\w|]*\))?(?:, ?nodemask=\S*)?$/,
  },
  { begin: /^(?:SLUB|SLAB): Unable/, end: /gfp=0x[0-9a-f]+(?:\([\w|]*\))?\)?$/ },
  { begin: /^\s*cache: /, end: /order: \d+$/ },
  { begin: /^oom_reaper: reaped\b/, end: /(?:file|shmem)-rss:\d+kB$/ },
  { begin: /^Tasks in\b/, end: /memory\.oom\.group set$/ },
  { begin: /^Task in\b/, end: / as a result of limit of \S+$/ },
  { begin: /^Kernel panic - not syncing: Out of memory/, end: / enabled(?: \]---)?$|processes?\.{0,3}$/ },
  { begin: /^Linux version/, end: /#\d+\b/ },
]

// The first numbers of a row, where the prefix leaves little room.
const ROW_BEGIN = /^\[ *\d+\](?: +-?\d+)?$/

// What a line cannot end with: the first words of what the kernel prints.
const PHRASES = [
  'Memory cgroup out of memory: Killed process',
  'Memory cgroup out of memory: Kill process',
  'Out of memory: Killed process',
  'Out of memory: Kill process',
  'Killed process',
  'Memory cgroup stats for',
  'SLUB: Unable to allocate memory on node',
  'SLAB: Unable to allocate memory on node',
  'Unreclaimable slab info:',
  'Tasks state (memory values in pages):',
  'Kernel panic - not syncing: Out of memory',
  'oom_reaper: reaped process',
  'Linux version',
]

// How a piece begins that is not the first one of its line.
const MIDDLE =
  /^(?:invoked\b|oom-killer:|gfp_mask=|gfp=|order=|nodemask=|oom_score_adj[=:]|cgroup out|cgroup stats|out of memory|of memory|memory: Kill|process \d|total-vm:|anon-rss:|file-rss:|shmem-rss:|UID:\d|pgtables:\d|page allocation failure|allocation failure|mode:0x|\w+:\d+kB\b|\w+:\d+KB\b|failcnt \d|hugepages_\w+=\d|killed as a result|limit \d|or sacrifice|sacrifice child|score \d|\(\S+\) (?:total-vm|score)|object size:|buffer size:|to allocate memory)/

/** Ends the text of a line of which the rest is not in the file. UTF-8, held as latin1. */
export const CUT = '\xe2\x80\xa6'

/** True when the text is the first part of a kernel line whose rest is missing. */
export function isOpenLine(text: string): boolean {
  if (text.endsWith('…') || text.endsWith(CUT)) return false // the rest is not there
  const kind = LONG_LINES.find(({ begin }) => begin.test(text))
  if (kind) return !kind.end.test(text)
  return (
    text === '' ||
    ROW_BEGIN.test(text) ||
    PHRASES.some(phrase => phrase.startsWith(text)) ||
    /ut of memory[^:]{0,80}:?$/.test(text)
  )
}

/** True when the text, taken by itself, says something that the kernel prints about memory. */
export const isKnownLine = (text: string): boolean =>
  (parseOomLine(text)?.kind ?? 'more') !== 'more' ||
  parseEvent(text) !== undefined ||
  parseSlabFailureDetails(text) !== undefined ||
  findRelease(text) !== null

/** True when the text is a known line, and nothing is missing at its end. */
export const isWholeLine = (text: string): boolean => isKnownLine(text) && !isOpenLine(text)

const TASK_ROW = /^\[ *\d+\](?: +-?\d+){5,12} (\S.*)$/
const MAX_COMM = 15

/** True when the text may be the end of the name of a process, which was broken at a blank in it. */
export function isEndOfName(row: string, text: string): boolean {
  const comm = TASK_ROW.exec(row)?.[1]
  return comm !== undefined && /^\S/.test(text) && comm.length + 1 + text.length <= MAX_COMM
}

/** True when the text can only be the rest of a line. */
export const isMiddle = (text: string): boolean => MIDDLE.test(text)
