// Shows on the screen that readings have stopped: a source may hang in the kernel, and old data must not look current.

import type { Store } from '../app/store.ts'
import { formatDuration } from '../base/format.ts'
import { repeatEvery } from '../sampling/clock.ts'

/** Shows a notice while no reading has come for three intervals and two seconds. Returns a function that stops the watch. */
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
        ? `no data for ${formatDuration(stalledFor)}: sampling has stalled, this screen is stale`
        : undefined
    if (text !== store.get().ui.stallNotice) store.dispatch({ type: 'silence', text })
  })
  return () => {
    stop()
    unsubscribe()
  }
}
