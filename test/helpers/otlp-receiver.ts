// A receiver of OTLP/HTTP that decodes what it gets by the published schema, of which it has the part about gauges and sums:
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

const SCHEMA = `syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Scope { string name = 1; string version = 2; }
message Metric { string name = 1; string description = 2; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; } }
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message NumberDataPoint {
  repeated KeyValue attributes = 7;
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }`

const Request = protobuf.parse(SCHEMA).root.lookupType('Request')

interface KeyValue {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

interface RawPoint {
  readonly attributes?: readonly KeyValue[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
  readonly asDouble: number
}

interface RawMetric {
  readonly name: string
  readonly unit?: string
  readonly gauge?: { readonly dataPoints: readonly RawPoint[] }
  readonly sum?: {
    readonly dataPoints: readonly RawPoint[]
    readonly aggregationTemporality: number
    readonly isMonotonic: boolean
  }
}

interface RawRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[]
  }[]
}

/** One number as it arrived. Times are milliseconds since 1970. */
export interface ReceivedPoint {
  readonly metric: RawMetric
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly startTime: number
  readonly time: number
}

/** One push. */
export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders
  readonly url: string
  readonly resource: Readonly<Record<string, string>>
  readonly points: readonly ReceivedPoint[]
}

const toRecord = (pairs: readonly KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue]))

function decodePush(url: string, headers: IncomingHttpHeaders, body: Buffer): ReceivedPush {
  const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  const json = Request.toObject(Request.decode(bytes), { longs: String }) as RawRequest
  const [{ resource, scopeMetrics }] = json.resourceMetrics as [RawRequest['resourceMetrics'][0]]
  const points = scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap(metric =>
      (metric.gauge ?? metric.sum)!.dataPoints.map(
        ({ attributes, asDouble, startTimeUnixNano, timeUnixNano }): ReceivedPoint => ({
          metric,
          labels: toRecord(attributes),
          value: asDouble,
          startTime: Number(startTimeUnixNano) / 1e6,
          time: Number(timeUnixNano) / 1e6,
        }),
      ),
    )
  return { headers, url, resource: toRecord(resource.attributes), points }
}

export type Answer = (response: ServerResponse, count: number) => void

/** Listens on loopback, on `port` if it is given; answers as `answer` says, by default that all is well. */
export async function startOtlpReceiver({
  port = 0,
  tls,
  answer = response => response.end(),
}: {
  readonly port?: number
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer }
  readonly answer?: Answer
} = {}) {
  const pushes: ReceivedPush[] = []
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      pushes.push(decodePush(request.url!, request.headers, Buffer.concat(chunks)))
      answer(response, pushes.length)
    })
  }
  const server = (tls ? createTlsServer(tls, receive) : createServer(receive)).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo
  const close = (): void => server.close().closeAllConnections()
  return { pushes, port: actual, url: `${tls ? 'https' : 'http'}://127.0.0.1:${actual}`, close }
}
