// What was found in saved files: the inputs, the logs, and texts of kernel files.
import type { LogContents } from './log-contents.ts'
import type { Piece } from './pieces/piece-splitter.ts'
import type { Snapshot } from './pieces/snapshots.ts'
import type { UnreadSummary } from './unread-lines.ts'

/** The year of stamps that have none. */
export interface GuessedYear {
  readonly year: number
  readonly from: 'the last change of the file' | 'a date in the text'
}

/** One text that was found, used or not. */
export interface InputFile {
  readonly file: string
  /** `syslog`, `dmesg`, `meminfo` … ; null when it could not be used */
  readonly format: string | null
  /** lines or entries in it */
  readonly records: number
  /** why it, or its end, could not be used */
  readonly skipped: string | null
  /** lines that speak of OOM kills in the name of a program, or of nobody: not the kernel's word, and not counted */
  readonly untrustedLines: number
  /** lines that look like memory trouble and could not be read */
  readonly unread: UnreadSummary
  /** texts of kernel files and programs that are a part of it, with their lines */
  readonly pieces: readonly Omit<Piece, 'snapshot'>[]
  /** its stamps have no year */
  readonly guessedYear?: GuessedYear
  /** the user gave this path, and it could not be opened */
  readonly isLost?: true
}

/** A text of a kernel file, and when it was saved: milliseconds since 1970. */
export interface SavedSnapshot {
  readonly file: string
  readonly modifiedAt: number
  readonly snapshot: Snapshot
}

/** All that the files contain. */
export interface SavedFiles {
  readonly inputs: readonly InputFile[]
  readonly logs: readonly LogContents[]
  /** by the time of their last change, then by name */
  readonly snapshots: readonly SavedSnapshot[]
}
