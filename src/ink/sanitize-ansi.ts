// In place of Ink's sanitize-ansi: text without a control character, or with colours only, is as it should be.
import { isSimpleText } from './simple-text.ts'

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/

/** @param original Ink's function, for text that may have to change */
export function swapSanitizeAnsi(original: (text: string) => string): (text: string) => string {
  return text => (!CONTROL.test(text) || isSimpleText(text) ? text : original(text))
}
