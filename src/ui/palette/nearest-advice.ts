// What the command line of the screen says after a name that is not known.
import { findNearestName } from '../../base/nearest-name.ts'

/** Returns "the nearest is NAME", or where all are found. */
export function adviseName(word: string, names: readonly string[]): string {
  const nearest = findNearestName(word, names)
  return nearest === undefined ? 'Tab lists all' : `the nearest is ${nearest}`
}
