// What comes on stderr of a command: kernel records, kept until they are asked for, and words of the command itself.
import type { FarLog } from '../far-log.ts'
import type { FarShell } from './far-shell.ts'

const MAX_KEPT = 4 << 20 // bytes of kernel records that are taken at once

/** The stderr of one connection. */
export class FarErrors {
  private records = ''
  private readonly shell: FarShell
  private readonly log: FarLog

  constructor(shell: FarShell, log: FarLog) {
    this.shell = shell
    this.log = log
  }

  /** Reads what has come; returns whether there is as much as is kept. */
  read(): boolean {
    for (let remaining = MAX_KEPT; remaining > 0 && this.records.length < MAX_KEPT; ) {
      const text = this.shell.readErrors(remaining)
      if (text === '') break
      remaining -= text.length
      this.records += this.log.take(text)
    }
    return this.records.length >= MAX_KEPT
  }

  /** Kernel records that came since the last call. */
  drain(): string {
    this.read()
    const text = this.records
    this.records = ''
    return text
  }
}
