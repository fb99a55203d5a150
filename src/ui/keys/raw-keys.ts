// Keys and mouse events that Ink drops, from what the terminal sends: function keys, and the mouse in SGR form.
import { parseFunctionKey } from './function-keys.ts'
import { type MouseEvent, parseMouseEvent } from './mouse-event.ts'

/** A function key by its name, or a mouse event. */
export type RawKey = string | MouseEvent

const SEQUENCE = /\x1b(?:\[<[\d;]{1,16}[Mm]|O[P-S]|\[\[[A-E]|\[[PQS]|\[\d\d~)/g
const MAX_BEGUN = 20
const BEGUN = /\x1b\[<[\d;]*$/ // a mouse event that goes on in the next piece; a lone Esc is a key

/** Returns a function that takes what was read, piece by piece, and returns the keys and events in it. */
export function createRawKeyParser(): (piece: string) => readonly RawKey[] {
  let begun = ''
  return piece => {
    const text = begun + piece
    begun = BEGUN.exec(text.slice(-MAX_BEGUN))?.[0] ?? ''
    return (text.match(SEQUENCE) ?? []).flatMap((sequence): readonly RawKey[] => {
      const mouse = parseMouseEvent(sequence)
      if (mouse !== undefined) return mouse === 'none' ? [] : [mouse]
      const name = parseFunctionKey(sequence)
      return name === undefined ? [] : [name]
    })
  }
}
