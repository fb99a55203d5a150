// Keeps the latest text of every file, by collector. Keyframes, at which playback can start, are made from it.
import { type CollectorId, isStream } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import { CompactFiles } from './compact-files.ts'

/** Follows readings in their order. */
export class LatestFiles {
  /** Returns whether the readings of a collector are events: a keyframe does not repeat them. */
  static readonly isEvent = (collector: CollectorId): boolean => isStream(collector)

  private readonly collectors = new Map<CollectorId, { lastReading: Reading; readonly files: CompactFiles }>()
  private readonly isCompact: boolean

  /** @param isCompact whether little memory matters more than little time, as where it follows a session */
  constructor(isCompact = true) {
    this.isCompact = isCompact
  }

  /** Adds a reading. A keyframe without an error replaces all texts of its collector. */
  addReading(reading: Reading): void {
    const { collector, files, keyframe, error } = reading
    const isReplacement = keyframe && error === undefined
    const latest =
      (isReplacement ? undefined : this.collectors.get(collector)?.files) ?? new CompactFiles(this.isCompact)
    this.collectors.set(collector, { lastReading: reading, files: latest })
    if (LatestFiles.isEvent(collector)) return
    // a directory that is created or removed in this reading comes before its files
    const isDirectory = ([path]: readonly [string, unknown]): boolean => path.endsWith('/')
    const entries = Object.entries(files)
    for (const [path, text] of entries.filter(isDirectory)) latest.setText(path, text)
    for (const [path, text] of entries) if (!path.endsWith('/')) latest.setText(path, text)
  }

  /**
   * Returns one reading for each collector, with all its texts and the time of its last sample. If that sample failed, the error
   * follows in a reading of its own, because the files of a reading with an error are ignored.
   */
  buildKeyframe(): readonly Reading[] {
    return [...this.buildKeyframePieces(Number.POSITIVE_INFINITY)]
  }

  /** Yields the keyframe in readings of about `maxLength` characters; decoding joins those of one collector again. */
  *buildKeyframePieces(maxLength: number): Generator<Reading> {
    for (const { lastReading, files: latest } of this.collectors.values()) {
      const { error, ...fine } = lastReading
      if (error === undefined || !latest.isEmpty)
        for (const files of splitFiles(latest, maxLength)) yield { ...fine, files, keyframe: true }
      if (error !== undefined) yield { ...lastReading, files: {}, keyframe: true }
    }
  }

  /** Converts a keyframe to an ordinary reading for a reader that has the texts kept here: with the files that are gone by then. */
  computeDelta(keyframe: Reading): Reading {
    const { keyframe: _, ...rest } = keyframe
    if (rest.error !== undefined) return rest
    const gone: Record<string, null> = {}
    for (const [path] of this.collectors.get(keyframe.collector)?.files ?? [])
      if (keyframe.files[path] === undefined) gone[path] = null
    return { ...rest, files: { ...gone, ...keyframe.files } }
  }
}

/** Converts a keyframe to ordinary readings for a reader without any texts. */
export const expandKeyframe = (keyframe: readonly Reading[]): readonly Reading[] =>
  keyframe.map(({ keyframe: _, ...reading }) => reading)

/** Yields the texts in pieces, at least one. */
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
