// Text for Markdown: nothing in it can become markup.
import { escapeControls } from '../base/text.ts'

/** Escapes text so that it cannot become markup, a link, a mention or a table cell. */
export const escapeMarkdown = (text: string): string =>
  escapeControls(text).replace(/[\\`*_{}[\]()#|<>~!@]/g, character => `&#${character.charCodeAt(0)};`)
