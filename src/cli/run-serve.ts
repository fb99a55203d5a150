// Runs `kmemtop serve`: samples the node, and serves the state to Prometheus.
import packageJson from '../../package.json' with { type: 'json' }
import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { encodeMetrics, type MetricsFormat } from '../export/metrics/encode.ts'
import { KillCounter } from '../export/metrics/kill-counter.ts'
import { createHistory } from '../history.ts'
import { waitAtMost } from '../sampling/clock.ts'
import type { ServeOptions } from './commands/serve.ts'
import { resolveThresholds } from './config.ts'
import { EXIT, handleStopSignals } from './exit.ts'
import { startMetricsServer } from './metrics-server.ts'
import { requestSurveys } from './request-surveys.ts'
import { shrinkHeapWhenLarge } from './shrink-heap.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from './start-sampling.ts'
import { logToStderr } from './stderr.ts'

/** Serves until a signal ends it. @throws UserError */
export async function runServe(options: ServeOptions): Promise<number> {
  const { config } = loadConfig(options.config, options.set)
  const source = await startSampling(options, config, { flight: 0 })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const kills = new KillCounter()
  store.subscribe(() => kills.update(store.get().history))
  const server = await startMetricsServer(options.listen, {
    encode: createEncoder(store, kills),
    describeFailure: () => store.get().history.sources.meminfo?.error,
  })
  const { host, port } = options.listen
  logToStderr(`serving metrics at http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`)
  requestSurveys(store, source)
  shrinkHeapWhenLarge(store)
  handleStopSignals(() => source.stop())
  await runEventLoop(source, store, options.iterations)
  server.closeAllConnections()
  server.close()
  await waitAtMost(STOP_TIMEOUT, source.ended)
  return EXIT.ok
}

// Many scrapers of one sample get one text.
function createEncoder(store: Store, kills: KillCounter): (format: MetricsFormat) => string | undefined {
  const texts = new Map<MetricsFormat, { readonly state: object; readonly text: string }>()
  return format => {
    const state = store.get()
    const { history, alerts } = state
    if (history.sources.meminfo?.okAt == null) return undefined
    const known = texts.get(format)
    if (known?.state === state) return known.text
    const { user, system } = process.cpuUsage()
    const own = { cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage.rss() }
    const text = encodeMetrics(
      { history, alerts, kills: kills.listTotals(), own, version: packageJson.version },
      format,
    )
    texts.set(format, { state, text })
    return text
  }
}
