// The lines about memory above the table of `top`, in any language. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { GiB, KiB, MiB } from '../../../base/units.ts'
import { addKnown } from './sar-reports.ts'
import type { Snapshot } from './snapshots.ts'

type FreeSnapshot = Extract<Snapshot, { readonly kind: 'free' }>

// MiB Mem :  15886.4 total,    112.2 free,  15210.9 used,    563.3 buff/cache         Mem:  8061404k total,  7983120k used, …
// MiB Spch:  15886,4 gesamt,    112,2 frei,  15210,9 belegt,    563,3 Puff/Cache
/** The line of all RAM, with which the two begin. */
export const TOP_BEGIN = /^(?:[KMG]iB )?Mem *: .*total,|^[KMG]iB \S{2,10} *: +[\d.,]{1,15} \S{2,20}, /
/** The line of swap after it. */
export const TOP_LINE = /^(?:[KMG]iB )?Swap *: .*total,|^[KMG]iB \S{2,10} *: +[\d.,]{1,15} \S{2,20}, /

const UNITS: Readonly<Record<string, number>> = { KiB: KiB, MiB: MiB, GiB: GiB, '': KiB }
const OLD_ORDER = ['total', 'used', 'free'] as const
const ORDER = ['total', 'free', 'used'] as const

/** The numbers of a line by what they are: since 3.3 what is free comes before what is used. The last may be the cache, or `avail`. */
function readNumbers(line: string): Readonly<Record<string, number>> {
  const unit = /^([KMG]iB) /.exec(line)?.[1] ?? ''
  const numbers = Array.from(line.matchAll(/(\d{1,15}(?:[.,]\d{1,3})?)([kKMG]?) +[^\s\d]/g), ([, digits, letter]) =>
    Math.round(Number(digits!.replace(',', '.')) * UNITS[letter ? `${letter.toUpperCase()}iB` : unit]!),
  )
  const order = unit === '' || /used,.*free/.test(line) ? OLD_ORDER : ORDER
  const named = Object.fromEntries(order.flatMap((name, i) => (numbers[i] === undefined ? [] : [[name, numbers[i]]])))
  return numbers[3] === undefined ? named : { ...named, last: numbers[3] }
}

/** @throws ParseError without the line of memory */
export function parseTop(text: string): FreeSnapshot {
  const [memory = {}, swap = {}] = splitLines(text).map(readNumbers)
  const { total = null, free = null } = memory
  if (total === null) throw new ParseError('top', 1, 'Mem: total, free, used', text)
  // up to 3.3.9 the lines end with buffers and what is cached
  const isOld = /(?:buffers|Puffer|tampon)\s*$/m.test(text)
  return {
    kind: 'free',
    total,
    available: isOld ? addKnown([free, memory.last ?? null, swap.last ?? null]) : (swap.last ?? null),
    free,
    swapTotal: swap.total ?? null,
    swapFree: swap.free ?? null,
  }
}
