// Spool: text by key, put in any order and read key by key. What does not fit into memory waits in a file that has no name.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MiB } from '../base/units.ts'

/** Characters that are held in memory for all keys together. */
const MAX_BUFFERED = 16 * MiB

interface SpillEntry {
  buffered: string
  /** offset and length, offset and length … in the file */
  readonly chunks: number[]
}

export class SpillBuffer {
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

  /** The text of a key, piece by piece. */
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

// It is unlinked at once: whatever happens, nothing is left behind.
function openUnlinkedFile(): number {
  const directory = mkdtempSync(join(tmpdir(), 'kmemtop-'))
  try {
    return openSync(join(directory, 'spool'), 'wx+', 0o600)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
