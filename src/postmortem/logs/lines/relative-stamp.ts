// Stamps that count from the line before: [  +0.000012] text of dmesg -e and -H. Pure.
import type { LogLine } from './log-line.ts'

const DELTA = /\[ *\+(\d{1,9})[.,](\d{1,9})\] ?/

/** Returns the message with the time of the one before it plus what its stamp counts; the same where it has another stamp. */
export function addDelta(line: LogLine, before: LogLine | undefined, bytes: string): LogLine {
  if (line.format !== 'dmesg -e' || line.wall !== null || before?.format !== line.format || before.wall === null)
    return line
  const delta = DELTA.exec(bytes)
  if (!delta) return line
  return { ...line, wall: before.wall + Math.round(Number(`${delta[1]}.${delta[2]}`) * 1000) }
}
