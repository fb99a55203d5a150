// The bytes that a recording is read from: a file, a growing file, or memory.

/** Reads the bytes [offset, offset + length) of a file, fewer at its end. */
export type ReadAt = (offset: number, length: number) => Buffer

/** The bytes of a recording. */
export interface ByteSource {
  readonly name: string
  readonly size: number
  readonly readAt: ReadAt
}
