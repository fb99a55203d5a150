// What metrics are computed from, for those who serve and those who push: the state, the kills by pod, and kmemtop's own cost.
import packageJson from '../../../package.json' with { type: 'json' }
import type { Store } from '../../app/store.ts'
import type { MetricsInput } from '../../export/metrics/collect.ts'
import { KillCounter } from '../../export/metrics/kill-counter.ts'
import type { MetricsOptions } from '../web/metrics-options.ts'

/** Counts kills from now on; returns a function that collects the input, undefined before the first sample. */
export function followMetrics(store: Store, options: MetricsOptions): () => MetricsInput | undefined {
  const kills = new KillCounter()
  store.subscribe(() => kills.update(store.get().history))
  return () => {
    const { history, alerts, recorder } = store.get()
    if (history.sources.meminfo?.okAt == null) return undefined
    const { user, system } = process.cpuUsage()
    const own = { cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage.rss() }
    const { cgroupSeries, metrics } = options
    const range = { cgroupSeries, isComplete: metrics === 'all' }
    return { history, alerts, recorder, kills: kills.listTotals(), own, version: packageJson.version, ...range }
  }
}
