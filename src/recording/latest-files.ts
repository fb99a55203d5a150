// Texts: what every file of the node said last, by collector. From it a keyframe is made: a place where a recording can be entered.
import type { CollectorId } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import { CompactFiles } from './compact-files.ts'

/** The kernel log and marks are events: what was said is not said again. */
const EVENTS: ReadonlySet<CollectorId> = new Set(['kmsg', 'mark'])

/** Follows readings in their order. */
export class LatestFiles {
  static readonly isEvent = (collector: CollectorId): boolean => EVENTS.has(collector)

  private readonly collectors = new Map<CollectorId, { lastReading: Reading; readonly files: CompactFiles }>()

  /** Takes a reading in. A keyframe replaces all that its collector said, but for a refusal. */
  addReading(reading: Reading): void {
    const { collector, files, keyframe, error } = reading
    const isReplacement = keyframe && error === undefined
    const latest = (isReplacement ? undefined : this.collectors.get(collector)?.files) ?? new CompactFiles()
    this.collectors.set(collector, { lastReading: reading, files: latest })
    if (EVENTS.has(collector)) return
    // a directory that is new or gone in this reading is so before any file of it
    const isDirectory = ([path]: readonly [string, unknown]): boolean => path.endsWith('/')
    const entries = Object.entries(files)
    for (const [path, text] of entries.filter(isDirectory)) latest.setText(path, text)
    for (const [path, text] of entries) if (!path.endsWith('/')) latest.setText(path, text)
  }

  /**
   * One reading for each collector, with all its texts and the time of its last look. Of one that was refused then, the
   * refusal follows in a reading of its own: what a refused reading holds is not folded.
   */
  buildKeyframe(): readonly Reading[] {
    return [...this.buildKeyframePieces(Number.POSITIVE_INFINITY)]
  }

  /** The keyframe in readings of about `most` characters: those of one collector are one again when a part is decoded. */
  *buildKeyframePieces(maxLength: number): Generator<Reading> {
    for (const { lastReading, files: latest } of this.collectors.values()) {
      const { error, ...fine } = lastReading
      if (error === undefined || !latest.isEmpty)
        for (const files of splitFiles(latest, maxLength)) yield { ...fine, files, keyframe: true }
      if (error !== undefined) yield { ...lastReading, files: {}, keyframe: true }
    }
  }

  /** A keyframe as an ordinary reading for who holds these texts: with the files that are gone by then. */
  computeDelta(keyframe: Reading): Reading {
    const { keyframe: _, ...rest } = keyframe
    if (rest.error !== undefined) return rest
    const gone: Record<string, null> = {}
    for (const [path] of this.collectors.get(keyframe.collector)?.files ?? [])
      if (keyframe.files[path] === undefined) gone[path] = null
    return { ...rest, files: { ...gone, ...keyframe.files } }
  }
}

/** A keyframe as ordinary readings, for who knows nothing yet. */
export const expandKeyframe = (keyframe: readonly Reading[]): readonly Reading[] => {
  const empty = new LatestFiles()
  return keyframe.map(reading => empty.computeDelta(reading))
}

/** The texts in pieces, at least one. */
function* splitFiles(latest: CompactFiles, maxLength: number): Generator<Record<string, string>> {
  let files: Record<string, string> = {}
  let size = 0
  for (const [path, text] of latest) {
    if (size >= maxLength) {
      yield files
      files = {}
      size = 0
    }
    files[path] = text
    size += path.length + text.length
  }
  yield files
}
