// Texts: what every file of the node said last, by collector. From it a keyframe is made: a place where a recording can be entered.
import type { CollectorId } from '../../collectors/index.ts'
import type { Reading } from '../../history.ts'
import { KeptTexts } from './kept-texts.ts'

/** The kernel log and marks are events: what was said is not said again. */
const EVENTS: ReadonlySet<CollectorId> = new Set(['kmsg', 'mark'])

/** Follows readings in their order. */
export class Texts {
  static readonly isEvent = (collector: CollectorId): boolean => EVENTS.has(collector)

  private readonly known = new Map<CollectorId, { last: Reading; readonly texts: KeptTexts }>()

  /** Takes a reading in. A keyframe replaces all that its collector said, but for a refusal. */
  take(reading: Reading): void {
    const { collector, files, keyframe, error } = reading
    const replaces = keyframe && error === undefined
    const texts = (replaces ? undefined : this.known.get(collector)?.texts) ?? new KeptTexts()
    this.known.set(collector, { last: reading, texts })
    if (EVENTS.has(collector)) return
    // a directory that is new or gone in this reading is so before any file of it
    const isDirectory = ([path]: readonly [string, unknown]): boolean => path.endsWith('/')
    const entries = Object.entries(files)
    for (const [path, text] of entries.filter(isDirectory)) texts.take(path, text)
    for (const [path, text] of entries) if (!path.endsWith('/')) texts.take(path, text)
  }

  /**
   * One reading for each collector, with all its texts and the time of its last look. Of one that was refused then, the
   * refusal follows in a reading of its own: what a refused reading holds is not folded.
   */
  keyframe(): readonly Reading[] {
    return [...this.pieces(Number.POSITIVE_INFINITY)]
  }

  /** The keyframe in readings of about `most` characters: those of one collector are one again when a part is decoded. */
  *pieces(most: number): Generator<Reading> {
    for (const { last, texts } of this.known.values()) {
      const { error, ...fine } = last
      if (error === undefined || !texts.isEmpty)
        for (const files of filesOf(texts, most)) yield { ...fine, files, keyframe: true }
      if (error !== undefined) yield { ...last, files: {}, keyframe: true }
    }
  }

  /** A keyframe as an ordinary reading for who holds these texts: with the files that are gone by then. */
  bridge(keyframe: Reading): Reading {
    const { keyframe: _, ...rest } = keyframe
    if (rest.error !== undefined) return rest
    const gone: Record<string, null> = {}
    for (const [path] of this.known.get(keyframe.collector)?.texts ?? [])
      if (keyframe.files[path] === undefined) gone[path] = null
    return { ...rest, files: { ...gone, ...keyframe.files } }
  }
}

/** A keyframe as ordinary readings, for who knows nothing yet. */
export const asReadings = (keyframe: readonly Reading[]): readonly Reading[] => {
  const nothing = new Texts()
  return keyframe.map(reading => nothing.bridge(reading))
}

/** The texts in pieces, at least one. */
function* filesOf(texts: KeptTexts, most: number): Generator<Record<string, string>> {
  let files: Record<string, string> = {}
  let size = 0
  for (const [path, text] of texts) {
    if (size >= most) {
      yield files
      files = {}
      size = 0
    }
    files[path] = text
    size += path.length + text.length
  }
  yield files
}
