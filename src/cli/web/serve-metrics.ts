// Serves the state of the node while it is sampled: metrics, health, and the verdict of `check`.
import packageJson from '../../../package.json' with { type: 'json' }
import type { Store } from '../../app/store.ts'
import { type CheckInput, computeVerdict, formatVerdict, toCheckJson } from '../../export/check.ts'
import { encodeMetrics, type MetricsFormat } from '../../export/metrics/encode.ts'
import { KillCounter } from '../../export/metrics/kill-counter.ts'
import type { SamplingOptions } from '../shared-options.ts'
import { logToStderr } from '../stderr.ts'
import type { ListenOptions } from './listen-options.ts'
import { startMetricsServer } from './metrics-server.ts'
import { createAccess } from './web-access.ts'

/** Starts to serve; returns a function that ends it. @throws UserError */
export async function serveMetrics(
  options: ListenOptions & Pick<SamplingOptions, 'kmsg'>,
  store: Store,
): Promise<() => void> {
  const kills = new KillCounter()
  store.subscribe(() => kills.update(store.get().history))
  const access = createAccess(options)
  const getCheckInput = (): CheckInput => ({ ...store.get(), past: false, off: options.kmsg === 'off' ? ['kmsg'] : [] })
  const server = await startMetricsServer(options.listen, access, {
    encode: createEncoder(store, kills),
    check: () => toCheckJson(getCheckInput()),
    describeVerdict: () => ({
      isOk: computeVerdict(getCheckInput()) === 'ok',
      text: formatVerdict(getCheckInput()),
    }),
    describeFailure: () => store.get().history.sources.meminfo?.error,
  })
  const { host, port } = options.listen
  const scheme = access.tls ? 'https' : 'http'
  logToStderr(`serving metrics at ${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`)
  return () => {
    server.closeAllConnections()
    server.close()
  }
}

// Many scrapers of one sample get one text.
function createEncoder(store: Store, kills: KillCounter): (format: MetricsFormat) => string | undefined {
  const texts = new Map<MetricsFormat, { readonly state: object; readonly text: string }>()
  return format => {
    const state = store.get()
    const { history, alerts, recorder } = state
    if (history.sources.meminfo?.okAt == null) return undefined
    const known = texts.get(format)
    if (known?.state === state) return known.text
    const { user, system } = process.cpuUsage()
    const own = { cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage.rss() }
    const { version } = packageJson
    const text = encodeMetrics({ history, alerts, recorder, kills: kills.listTotals(), own, version }, format)
    texts.set(format, { state, text })
    return text
  }
}
