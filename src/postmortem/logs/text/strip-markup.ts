// What web pages, forums, tickets and terminals put around a line: entities, tags, colours without their escape character. Pure.

const MARKUP =
  /[&`]|<\/?[A-Za-z]|\\par|^\s*[-*+] ['"]|<$|^ ?\/>|\[\/?[A-Za-z]+[\]=]|\{(?:noformat|code)|\[\d[\d;]*m|\^\[\[|:cOn/

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
  '#34': '"',
  '#60': '<',
  '#62': '>',
  nbsp: ' ',
  '#160': ' ',
}
const ENTITY = /&(#?\w{2,5});/g

// [CODE] {noformat} ``` <pre> and their ends; the kernel's own <TASK> and <IRQ> are none
const TAG =
  /\[\/?(?:code|quote|spoiler|pre|plain|noparse|tt)(?:=[^[\]]{0,60})?\]|\{(?:noformat|code)(?::[^{}]{0,60})?\}|```\w{0,20}|<\/?(?:pre|code|p|br|div|span|li|td|tr|tt|blockquote|samp|font|b)(?: [^<>]{0,200})?>|<(?:br|p|hr)\/>/gi
const BROKEN_TAG = /<br$|^ ?\/>/ // a line was broken amid a tag
const ELEMENT = /^\s*<([a-zA-Z][\w:.-]{0,40})(?: [^<>]{0,200})?>(.*)<\/\1>\s*$/
// ^[[32m of cat -v, [32m where the escape character was lost
// - `[ 1234.567890] text`        an item of a list in Markdown
// - '[ 1234.567890] text'        an item of a list in YAML
const YAML_ITEM = /^\s*- (['"])(.{1,4000})\1\s*$/
// text\par        of RTF
const RTF = /^(?:\\[a-z]+\d* ?){0,8}|\\par ?$/g
const INLINE_CODE = /^\s*(?:[-*+] |\d{1,4}[.)] )?`([^`]{1,4000})`\s*$/
const COLOUR = /\^\[\[[\d;]*m|\[\d[\d;]*m/g

/** Returns the line without markup; the same line where it has none. */
export function stripMarkup(line: string): string {
  if (!MARKUP.test(line)) return line
  const item = YAML_ITEM.exec(line)?.[2]?.replaceAll("''", "'")
  const inside = ELEMENT.exec(line)?.[2] ?? INLINE_CODE.exec(line)?.[1] ?? item ?? line
  const bare = inside.endsWith('\\par') ? inside.replace(RTF, '') : inside
  const text = bare.replace(TAG, '').replace(BROKEN_TAG, '')
  const isColoured = !text.includes('\x1b') && /^\s*(?:\^\[)?\[\d[\d;]*m|\[0?m/.test(text)
  const plain = isColoured ? text.replace(COLOUR, '') : text
  // what a web page takes for the handler of an event (onstraint=)
  const restored = plain.replace('oom-kill:cOnstraint=', 'oom-kill:constraint=')
  return restored.replace(ENTITY, (whole, name: string) => (Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : whole))
}
