// The command line that `:` opens: candidates for what is typed, and the effects of a command. Pure.

import type { AppState } from '../../app/state.ts'
import type { CommandResult } from '../keys/key-command.ts'
import { adviseName } from './nearest-advice.ts'
import { type PaletteWord, paletteWords } from './palette-words.ts'

/** Characters of a command. */
export const MAX_COMMAND = 500

/** A completion: the text that replaces what is typed, and what it does. */
export interface Candidate {
  readonly text: string
  readonly help: string
  /** an argument is still to be typed */
  readonly isIncomplete: boolean
}

/** Returns at most `count` completions of what is typed, the best first. */
export function listCandidates(state: AppState, count: number): readonly Candidate[] {
  const { input } = state.ui
  const [, word = '', space = '', argument = ''] = /^(\S*)(\s*)(.*)$/s.exec(input.trimStart()) ?? []
  if (space === '') return rankMatches(word, paletteWords, ({ word: text }) => text, count).map(toWordCandidate)
  const entry = findWord(word)
  if (!entry?.list) return entry ? [toWordCandidate(entry)] : []
  return rankMatches(argument, entry.list(state), text => text, count).map(text => ({
    text: `${entry.word} ${text}`,
    help: '',
    isIncomplete: false,
  }))
}

const toWordCandidate = ({ word, argument, help }: PaletteWord): Candidate => ({
  text: argument === undefined ? word : `${word} `,
  help: argument === undefined ? help : `${argument}: ${help}`,
  isIncomplete: argument !== undefined,
})

/** Runs a command as it was typed. Returns its effects, or a sentence that says what is wrong. A time jumps there. */
export function runCommandText(text: string, state: AppState): CommandResult {
  const command = text.trim()
  if (command === '') return []
  if (isTime(command)) return [{ type: 'seek', text: command }]
  const [, word = '', argument = ''] = /^(\S+)\s*(.*)$/s.exec(command) ?? []
  const entry = findWord(word)
  if (entry) return entry.run(argument, state)
  const words = paletteWords.map(one => one.word)
  return `no command ${word}; ${adviseName(word, words)}, or a time like 14:05 or -10m`
}

const isTime = (text: string): boolean => /^[\d+-]/.test(text)

// A word may be shortened as far as it is the only one that begins so.
function findWord(typed: string): PaletteWord | undefined {
  const word = typed.toLowerCase()
  const beginning = paletteWords.filter(one => one.word.startsWith(word))
  return paletteWords.find(one => one.word === word) ?? (beginning.length === 1 ? beginning[0] : undefined)
}

// Entries that begin with the text come first, then those that contain it, then those that have its letters in their order.
function rankMatches<T>(typed: string, all: Iterable<T>, getText: (item: T) => string, count: number): readonly T[] {
  const wanted = typed.toLowerCase()
  const ranked: T[][] = [[], [], []]
  for (const item of all) {
    const rank = rankMatch(wanted, getText(item).toLowerCase())
    if (rank !== undefined && ranked[rank]!.length < count) ranked[rank]!.push(item)
    if (ranked[0]!.length >= count) break
  }
  return ranked.flat().slice(0, count)
}

function rankMatch(wanted: string, text: string): 0 | 1 | 2 | undefined {
  const at = text.indexOf(wanted)
  if (at === 0) return 0
  if (at > 0) return 1
  let from = 0
  for (const letter of wanted) {
    const found = text.indexOf(letter, from)
    if (found < 0) return undefined
    from = found + letter.length
  }
  return 2
}
