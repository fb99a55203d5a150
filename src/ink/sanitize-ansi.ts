// Replaces Ink's sanitize-ansi: text without control characters, or with colors only, needs no change.
import { isSimpleText } from './simple-text.ts'

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/

/** Creates the replacement. @param original Ink's function, for text that may have to change */
export function swapSanitizeAnsi(original: (text: string) => string): (text: string) => string {
  return text => (!CONTROL.test(text) || isSimpleText(text) ? text : original(text))
}
