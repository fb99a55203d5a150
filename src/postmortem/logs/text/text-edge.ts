// The right edge of a pasted text: blanks behind each line, and marks where a narrow screen cut a line. Pure.
import type { TextLayout } from '../lines/loose-prefix.ts'
import { CUT } from './wrapped-text.ts'

// [   4321]  1000  4321  5063909   249000       the name, or a number, is not whole
const TASK_ROW = /\[ *\d+\](?: +-?\d+){3,12}/

/** Returns the line without what whoever pasted it put behind it. A line that was cut ends with an ellipsis. */
export function stripEdge(bytes: string, { endMark, cutMark }: TextLayout): string {
  if (cutMark !== null && bytes.length === cutMark.width && bytes.endsWith(cutMark.mark)) {
    const text = bytes.slice(0, -cutMark.mark.length)
    return TASK_ROW.test(text) ? '' : text + CUT
  }
  return endMark !== null && bytes.endsWith(endMark) ? bytes.slice(0, -1) : bytes
}
