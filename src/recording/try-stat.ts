// Facts of a file that may not be there, or cannot be reached: a folder without permission, a loop of links, a disk that fails.
import { type Stats, statSync } from 'node:fs'

/** Returns the facts of a file, or undefined. `throwIfNoEntry: false` of Node still throws for all errors but ENOENT and ENOTDIR. */
export function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
