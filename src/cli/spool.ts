// Spool: text by key, put in any order and read key by key. What does not fit into memory waits in a file that has no name.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Characters that are held in memory for all keys together. */
const HELD = 16 * 2 ** 20

interface Place {
  held: string
  /** offset and length, offset and length … in the file */
  readonly chunks: number[]
}

export class Spool {
  private readonly places = new Map<string, Place>()
  private readonly most: number
  private held = 0
  private file: number | undefined
  private end = 0

  constructor(most = HELD) {
    this.most = most
  }

  put(key: string, text: string): void {
    let place = this.places.get(key)
    if (!place) {
      place = { held: '', chunks: [] }
      this.places.set(key, place)
    }
    place.held += text
    this.held += text.length
    if (this.held > this.most) this.spill()
  }

  /** The text of a key, piece by piece. */
  *read(key: string): Generator<string> {
    const place = this.places.get(key)
    const chunks = place?.chunks ?? []
    for (let i = 0; i < chunks.length; i += 2) {
      const chunk = Buffer.alloc(chunks[i + 1]!)
      readSync(this.file!, chunk, 0, chunk.length, chunks[i]!)
      yield chunk.toString('utf8')
    }
    if (place && place.held !== '') yield place.held
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }

  private spill(): void {
    this.file ??= unnamedFile()
    for (const place of this.places.values()) {
      if (place.held === '') continue
      const chunk = Buffer.from(place.held)
      for (let at = 0; at < chunk.length; ) at += writeSync(this.file, chunk, at, chunk.length - at, this.end + at)
      place.chunks.push(this.end, chunk.length)
      this.end += chunk.length
      place.held = ''
    }
    this.held = 0
  }
}

// It is unlinked at once: whatever happens, nothing is left behind.
function unnamedFile(): number {
  const directory = mkdtempSync(join(tmpdir(), 'kmemtop-'))
  try {
    return openSync(join(directory, 'spool'), 'wx+', 0o600)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
