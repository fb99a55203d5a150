// Silence: readings that do not come are said on the screen. A source may hang in the kernel; the picture must not look alive.

import type { Store } from '../app/store.ts'
import { formatDuration } from '../base/format.ts'
import { repeatEvery } from '../sampling/clock.ts'

/** Says so when no reading came for a few intervals, and takes it back. Gives a function that ends it. */
export function watchForStalls(interval: number, store: Store): () => void {
  const stallTimeout = 3 * interval + 2000
  let lastReadingAt = 0
  let stalledSince: number | undefined
  const unsubscribe = store.subscribe(() => {
    const { time } = store.get().history
    if (time !== lastReadingAt) stalledSince = undefined
    lastReadingAt = time
  })
  let checks = 0
  const stop = repeatEvery(1000, () => {
    checks++
    stalledSince ??= checks
    const stalledFor = (checks - stalledSince) * 1000
    const text =
      stalledFor > stallTimeout
        ? `no reading for ${formatDuration(stalledFor)}: sampling hangs, what is shown is old`
        : undefined
    if (text !== store.get().ui.stallNotice) store.dispatch({ type: 'silence', text })
  })
  return () => {
    stop()
    unsubscribe()
  }
}
