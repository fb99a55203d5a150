// Prefixes of no known format: found by the kernel's own words behind them, then known by their shape. Pure.

import { isKnownLine, isMiddle, isOpenLine } from '../text/wrapped-text.ts'
import { type LogLine, toKernelLine, toProgramLine } from './log-line.ts'
import { parseLogLine } from './log-prefix.ts'
import { parseTimestamp } from './timestamp.ts'

/** A prefix that was seen, and who speaks behind it: null is the kernel, or nobody else is named. */
interface Shape {
  readonly pattern: RegExp
  readonly program: string | null
  readonly isQuoted: boolean
}

const MAX_SHAPES = 8
const MAX_PREFIX = 300

const QUICK =
  /oom|ut of memory|Killed process|Mem-[Ii]nfo|emory cgroup|Tasks state|Unable to allocate|page alloc|usage \d/
// Words with which a kernel message about memory begins.
const CERTAIN_WORDS =
  /(?:Memory cgroup o|O)ut of memory(?: \([\w ]{1,40}\))?: |Killed process \d+[ ,]|oom-kill:constraint=|oom_reaper: reaped process|Mem-[Ii]nfo:|Memory cgroup stats for |Tasks state \(memory|SL[AU]B: Unable to allocate|Kernel panic - not syncing|memory: usage \d+kB|Unreclaimable slab info/
// … or with the name of a process.
const PROCESS_WORDS =
  /(?<=[\s|"'])[^\s|"']{1,64} invoked oom-killer: gfp|(?<=[\s|"'])[^\s|"']{1,64}: page allocation failure/
const KERNEL_WORDS = new RegExp(`${CERTAIN_WORDS.source}|${PROCESS_WORDS.source}`)

const KERNEL_STAMP = /^.{0,250}\[ {0,8}\d{1,10}\.\d{6}\] /

/** Learns prefixes from the lines of one file. */
export class LoosePrefixes {
  private shapes: readonly Shape[] = []

  /** True for a line behind a prefix that was seen before. */
  hasSeen(line: string): boolean {
    return this.shapes.some(({ pattern }) => pattern.test(line))
  }

  /** The message of a line behind a prefix that was seen before, if it is the kernel's; undefined otherwise. */
  parseSeen(line: string, year: number): LogLine | undefined {
    if (!this.shapes.some(({ pattern, program }) => program === null && pattern.test(line))) return undefined
    const parsed = this.parse(line, year)
    return parsed && !NAMED.test(parsed.text) && isKnownLine(parsed.text) ? parsed : undefined
  }

  /** The message of a line that no format fits; undefined when there is nothing of the kernel in it. */
  parse(line: string, year: number): LogLine | undefined {
    const known = this.shapes.find(({ pattern }) => pattern.test(line))
    const shape = known ?? this.learn(line, KERNEL_WORDS)
    if (!shape) return undefined
    const length = shape.pattern.exec(line)?.[0].length ?? 0
    const text = shape.isQuoted ? cutCell(line.slice(0, length), line.slice(length)) : line.slice(length)
    const before = line.slice(0, length)
    const prefix = { format: 'other prefix', wall: findWallClock(before, year), ...findHostCell(before) }
    return shape.program === null ? toKernelLine(text, prefix) : toProgramLine(text, shape.program, '', prefix)
  }

  /** Learns a prefix from a line whose kernel words cannot be a part of it: the name of a process may hold blanks. */
  learnCertain(line: string, previous: string): void {
    if (!CERTAIN_WORDS.test(line) || this.hasSeen(line)) return
    if (isOpenLine(parseLogLine(previous, 1970)?.text ?? 'no text')) return // the rest of a wrapped line
    const known = parseLogLine(line, 1970)
    if (!known || isNameless(known)) this.learn(line, CERTAIN_WORDS)
  }

  private learn(line: string, words: RegExp): Shape | undefined {
    if (!QUICK.test(line) || isMiddle(line) || this.shapes.length >= MAX_SHAPES) return undefined
    const found = words.exec(line)?.index ?? 0
    const at = KERNEL_STAMP.exec(line.slice(0, found))?.[0].length ?? found // the name of a process may hold blanks
    const prefix = line.slice(0, at)
    if (at > MAX_PREFIX || !PREFIX_END.test(prefix) || /[{}]|" ?: ?"/.test(prefix)) return undefined // JSON: another form
    const shape = {
      pattern: toPattern(prefix),
      program: findProgram(prefix),
      isQuoted: /[|"']|\t/.test(prefix),
    }
    this.shapes = [...this.shapes, shape]
    return shape
  }
}

// The message may not be the last column of a table. In CSV a quote is doubled, and one alone ends the cell.
function cutCell(prefix: string, rest: string): string {
  const isCsv = /(?:^|[,;\t])"[^"]*$/.test(prefix)
  const quoted = isCsv ? /^((?:[^"]|"")*)"(?:[,;\t]|\s*$)/.exec(rest) : null
  const cell = quoted ? quoted[1]!.replaceAll('""', '"') : rest
  const column = prefix.includes('\t') ? /\t/ : /\s\|(?:\s|$)/
  return (quoted ? cell : cell.split(column, 1)[0]!).replace(/["'|,;\s]{1,20}$/, '')
}

// app: Killed process …      what a program says, after all
const NAMED = /^[\w./@-]+(?:\[\d+\])?: .*(?:[Kk]ill|[Oo]ut of memory|oom)/
// A process's name may hold blanks: what does not end like a prefix, or has no time in it, is none.
const PREFIX_END = /[:|>\]"',;\t]\s*$|\d\d:\d\d/
const LEVELS =
  /^(?:emerg(?:ency)?|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|debug|kern(?:el)?|[VDIWEF])$/i
const MONTHS_AND_DAYS = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/

// Numbers, names of months and levels differ from line to line; all else is the same.
function toPattern(prefix: string): RegExp {
  const tokens = prefix.match(/[0-9a-f-]{8,}|\d+|[A-Za-z]+|\s+|./g) ?? []
  return new RegExp(`^${tokens.map(toTokenPattern).join('')}`)
}

function toTokenPattern(token: string): string {
  if (/^\d+$/.test(token)) return '\\d+'
  if (/^[0-9a-f-]{8,}$/.test(token) && /\d/.test(token)) return '[0-9a-f-]+'
  if (/^\s+$/.test(token)) return '\\s+'
  if (MONTHS_AND_DAYS.test(token)) return '[A-Z][a-z][a-z]'
  if (LEVELS.test(token)) return '[A-Za-z]+'
  return token.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

// agent-1  | time="…" level=warning msg="kernel: text         what a container of docker compose prints
const COMPOSE = /^([\w.-]{1,64}) +\| [^|]*\bmsg="/

// Cgroup memory limit exceeded: text         words of a sentence
const SENTENCE = /^[A-Z]?[a-z]+ [a-z]+(?: [a-z]+){0,5}:\s*$/

// app[12]: text        app: text        anything with `kernel` in it is the kernel's
function findProgram(prefix: string): string | null {
  const container = COMPOSE.exec(prefix)
  if (container) return container[1]!
  const facility = /\b(?:user|daemon|auth\w{0,4}|local\d|cron|mail|syslog)\.[a-z]+\b/.exec(prefix)
  if (facility) return facility[0]
  if (/\bkern(?:el)?\b/i.test(prefix)) return null
  const name = /([A-Za-z][\w./@-]*)(?:\[\d+\])?:\s*$/.exec(prefix)?.[1]
  if (name !== undefined && SENTENCE.test(prefix)) return '' // nobody's name
  return name === undefined || LEVELS.test(name) ? null : name
}

// 2026-11-23T10:00:00Z,node-7,"kernel:         of a table the one cell that is a name
function findHostCell(prefix: string): { readonly host?: string } {
  const cells = prefix.split(/[,;|\t"]+/).map(cell => cell.trim())
  const names = cells.filter(cell => HOST_CELL.test(cell) && !LEVELS.test(cell) && !MONTHS_AND_DAYS.test(cell))
  return cells.length > 2 && names.length === 1 ? { host: names[0]! } : {}
}

const HOST_CELL = /^[A-Za-z][\w.-]{0,252}$|^\d{1,3}(?:\.\d{1,3}){3}$/

function findWallClock(prefix: string, year: number): number | null {
  const begin = prefix.search(/\d/)
  return begin < 0 ? null : (parseTimestamp(`${prefix.slice(begin).replace(/["'|,;\t]/g, ' ')} `, year)?.wall ?? null)
}

/** True for a message behind a stamp and without a name, or the kernel's own stamp: where its text begins is not known. */
export const isNameless = ({ facility, level, program, format }: LogLine): boolean =>
  facility !== 0 && level === null && program === null && format !== 'json lines'

/** The mark at the end of each line that was cut, and the length of such a line in bytes. */
export interface CutMark {
  readonly mark: string
  readonly width: number
}

/** What must be known of a text before its first line is read. */
export interface TextLayout {
  /** characters after which every line was broken, also in the middle of a word; null: at blanks only */
  readonly hardWidth: number | null
  /** prefixes of no known format */
  readonly prefixes: LoosePrefixes
  /** what stands behind each line: a blank of whoever wrote it, or the $ of `cat -A` */
  readonly endMark: ' ' | '$' | null
  /** null: the lines are whole */
  readonly cutMark: CutMark | null
  /** lines were put together before: the numbers of lines have gaps, but no line is left out */
  readonly isJoined: boolean
}

/** Of lines as they were logged. */
export const createPlainLayout = (): TextLayout => ({
  hardWidth: null,
  prefixes: new LoosePrefixes(),
  endMark: null,
  cutMark: null,
  isJoined: false,
})
