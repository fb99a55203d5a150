// Serves the state of the node while it is sampled: metrics, health, and the verdict of `check`.
import type { AddressInfo } from 'node:net'
import type { Store } from '../../app/store.ts'
import { type CheckInput, computeVerdict, formatVerdict, toCheckJson } from '../../export/check.ts'
import { encodeMetrics, type MetricsFormat } from '../../export/metrics/encode.ts'
import { followMetrics } from '../agent/metrics-source.ts'
import type { SamplingOptions } from '../shared-options.ts'
import { logToStderr } from '../stderr.ts'
import { watchAccess } from './access-watch.ts'
import type { ListenOptions } from './listen-options.ts'
import type { MetricsOptions } from './metrics-options.ts'
import { startMetricsServer } from './metrics-server.ts'

/** Starts to serve; returns a function that ends it. `describeStall` says that no samples come. @throws UserError */
export async function serveMetrics(
  options: ListenOptions & MetricsOptions & Pick<SamplingOptions, 'kmsg'>,
  store: Store,
  describeStall: () => string | undefined,
): Promise<() => void> {
  const access = watchAccess(options)
  const getCheckInput = (): CheckInput => ({ ...store.get(), past: false, off: options.kmsg === 'off' ? ['kmsg'] : [] })
  const server = await startMetricsServer(options.listen, access, {
    encode: createEncoder(store, options),
    check: () => toCheckJson(getCheckInput()),
    describeVerdict: () => {
      const stall = describeStall()
      if (stall !== undefined) return { isOk: false, text: `unknown: ${stall}` }
      return { isOk: computeVerdict(getCheckInput()) === 'ok', text: formatVerdict(getCheckInput()) }
    },
    describeFailure: () => describeStall() ?? store.get().history.sources.meminfo?.error,
  })
  const { host } = options.listen
  const { port } = server.address() as AddressInfo // of port 0 another one
  const scheme = access.get().tls ? 'https' : 'http'
  logToStderr(`serving metrics at ${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`)
  return () => {
    access.stop()
    server.closeAllConnections()
    server.close()
  }
}

// Many scrapers of one sample get one text.
function createEncoder(store: Store, options: MetricsOptions): (format: MetricsFormat) => string | undefined {
  const collect = followMetrics(store, options)
  const texts = new Map<MetricsFormat, { readonly state: object; readonly text: string }>()
  return format => {
    const state = store.get()
    const known = texts.get(format)
    if (known?.state === state) return known.text
    const input = collect()
    if (!input) return undefined
    const text = encodeMetrics(input, format)
    texts.set(format, { state, text })
    return text
  }
}
