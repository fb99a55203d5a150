// A buffer of text by key: appended in any order, read key by key. Text that does not fit into memory goes into an unnamed file.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MiB } from '../../base/units.ts'
import type { TextBuffer } from '../../export/dump-format.ts'

/** Characters in memory, for all keys together. */
const MAX_BUFFERED = 16 * MiB

interface SpillEntry {
  buffered: string
  /** pairs of offset and length in the file */
  readonly chunks: number[]
}

/** Holds text in memory up to a bound, and beyond it in a temporary file. */
export class SpillBuffer implements TextBuffer {
  private readonly entries = new Map<string, SpillEntry>()
  private readonly maxBuffered: number
  private buffered = 0
  private file: number | undefined
  private end = 0

  constructor(maxBuffered = MAX_BUFFERED) {
    this.maxBuffered = maxBuffered
  }

  append(key: string, text: string): void {
    let entry = this.entries.get(key)
    if (!entry) {
      entry = { buffered: '', chunks: [] }
      this.entries.set(key, entry)
    }
    entry.buffered += text
    this.buffered += text.length
    if (this.buffered > this.maxBuffered) this.spillToFile()
  }

  /** Yields the text of a key, piece by piece. */
  *read(key: string): Generator<string> {
    const entry = this.entries.get(key)
    const chunks = entry?.chunks ?? []
    for (let i = 0; i < chunks.length; i += 2) {
      const chunk = Buffer.alloc(chunks[i + 1]!)
      readSync(this.file!, chunk, 0, chunk.length, chunks[i]!)
      yield chunk.toString('utf8')
    }
    if (entry && entry.buffered !== '') yield entry.buffered
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }

  private spillToFile(): void {
    this.file ??= openUnlinkedFile()
    for (const entry of this.entries.values()) {
      if (entry.buffered === '') continue
      const chunk = Buffer.from(entry.buffered)
      for (let offset = 0; offset < chunk.length; )
        offset += writeSync(this.file, chunk, offset, chunk.length - offset, this.end + offset)
      entry.chunks.push(this.end, chunk.length)
      this.end += chunk.length
      entry.buffered = ''
    }
    this.buffered = 0
  }
}

// The file is unlinked at once, so nothing is left behind whatever happens.
function openUnlinkedFile(): number {
  const directory = mkdtempSync(join(tmpdir(), 'kmemtop-'))
  try {
    return openSync(join(directory, 'spool'), 'wx+', 0o600)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
