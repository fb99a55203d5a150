// Without a screen: a block of text or a JSON value for each look.
import { jsonOf } from '../base/text.ts'
import { stateJson } from '../export/state-json.ts'
import { textBlock } from '../export/text.ts'
import type { Store } from '../session/store.ts'

/** Writes a block each time meminfo was looked at. Gives a function that ends it. */
export function writeBatches(store: Store, json: boolean, once: boolean, write: (text: string) => void): () => void {
  let lookedAt = -1
  return store.subscribe(() => {
    const { history, alerts } = store.get()
    const source = history.sources.meminfo
    const looked = source?.error === undefined ? (source?.okAt ?? -1) : history.time
    if (looked <= lookedAt) return
    lookedAt = looked
    write(json ? `${jsonOf(stateJson(history, alerts), once ? 2 : undefined)}\n` : textBlock(history, alerts))
  })
}
