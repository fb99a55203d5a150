// What an output format of `kmemtop dump` is.
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { Field } from './fields.ts'

/** Text by key: appended in any order, read back key by key. May hold more than fits into memory. */
export interface TextBuffer {
  append(key: string, text: string): void
  read(key: string): Iterable<string>
  close(): void
}

/** What a format gets besides the states. */
export interface DumpRequest {
  /** what to print; undefined: the format decides */
  readonly fields: readonly Field[] | undefined
  /** opens a buffer for formats whose order is not the order of time; the format closes it */
  readonly openBuffer: () => TextBuffer
}

/**
 * Turns the states of a recording into text, piece by piece.
 * @throws UserError for a field that this format cannot hold
 */
export type DumpFormat = (states: Iterable<MonitorState>, request: DumpRequest) => Iterable<string>
