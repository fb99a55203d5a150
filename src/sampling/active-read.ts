// The read that the sampling thread is in at this moment, in memory that both threads see: if it hangs in the kernel, the main
// thread can say which file does not answer, and since when.
import type { Host } from '../collectors/collector.ts'
import type { SurveyHost } from './holders/survey-host.ts'

const MAX_PATH_BYTES = 240
const HEADER_BYTES = 8

/** Shared memory: the length of the path (0: no read), the second at which the read began, and the path. */
export type ReadBoard = SharedArrayBuffer

/** Creates the shared memory in which a sampling thread notes its read. */
export const createReadBoard = (): ReadBoard => new SharedArrayBuffer(HEADER_BYTES + MAX_PATH_BYTES)

/** A read that has not returned. */
export interface ActiveRead {
  readonly path: string
  /** seconds since it began */
  readonly seconds: number
}

/** Returns the read that the board names. @param now seconds on the clock that the reads are noteRead with */
export function getActiveRead(board: ReadBoard, now: number): ActiveRead | undefined {
  const words = new Int32Array(board, 0, 2)
  const length = Atomics.load(words, 0)
  if (length === 0) return undefined
  const path = Buffer.from(board, HEADER_BYTES, length).toString('latin1')
  return { path, seconds: now - Atomics.load(words, 1) }
}

/** Returns the host, with each of its reads noted on the board while it lasts. */
export function noteReads<T extends Host & SurveyHost>(host: T, board: ReadBoard, getSeconds: () => number): T {
  const words = new Int32Array(board, 0, 2)
  const text = Buffer.from(board, HEADER_BYTES)
  const noteRead =
    <More extends readonly unknown[], Result>(read: (path: string, ...more: More) => Result) =>
    (path: string, ...more: More): Result => {
      Atomics.store(words, 1, Math.floor(getSeconds()))
      Atomics.store(words, 0, text.write(path, 0, MAX_PATH_BYTES, 'latin1'))
      try {
        return read(path, ...more)
      } finally {
        Atomics.store(words, 0, 0)
      }
    }
  return {
    ...host,
    readFile: noteRead(host.readFile),
    listDirectory: noteRead(host.listDirectory),
    listSubdirectories: noteRead(host.listSubdirectories),
    statFile: noteRead(host.statFile),
    readLink: noteRead(host.readLink),
    drainDevice: noteRead(host.drainDevice),
    readOnce: noteRead(host.readOnce),
    getReportedSize: noteRead(host.getReportedSize),
    getUsage: noteRead(host.getUsage),
  }
}
