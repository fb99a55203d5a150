// What `free` prints, of procps and busybox, in several languages; the lines about memory of atop and of busybox's top. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { GiB, KiB, MiB } from '../../../base/units.ts'
import type { Snapshot } from './snapshots.ts'

type FreeSnapshot = Extract<Snapshot, { readonly kind: 'free' }>

// The head in English, German, French, Spanish, Italian, Portuguese begins with the total; latin1.
// In Russian all of it is in other letters, in Chinese only the names of the rows are.
/** The head of `free`, in several languages. */
export const FREE_BEGIN =
  /^\s+(?:total|gesamt|totale) +(?:used|ben[^ ]+|utilis[^ ]+|usa[^ ]+|us[^ ]+) +\S+(?: |$)|^ +[\x80-\xff]{4,30} +[\x80-\xff]{4,30} +[\x80-\xff]{4,30} /
/** A further line of `free`. */
export const FREE_LINE =
  /^(?:Mem|Mem\.|Speicher|Swap|Total|Low|High|-\/\+ buffers(?:\/cache)?|Comm) ?:|^[A-Z\x80-\xff][^:\d]{2,60}(?::|\xef\xbc\x9a)(?: +[\d.,]+[KMGTB]?i?B?){2,7}\s*$/

const UNITS: Readonly<Record<string, number>> = { B: 1, K: KiB, M: MiB, G: GiB, T: 1024 * GiB }

// 15884       15Gi      15.5G       no unit is printed if an option chose one
function parseSize(word: string | undefined, unit: number): number | undefined {
  const [, digits, letter] = /^([\d.]+)([BKMGT]?)i?B?$/.exec(word?.replace(',', '.') ?? '') ?? []
  if (digits === undefined) return undefined
  return Number(digits) * (letter ? UNITS[letter]! : unit)
}

/**
 * The unit of a table without one: bytes from 16 GB on or of whole pages, KiB, MiB below 4 million, GiB below a thousand. Of a small machine KiB
 * look like MiB of a large one; but they are whole pages, and divide by 4.
 */
function guessUnit(total: number, numbers: readonly number[]): number {
  if (total >= 2 ** 34 || (numbers.length >= 4 && numbers.every(number => number % 4096 === 0))) return 1
  const isPages = numbers.length >= 4 && numbers.every(number => number % 4 === 0)
  if (total >= 4_000_000 || (isPages && total >= 4000)) return KiB
  return total >= 1000 ? MiB : GiB
}

const ENGLISH = /\btotal +used +free\b/
const OLD_COLUMNS = ['total', 'used', 'free', 'shared', 'buffers', 'cached'] as const
const NEW_COLUMNS = ['total', 'used', 'free', 'shared', 'buff/cache', 'available'] as const
const WIDE_COLUMNS = ['total', 'used', 'free', 'shared', 'buffers', 'cache', 'available'] as const

// In another language the number of columns, and the row of buffers, say which these are.
function nameColumns(head: string, cells: number, isOld: boolean): readonly string[] {
  if (ENGLISH.test(head)) return head.trim().split(/\s+/)
  if (isOld) return OLD_COLUMNS
  return cells > NEW_COLUMNS.length ? WIDE_COLUMNS : NEW_COLUMNS
}

const WIDE_COLON = '\xef\xbc\x9a' // ： in latin1

function findRow(lines: readonly string[], name: RegExp): readonly string[] | undefined {
  const line = lines.find(one => name.test(one))
  return line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
}

/** `free`, with any option. @throws ParseError without the row of memory */
export function parseFree(text: string): FreeSnapshot {
  const [head = '', ...lines] = splitLines(text.replaceAll(WIDE_COLON, ':'))
  const memory = findRow(lines, /^(?:Mem|Speicher|[\x80-\xff])/)
  if (memory?.[0] === undefined) throw new ParseError('free', 2, 'Mem: total used free …', text)
  const others = lines.slice(lines.findIndex(line => line.includes(':')) + 1)
  const swap = findRow(others, /^(?!Low|High|Total|Comm|-)\S/)
  const buffers = findRow(lines, /^-\/\+/)
  const columns = nameColumns(head, memory.length, buffers !== undefined)
  const numbers = [...memory, ...(swap ?? [])].map(Number).filter(number => number > 0)
  const unit = guessUnit(Number(memory[0]), numbers)
  const getColumn = (row: readonly string[] | undefined, name: string): number | null => {
    const word = row?.[columns.indexOf(name)]
    return unit === GiB && word === '0' ? null : (parseSize(word, unit) ?? null) // -g rounds down: it may be nearly 1 GiB
  }
  // before 3.3.10: what is free when buffers and the page cache are given back
  const withoutCache = parseSize(buffers?.[1], unit) ?? null
  return {
    kind: 'free',
    total: getColumn(memory, 'total'),
    available: getColumn(memory, 'available') ?? withoutCache,
    free: getColumn(memory, 'free'),
    swapTotal: getColumn(swap, 'total'),
    swapFree: getColumn(swap, 'free'),
  }
}

// Mem: 118900K used, 2500K free, 40K shrd, 100K buff, 3900K cached
/** The line about memory of busybox's `top`, in KiB. */
export const BUSYBOX_TOP = /^Mem: (\d+)K used, (\d+)K free, \d+K shrd, (\d+)K buff, (\d+)K cached/

/** The line of memory of busybox's top. @throws ParseError if it is another line */
export function parseBusyboxTop(text: string): FreeSnapshot {
  const [used, free, buffers, cached] = (BUSYBOX_TOP.exec(text) ?? []).slice(1).map(digits => Number(digits) * KiB)
  if (used === undefined || free === undefined) throw new ParseError('top', 1, 'Mem: 1K used, 1K free, …', text)
  const available = free + (buffers ?? 0) + (cached ?? 0)
  return { kind: 'free', total: used + free, available, free, swapTotal: null, swapFree: null }
}

// MEM | tot    15.6G | free   98.2M | cache 110.1M | dirty   0.4M | buff    1.1M | slab    3.9G |
/** The line about memory of `atop`. */
export const ATOP_BEGIN = /^MEM \| tot +[\d.]+[KMGT] \| free +[\d.]+[KMGT] \|/
/** A line about memory or swap of `atop`. */
export const ATOP_LINE = /^(?:MEM|SWP) \|/

/** The lines MEM and SWP of atop. @throws ParseError without MEM */
export function parseAtop(text: string): FreeSnapshot {
  const lines = splitLines(text)
  const get = (row: string, name: string): number | null => {
    const line = lines.find(one => one.startsWith(row)) ?? ''
    return parseSize(new RegExp(`\\| ${name} +([\\d.]+[KMGT])`).exec(line)?.[1], 1) ?? null
  }
  const free = get('MEM', 'free')
  if (free === null) throw new ParseError('atop', 1, 'MEM | tot … | free … |', text)
  const available = free + (get('MEM', 'cache') ?? 0) + (get('MEM', 'buff') ?? 0)
  return {
    kind: 'free',
    total: get('MEM', 'tot'),
    available,
    free,
    swapTotal: get('SWP', 'tot'),
    swapFree: get('SWP', 'free'),
  }
}
