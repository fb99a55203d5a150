// Messages on stderr: stdout is for data.
import { escapeControls } from '../base/text.ts'

let isGuarded = false

/**
 * Writes text to stderr. A log that is full, or whose reader has gone, costs the message: a recorder must not end with it. Files fail
 * at once, pipes and sockets later.
 */
export function writeStderr(text: string): void {
  if (!isGuarded) process.stderr.on('error', () => {})
  isGuarded = true
  try {
    process.stderr.write(text)
  } catch {
    // there is nowhere to say it
  }
}

/** Writes lines that are safe for a terminal, the program's name before the first. */
export function logToStderr(...lines: readonly string[]): void {
  writeStderr(`kmemtop: ${lines.map(escapeControls).join('\n')}\n`)
}
