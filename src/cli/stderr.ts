// Messages on stderr: stdout is for data.
import { escapeControls } from '../base/text.ts'

/** Writes lines that are safe for a terminal, the program's name before the first. */
export function logToStderr(...lines: readonly string[]): void {
  process.stderr.write(`kmemtop: ${lines.map(escapeControls).join('\n')}\n`)
}
