// --otlp: what a receiver gets, what one costs that is away or refuses, and that no secret is logged.
import { readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { createStore, type Store } from '../../src/app/store.ts'
import { parseOtlpTarget } from '../../src/cli/otlp/otlp-target.ts'
import { startOtlp } from '../../src/cli/otlp/start-otlp.ts'
import { encodeMetrics } from '../../src/export/metrics/encode.ts'
import { createHistory } from '../../src/history.ts'
import { createLogReading, formatReport } from '../detectors/kills.ts'
import { createMeminfo } from '../detectors/readings.ts'
import { findFreePort } from '../e2e/free-port.ts'
import { session } from '../fixtures.ts'
import { writeCertificate } from '../helpers/certificates.ts'
import { startOtlpReceiver } from '../helpers/otlp-receiver.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const MINUTE = 60_000
const folder = createTemporaryFolder()
const closers: (() => unknown)[] = []
let logged = ''

beforeEach(() => {
  logged = ''
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500') // no attempt of the exporter's own after the first
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    logged += String(text)
    return true
  })
})

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

type Receiver = Awaited<ReturnType<typeof startOtlpReceiver>>

async function startReceiver(...options: Parameters<typeof startOtlpReceiver>): Promise<Receiver> {
  const receiver = await startOtlpReceiver(...options)
  closers.push(receiver.close)
  return receiver
}

/** Pushes the state of a new store each minute unless `otlpInterval` says otherwise. */
function push(otlp: string, options: { otlpInterval?: number; otlpTokenFile?: string } = {}, maxPushTime?: number) {
  const store = createStore(createInitialState(createHistory(session)))
  const finish = startOtlp(
    { otlp, otlpInterval: MINUTE, cgroupSeries: 0, metrics: 'default', ...options },
    store,
    maxPushTime,
  )
  closers.unshift(finish)
  return { store, finish, sample: (time: number) => sample(store, time) }
}

const sample = (store: Store, time: number): void =>
  store.dispatch({ type: 'readings', readings: [createMeminfo(time)] })

describe('a receiver', () => {
  test('gets every metric that is served, with its unit, kind and times', async () => {
    const { pushes, url } = await startReceiver()
    const { store, finish, sample: takeSample } = push(url)
    takeSample(1000)
    store.dispatch({ type: 'readings', readings: [createLogReading(4100, formatReport(4000))] })
    takeSample(5000)
    await finish()
    const { points, resource, url: path } = pushes.at(-1)!
    expect(path).toBe('/v1/metrics')
    expect(resource).toMatchObject({ 'service.name': 'kmemtop', 'service.instance.id': session.host })
    const { history, alerts } = store.get()
    const kills = [{ namespace: '', pod: '', count: 1, last: { labels: {}, value: 1, time: 0 } }]
    const served = encodeMetrics({ history, alerts, kills, own: { cpuSeconds: 1, rss: 1 }, version: '1' }, 'text')
    const names = [...served.matchAll(/^# TYPE (\w+) (\w+)/gm)].map(([, name]) => name!.replace(/_total$/, ''))
    expect([...new Set(points.map(({ metric }) => metric.name))]).toEqual(names)
    const find = (name: string) => points.find(({ metric }) => metric.name === name)!
    const total = points.find(({ labels }) => labels.name === 'MemTotal')!
    expect(total).toMatchObject({ value: history.meminfo.values.get('MemTotal'), metric: { unit: 'By' } })
    expect(total.time).toBe(session.wallClock + 5000)
    expect(find('kmemtop_oom_kills')).toMatchObject({
      value: 1,
      startTime: session.wallClock,
      metric: { sum: { aggregationTemporality: 2, isMonotonic: true } },
    })
  })

  test('gets each sample once, also where sampling has stopped', async () => {
    const { pushes, url } = await startReceiver()
    const { sample: takeSample, finish } = push(url, { otlpInterval: 5 })
    takeSample(1000)
    await vi.waitFor(() => expect(pushes).toHaveLength(1), 60_000)
    takeSample(2000)
    await vi.waitFor(() => expect(pushes).toHaveLength(2), 60_000)
    await finish()
    expect(pushes.map(({ points }) => points[0]!.time)).toEqual([1000, 2000].map(time => session.wallClock + time))
  })

  test('has resource attributes of OTEL_RESOURCE_ATTRIBUTES', async () => {
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'service.instance.id=node-7,pool=gpu')
    const { pushes, url } = await startReceiver()
    const { sample: takeSample, finish } = push(url)
    takeSample(1000)
    await finish()
    expect(pushes[0]!.resource).toMatchObject({
      'service.instance.id': 'node-7',
      pool: 'gpu',
      'host.name': session.host,
    })
  })

  test('that rejects points is reported with its reason, once', async () => {
    // ExportMetricsServiceResponse { partial_success { rejected_data_points: 3, error_message: "no" } }
    const partial = Buffer.from([0x0a, 6, 0x08, 3, 0x12, 2, 0x6e, 0x6f])
    const { url } = await startReceiver({ answer: response => response.end(partial) })
    const { sample: takeSample, finish } = push(url, { otlpInterval: 5 })
    takeSample(1000)
    takeSample(2000)
    await finish()
    expect(logged.match(/Partial Success/g)).toHaveLength(1)
    expect(logged).toContain('"errorMessage":"no"')
  })
})

describe('a receiver that is away', () => {
  test('for an hour: the newest 90 wait, come in order, and what was left out is counted', async () => {
    const port = await findFreePort()
    const { sample: takeSample, finish } = push(`http://127.0.0.1:${port}`, { otlpInterval: 1 })
    for (let i = 1; i <= 200; i++) {
      takeSample(i * 1000)
      await new Promise(resolve => setTimeout(resolve, 3)) // the timer of the push
    }
    await vi.waitFor(() => expect(logged).toMatch(/--otlp .*ECONNREFUSED; trying again/), 60_000)
    const { pushes } = await startReceiver({ port })
    await vi.waitFor(() => expect(pushes.at(-1)?.points[0]?.time).toBe(session.wallClock + 200_000), 60_000)
    await finish()
    const times = pushes.map(({ points }) => points[0]!.time)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.length).toBeGreaterThanOrEqual(90)
    expect(times.length).toBeLessThanOrEqual(92) // the one that was being tried, and the last
    expect(logged).toMatch(/works again\n/)
    expect(logged).toMatch(/ \d+ were left out, too many waited/)
  })

  test('with 503 it is asked again, with 400 it is not, and the next push goes on', async () => {
    const codes = [503, 400, 200]
    const { pushes, url } = await startReceiver({
      answer: (response, count) => response.writeHead(codes[count - 1] ?? 200).end(),
    })
    const { sample: takeSample } = push(url, { otlpInterval: 5 })
    takeSample(1000)
    await vi.waitFor(() => expect(pushes).toHaveLength(2), 60_000)
    takeSample(2000)
    await vi.waitFor(() => expect(logged).toMatch(/works again/), 60_000)
    expect(pushes.map(({ points }) => points[0]!.time - session.wallClock)).toEqual([1000, 1000, 2000])
  })
})

// The exporter waits for silence only. Behind such a receiver all later pushes waited without a message.
test('a receiver that answers a byte at a time is given up after a while, and asked again', async () => {
  const drip = (response: ServerResponse): void => {
    response.writeHead(503)
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  }
  const { pushes, url } = await startReceiver({
    answer: (response, count) => (count === 1 ? drip(response) : response.end()),
  })
  const { sample: takeSample } = push(url, {}, 700)
  takeSample(1000)
  await vi.waitFor(() => expect(logged).toMatch(/trying again[\s\S]*works again/), 60_000)
  expect(pushes).toHaveLength(2)
})

describe('access', () => {
  test('a password in the URL, headers of the environment; none is logged', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=s3cret-tenant')
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip')
    const { pushes, port } = await startReceiver({ answer: response => response.writeHead(403).end() })
    const { sample: takeSample, finish } = push(`http://me:s3cret@127.0.0.1:${port}/otlp/?key=s3cret-key`)
    takeSample(1000)
    await finish()
    expect(pushes[0]).toMatchObject({
      url: '/otlp/v1/metrics?key=s3cret-key',
      headers: {
        authorization: `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
        'x-tenant': 's3cret-tenant',
        'content-encoding': 'gzip',
        'content-type': 'application/x-protobuf',
      },
    })
    expect(logged).toMatch(/^kmemtop: --otlp http:\/\/127\.0\.0\.1:\d+\/otlp\/v1\/metrics: answered 403 Forbidden\n$/)
  })

  test('TLS, with the authority and token in files', async () => {
    const { key, cert } = writeCertificate(folder)
    const token = join(folder, 'token')
    writeFileSync(token, 'abc\n')
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', cert)
    const { pushes, url } = await startReceiver({ tls: { key: readFileSync(key), cert: readFileSync(cert) } })
    const { sample: takeSample, finish } = push(url, { otlpTokenFile: token })
    takeSample(1000)
    await finish()
    expect(pushes[0]!.headers.authorization).toBe('Bearer abc')
  })

  test.each([
    ['http://collector:4318', 'http://collector:4318/v1/metrics'],
    ['https://h/api/v1/otlp/', 'https://h/api/v1/otlp/v1/metrics'],
    ['http://h/v1/metrics', 'http://h/v1/metrics'],
  ])('%s is posted to %s', (text, url) => expect(parseOtlpTarget(text, undefined).url).toBe(url))

  test('a URL of another kind is refused', () => {
    expect(() => parseOtlpTarget('grpc://h:4317', undefined)).toThrow(/^--otlp: expected a URL like/)
  })
})
