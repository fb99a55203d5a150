// Output without a screen: a block of text or a JSON object for each sample.

import type { Store } from '../../app/store.ts'
import { toJson } from '../../base/json.ts'
import { formatTextBlock } from '../../export/batch-text.ts'
import { toStateJson } from '../../export/state-json.ts'

/** Where the blocks go. `isFull`: the reader is far behind. `onSkipped` is called once, for the first sample that is skipped. */
export interface BatchOutput {
  readonly write: (text: string) => void
  readonly isFull: () => boolean
  readonly onSkipped: () => void
}

/** Writes a block each time meminfo was read. Returns a function that stops it. */
export function writeBatches(
  store: Store,
  json: boolean,
  once: boolean,
  { write, isFull, onSkipped }: BatchOutput,
): () => void {
  let sampledAt = -1
  let isLate = false
  return store.subscribe(() => {
    const { history, alerts } = store.get()
    const source = history.sources.meminfo
    const latestAt = source?.error === undefined ? (source?.okAt ?? -1) : history.time
    if (latestAt <= sampledAt) return
    sampledAt = latestAt
    if (isFull()) {
      if (!isLate) onSkipped()
      isLate = true
      return
    }
    write(json ? `${toJson(toStateJson(history, alerts), once ? 2 : undefined)}\n` : formatTextBlock(history, alerts))
  })
}
