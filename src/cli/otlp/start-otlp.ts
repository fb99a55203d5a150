// Pushes metrics over OTLP/HTTP with the exporter of OpenTelemetry. Metrics that a receiver misses wait, bounded, and are sent later.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { Store } from '../../app/store.ts'
import { repeatEvery, waitAtMost } from '../../sampling/clock.ts'
import { followMetrics } from '../agent/metrics-source.ts'
import { DeliveryQueue, RefusedError } from '../hooks/delivery-queue.ts'
import { logToStderr } from '../stderr.ts'
import type { MetricsOptions } from '../web/metrics-options.ts'
import type { OtlpOptions } from './otlp-options.ts'
import { parseOtlpTarget } from './otlp-target.ts'
import { describeResource, toResourceMetrics } from './resource-metrics.ts'

/** Pushes that wait: an hour and a half of the default interval. */
const MAX_WAITING = 90
const MAX_PUSH_TIME = 20_000 // ms for one push, with the attempts of the exporter: those take 10 s

/** Starts to push; returns a function that pushes the last sample and ends it. @throws UserError */
export function startOtlp(
  options: OtlpOptions & MetricsOptions & { readonly otlp: string },
  store: Store,
  maxPushTime = MAX_PUSH_TIME,
): () => Promise<void> {
  const target = parseOtlpTarget(options.otlp, options.otlpTokenFile)
  logExporter()
  const exporter = new OTLPMetricExporter({ url: target.url, headers: target.headers })
  const queue = new DeliveryQueue<ResourceMetrics>({
    name: `--otlp ${target.shownUrl}`,
    deliver: metrics => pushMetrics(exporter, metrics, maxPushTime),
    retries: true,
    log: logToStderr,
    maxWaiting: MAX_WAITING,
    refillTime: options.otlpInterval / 60, // what waited for an hour is sent in a minute
  })
  const push = createPusher(store, queue, options)
  const stop = repeatEvery(options.otlpInterval, push)
  const stopWaiting = pushFirst(store, push)
  return async () => {
    stop()
    stopWaiting()
    push()
    await queue.finish()
  }
}

// A sample that was pushed already is not pushed again: sampling may have stopped.
function createPusher(store: Store, queue: DeliveryQueue<ResourceMetrics>, options: MetricsOptions): () => void {
  const collect = followMetrics(store, options)
  let pushedAt = Number.NEGATIVE_INFINITY
  return () => {
    const input = collect()
    if (!input || input.history.time <= pushedAt) return
    pushedAt = input.history.time
    queue.push(toResourceMetrics(input, describeResource(input.history, input.version)))
  }
}

// The first sample is pushed at once: a wrong URL shows as soon as the exporter has given up, after ten seconds.
function pushFirst(store: Store, push: () => void): () => void {
  const stop = store.subscribe(() => {
    if (store.get().history.sources.meminfo?.okAt == null) return
    stop()
    push()
  })
  return stop
}

/** @throws RefusedError if the receiver does not want it, Error if it may be tried again */
async function pushMetrics(exporter: OTLPMetricExporter, metrics: ResourceMetrics, maxTime: number): Promise<void> {
  const requests = watchRequests()
  try {
    const exported = exportMetrics(exporter, metrics)
    exported.catch(() => {}) // it is awaited below, maybe later than it fails
    await waitAtMost(maxTime, exported)
    requests.destroyAll()
    await exported
  } finally {
    requests.stop()
  }
}

const REQUEST_CHANNEL = 'http.client.request.start'

// The exporter gives up after some silence. A receiver that answers a byte at a time is never silent.
function watchRequests(): { readonly destroyAll: () => void; readonly stop: () => void } {
  const requests: ClientRequest[] = []
  const add = (message: unknown): void => void requests.push((message as { readonly request: ClientRequest }).request)
  subscribe(REQUEST_CHANNEL, add)
  return {
    destroyAll: () => {
      for (const request of requests) request.destroy()
    },
    stop: () => unsubscribe(REQUEST_CHANNEL, add),
  }
}

function exportMetrics(exporter: OTLPMetricExporter, metrics: ResourceMetrics): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  exporter.export(metrics, ({ code, error }) => {
    if (code === ExportResultCode.SUCCESS) resolve()
    else reject(describeExportError(error))
  })
  return promise
}

// An answer with a code was no success, and not one of those that ask to try again: the exporter has sorted them.
function describeExportError(error: (Error & { readonly code?: unknown }) | undefined): Error {
  if (typeof error?.code === 'number') return new RefusedError(`answered ${error.code} ${error.message}`)
  if (typeof error?.code === 'string') return new Error(error.code)
  return new Error(error?.message ?? 'no answer')
}

const LOGGED = /^Received Partial Success|^Failed to read/

/** Passes on what the exporter warns about, each text once: rejected points, and certificates that cannot be read. */
function logExporter(): void {
  const logged = new Set<string>()
  const warn = (message: string, ...more: readonly unknown[]): void => {
    const text = `--otlp: ${[message, ...more].join(' ').slice(0, 500)}`
    if (!LOGGED.test(message) || logged.has(text) || logged.size > 20) return
    logged.add(text)
    logToStderr(text)
  }
  const ignore = (): void => {}
  const options = { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true }
  diag.setLogger({ error: ignore, warn, info: ignore, debug: ignore, verbose: ignore }, options)
}
