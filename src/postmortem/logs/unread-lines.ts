// UnreadLines: lines that look like memory trouble and that no rule could read. A log with such lines is not a clean one.

import { QUOTED_OOM_LINE, TROUBLE_LINE } from '../../collectors/kmsg/memory-lines.ts'
import { parseProgramLine } from '../../collectors/kmsg/programs/program-failures.ts'
import { parseProgramKill } from '../../collectors/kmsg/programs/program-kills.ts'
import { toKernelLine } from './lines/log-line.ts'
import { isKnownLine } from './text/wrapped-text.ts'

/** Lines of a log that could not be read. */
export interface UnreadSummary {
  readonly count: number
  /** the first of them */
  readonly examples: readonly { readonly file: string; readonly line: number; readonly text: string }[]
}

const QUICK = /emory|oom-killer|Killed process|page allocation failure|ENOMEM|OOM/
// ---[ end Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled ]---
const END_OF_PANIC = /^---\[ end Kernel panic/
const MAX_EXAMPLES = 5
const MAX_TEXT = 300

/** Counts them. */
export class UnreadLines {
  private count = 0
  private readonly examples: UnreadSummary['examples'][number][] = []

  /** Counts a text that no parser knows. */
  add(text: string, file: string, line: number): void {
    if (!QUICK.test(text) || END_OF_PANIC.test(text)) return
    if (!TROUBLE_LINE.test(text) || isKnownLine(text) || QUOTED_OOM_LINE.test(text)) return
    if (isKnownLine(toKernelLine(text, { format: 'relayed' }).text)) return // with the kernel's own stamp, from a program
    if (parseProgramLine(text) ?? parseProgramKill(text)) return
    this.count++
    if (this.examples.length < MAX_EXAMPLES) this.examples.push({ file, line, text: text.slice(0, MAX_TEXT) })
  }

  get summary(): UnreadSummary {
    return { count: this.count, examples: this.examples }
  }
}

/** No such line. */
export const NOTHING_UNREAD: UnreadSummary = { count: 0, examples: [] }
