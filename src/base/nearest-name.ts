// The name that somebody probably meant: for sentences about a word that is not known.
import { closest, distance } from 'fastest-levenshtein'

/**
 * Returns the known name nearest to a word, or undefined where none is near: at most half of its letters differ, or the word is a part of
 * the name. A guess that is far away ("live": "diff") only confuses.
 */
export function findNearestName(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  const nearest = closest(word, [...names])
  if (distance(word, nearest) <= Math.max(1, word.length / 2)) return nearest
  return word.length >= 3 ? names.find(name => name.toLowerCase().includes(word.toLowerCase())) : undefined
}
