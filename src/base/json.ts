// JSON that is safe on a terminal, as one text or in pieces.
import { UNSAFE } from './text.ts'

/** An object of a JSON document. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Formats a value as JSON, safe on a terminal: the characters that `escapeControls` escapes become `\uNNNN`. */
export function toJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent)
  if (!UNSAFE_IN_JSON.test(text)) return text
  return text.replace(new RegExp(UNSAFE_IN_JSON, 'gu'), character => character.split('').map(escapeUnit).join(''))
}

// JSON has only escapes of 16 bits: a character above has two.
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Yields the pieces of what `toJson(value, 2)` returns. Each element of a list is formatted on its own, so that a long list is
 * never in memory as a whole. Members may be generators.
 */
export function* streamJson(value: Readonly<Record<string, unknown>>): Generator<string> {
  let before = '{'
  for (const [name, member] of Object.entries(value)) {
    yield `${before}\n  ${toJson(name)}: `
    before = ','
    if (typeof member === 'object' && member !== null && Symbol.iterator in member)
      yield* streamList(member as Iterable<unknown>)
    else yield indentJson(member, '  ')
  }
  yield '\n}\n'
}

function* streamList(items: Iterable<unknown>): Generator<string> {
  let before = '['
  for (const item of items) {
    yield `${before}\n    ${indentJson(item, '    ')}`
    before = ','
  }
  yield before === '[' ? '[]' : '\n  ]'
}

const indentJson = (value: unknown, indent: string): string => toJson(value ?? null, 2).replaceAll('\n', `\n${indent}`)

// JSON.stringify has escaped C0 already; its own newlines stay
const UNSAFE_IN_JSON = new RegExp(UNSAFE.source.replace('\\p{Control}', '\\u007f-\\u009f'), 'u')
