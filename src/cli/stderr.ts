// Messages on stderr: stdout is for data.
import { escapeControls } from '../base/text.ts'
import { MiB } from '../base/units.ts'

/**
 * Returns a function that writes to a stream and survives its errors: a disk that is full, or a reader that has gone, must not end a
 * recorder. Files fail at once, pipes and sockets later.
 */
export function guardWrites(stream: NodeJS.WriteStream, handleError: (error: unknown) => void): (text: string) => void {
  stream.on('error', handleError)
  return text => {
    if (stream.isTTY && stream.writableLength > MAX_PENDING) return // a terminal that takes nothing: what is written for days would fill memory
    try {
      stream.write(text)
    } catch (error) {
      handleError(error)
    }
  }
}

const MAX_PENDING = MiB

let write: ((text: string) => void) | undefined

/** Writes text to stderr. Where that fails the message is lost: there is nowhere to say it. */
export function writeStderr(text: string): void {
  write ??= guardWrites(process.stderr, () => {})
  write(text)
}

/** Writes lines that are safe for a terminal, the program's name before the first. */
export function logToStderr(...lines: readonly string[]): void {
  writeStderr(`kmemtop: ${lines.map(escapeControls).join('\n')}\n`)
}
