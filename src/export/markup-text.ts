// Text for HTML, XML and Markdown: nothing in it can become markup.
import { escapeControls } from '../base/text.ts'

/** Escapes text so that it cannot become markup, a link, a mention or a table cell. What is harmless stays readable as it is. */
export const escapeMarkdown = (text: string): string =>
  escapeControls(text)
    .replace(MARKUP, character => `&#${character.charCodeAt(0)};`)
    .replace(/[[\]]/g, '\\$&')

// An underscore within a word is none, and parentheses are none after an escaped bracket. A colon or a dot only begins a link.
const MARKUP = /[\\`*{}#|<>~@]|(?<![a-z0-9])_|_(?![a-z0-9])|:(?=\/\/)|(?<=\bwww)\./gi

/** Escapes text for HTML and XML 1.0: markup, and the control characters that XML has no form for. */
export const escapeHtml = (text: string): string =>
  escapeControls(text).replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
