// The filter language of lists: words, /regular expressions/, !negation, and comparisons such as oom>0 or limit>90%.

import { filterMap } from '../base/filter-map.ts'
import { compileSafeRegex } from './filter-regex.ts'

/** A value that a comparison can use; undefined or null where a row has none. */
export type FilterValue = number | null | undefined

/** What a row offers to a filter. */
export interface FilterSubject {
  readonly text: string
  /** numbers by name, for comparisons; bytes, counts, or shares from 0 to 1 */
  readonly values?: Readonly<Record<string, FilterValue>>
}

type Term = (subject: FilterSubject) => boolean

const COMPARISON = /^([a-z][a-z %/]*?)(>=|<=|>|<|=)(\d+(?:\.\d+)?)([kmgt]?)(?:ib|b)?(%?)(?:\/h)?$/i
const UNIT: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }
const MAX_LENGTH = 200 // characters of a filter; a regular expression of more is refused

/**
 * Returns whether a row matches a filter. All terms must match; a term is a word (case does not matter), `/regex/`,
 * `name>number` with K, M, G, T or %, and `!` before it negates it. A term that cannot be read is a word.
 */
export function compileFilter(filter: string): (subject: FilterSubject) => boolean {
  const terms = splitTerms(filter.slice(0, MAX_LENGTH)).map(compileTerm)
  return subject => terms.every(term => term(subject))
}

// Words at spaces. A regular expression may have spaces and slashes in it: it ends at a slash before a space.
const splitTerms = (filter: string): readonly string[] => filter.match(/!?\/(?:\\.|[^\\])+?\/(?=\s|$)|\S+/g) ?? []

function compileTerm(term: string): Term {
  if (term.startsWith('!') && term.length > 1) {
    const positive = compileTerm(term.slice(1))
    return subject => !positive(subject)
  }
  return compileRegex(term) ?? compileComparison(term) ?? compileWord(term)
}

const compileWord = (term: string): Term => {
  const wanted = term.toLowerCase()
  return ({ text }) => text.toLowerCase().includes(wanted)
}

const REGEX = /^\/(.+)\/$/

function compileRegex(term: string): Term | undefined {
  const source = REGEX.exec(term)?.[1]
  const regex = source === undefined ? '' : compileSafeRegex(source)
  return typeof regex === 'string' ? undefined : ({ text }) => regex(text)
}

/** Returns a sentence about the first term that is searched as a word though it looks like more; undefined without one. */
export function findFilterProblem(filter: string, names: readonly string[]): string | undefined {
  if (filter.length > MAX_LENGTH) return `only the first ${MAX_LENGTH} characters count`
  return filterMap(splitTerms(filter), term => describeTerm(term.replace(/^!(?=.)/, ''), names))[0]
}

/** Returns what a list says that has no row for a filter: what is wrong with the filter, if something is. */
export function describeNoMatch(kind: string, filter: string, names: readonly string[] = []): string {
  const problem = findFilterProblem(filter, names)
  return problem === undefined ? `no ${kind} matches “${filter}”` : `no ${kind} matches: ${problem}`
}

function describeTerm(term: string, names: readonly string[]): string | undefined {
  const source = REGEX.exec(term)?.[1]
  const regex = source === undefined ? undefined : compileSafeRegex(source)
  if (typeof regex === 'string') return `${term} is searched as text: ${regex}`
  const [, name = '', operator, rest = ''] = /^([a-z][a-z ]*)(>=|<=|>|<|=)(.*)$/i.exec(term) ?? []
  if (operator === undefined) return undefined
  if (names.length === 0) return `${term} is searched as text: this list has no numbers to compare`
  if (!names.includes(name.toLowerCase()))
    return `${term} is searched as text: the numbers here are ${names.join(', ')}`
  if (COMPARISON.test(term)) return undefined
  return rest === ''
    ? `${name}${operator} needs a number`
    : `${term} is searched as text: expected a number, as in ${name}${operator}10M`
}

function compileComparison(term: string): Term | undefined {
  const match = COMPARISON.exec(term)
  if (!match) return undefined
  const [, name, operator, digits, unit, percent] = match as unknown as readonly [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const wanted = (Number(digits) * UNIT[unit.toLowerCase()]!) / (percent ? 100 : 1)
  return ({ values = {} }) => {
    const value = values[name.toLowerCase()]
    return value != null && compare(value, operator, wanted)
  }
}

function compare(value: number, operator: string, wanted: number): boolean {
  switch (operator) {
    case '>':
      return value > wanted
    case '<':
      return value < wanted
    case '>=':
      return value >= wanted
    case '<=':
      return value <= wanted
    default:
      return value === wanted
  }
}
