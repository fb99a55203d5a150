// Texts: what every file of the node said last, by collector. From it a keyframe is made: a place where a recording can be entered.
import type { CollectorId } from '../../collectors/index.ts'
import type { Reading } from '../../history.ts'

/** The kernel log and marks are events: what was said is not said again. */
const EVENTS: ReadonlySet<CollectorId> = new Set(['kmsg', 'mark'])

/** path -> text, by directory: one that vanishes takes its files along */
type Directories = Map<string, Map<string, string>>

/** Follows readings in their order. Texts are held by reference: what the readers keep anyway costs nothing again. */
export class Texts {
  static readonly isEvent = (collector: CollectorId): boolean => EVENTS.has(collector)

  private readonly known = new Map<CollectorId, { last: Reading; readonly directories: Directories }>()

  /** Takes a reading in. A keyframe replaces all that its collector said, but for a refusal. */
  take(reading: Reading): void {
    const { collector, files, keyframe, error } = reading
    const replaces = keyframe && error === undefined
    const directories: Directories = (replaces ? undefined : this.known.get(collector)?.directories) ?? new Map()
    this.known.set(collector, { last: reading, directories })
    if (EVENTS.has(collector)) return
    // a directory that is new or gone in this reading is so before any file of it
    const isDirectory = ([path]: readonly [string, unknown]): boolean => path.endsWith('/')
    const entries = Object.entries(files)
    for (const [path, text] of entries.filter(isDirectory)) takeFile(directories, path, text)
    for (const [path, text] of entries) if (!path.endsWith('/')) takeFile(directories, path, text)
  }

  /**
   * One reading for each collector, with all its texts and the time of its last look. Of one that was refused then, the
   * refusal follows in a reading of its own: what a refused reading holds is not folded.
   */
  keyframe(): readonly Reading[] {
    return [...this.known.values()].flatMap(({ last, directories }): readonly Reading[] => {
      const files = Object.fromEntries([...directories.values()].flatMap(texts => [...texts]))
      const { error, ...fine } = last
      if (error === undefined || directories.size === 0) return [{ ...last, files, keyframe: true }]
      return [
        { ...fine, files, keyframe: true },
        { ...last, files: {}, keyframe: true },
      ]
    })
  }

  /** A keyframe as an ordinary reading for who holds these texts: with the files that are gone by then. */
  bridge(keyframe: Reading): Reading {
    const { keyframe: _, ...rest } = keyframe
    if (rest.error !== undefined) return rest
    const gone: Record<string, null> = {}
    for (const texts of this.known.get(keyframe.collector)?.directories.values() ?? [])
      for (const path of texts.keys()) if (keyframe.files[path] === undefined) gone[path] = null
    return { ...rest, files: { ...gone, ...keyframe.files } }
  }
}

/** A keyframe as ordinary readings, for who knows nothing yet. */
export const asReadings = (keyframe: readonly Reading[]): readonly Reading[] => {
  const nothing = new Texts()
  return keyframe.map(reading => nothing.bridge(reading))
}

function takeFile(directories: Directories, path: string, text: string | null): void {
  const directory = path.slice(0, path.lastIndexOf('/'))
  const texts = directories.get(directory)
  if (text === null) {
    if (path.endsWith('/')) directories.delete(directory)
    else texts?.delete(path)
  } else if (path.endsWith('/') || !texts) directories.set(directory, new Map([[path, text]]))
  else texts.set(path, text)
}
