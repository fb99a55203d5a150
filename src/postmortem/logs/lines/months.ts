// Month names as printed by dmesg -T and journalctl, in the language of the user who saved the log. Pure.
import { decodeUtf8 } from '../../../base/text.ts'

// How names of each month begin: English, German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Polish, Czech, Turkish,
// Russian, Ukrainian. A name that two of them use for different months is left out.
const MONTH_PREFIXES = [
  'jan ene gen jän tammi sty led oca янв січ',
  'feb fev fév helmi lut úno şub фев лют',
  'mar mär mrt maalis bře мар бер',
  'apr abr avr huhti kwi dub nis апр кві',
  'may mai mag maj mei maio touko kvě май мая тра',
  'jun juin giu kesä cze haz июн чер',
  'jul juil lug heinä lip tem июл',
  'aug ago aoû elo sie srp ağu авг',
  'sep set syys wrz zář eyl сен вер',
  'oct okt ott out loka paź říj eki окт жов',
  'nov marras lis kas ноя',
  'dec dez déc dic des joulu gru pro ara дек гру',
].map(words => words.split(' '))

/** The number of a month, from 0; undefined when the word is none. `word`: text held as latin1. */
export function parseMonth(word: string): number | undefined {
  const known = ENGLISH.indexOf(word)
  if (known >= 0) return known
  const name = decodeUtf8(word).toLowerCase()
  const numbered = /^(1[0-2]|[1-9])[月월]$/.exec(name) // Chinese, Japanese, Korean
  if (numbered) return Number(numbered[1]) - 1
  const found = MONTH_PREFIXES.flatMap((begins, month) =>
    begins.filter(begin => name.startsWith(begin)).map(begin => ({ month, length: begin.length })),
  )
  return found.toSorted((a, b) => b.length - a.length)[0]?.month
}

const ENGLISH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
