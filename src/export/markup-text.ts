// Text for HTML, XML and Markdown: nothing in it can become markup.
import { escapeControls } from '../base/text.ts'

/** Escapes text so that it cannot become markup, a link, a mention or a table cell. */
export const escapeMarkdown = (text: string): string =>
  escapeControls(text).replace(/[\\`*_{}[\]()#|<>~!@]/g, character => `&#${character.charCodeAt(0)};`)

/** Escapes text for HTML and XML 1.0: markup, and the control characters that XML has no form for. */
export const escapeHtml = (text: string): string =>
  escapeControls(text).replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
