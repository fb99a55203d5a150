// HTTP server for metrics: read only, bounded in connections, header sizes and time.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { UserError } from '../base/errors.ts'
import { KiB, SECOND } from '../base/units.ts'
import { CONTENT_TYPES, type MetricsFormat, pickFormat } from '../export/metrics/encode.ts'
import type { ListenAddress } from './commands/serve.ts'

const LIMITS = {
  maxHeaderSize: 8 * KiB,
  headersTimeout: 5 * SECOND,
  requestTimeout: 10 * SECOND,
  keepAliveTimeout: 60 * SECOND,
  connectionsCheckingInterval: 2 * SECOND,
}
const MAX_CONNECTIONS = 64
const SEND_TIMEOUT = 30 * SECOND // of a reader that does not read
const GZIP_FROM = KiB
const compress = promisify(gzip)

/** What the server shows. */
export interface MetricsContent {
  /** the metrics; undefined before the first sample */
  encode(format: MetricsFormat): string | undefined
  /** why the node cannot be watched at the moment; undefined if all is well */
  describeFailure(): string | undefined
}

/** Starts to listen. @throws UserError if the address cannot be used */
export async function startMetricsServer({ host, port }: ListenAddress, content: MetricsContent): Promise<Server> {
  const server = createServer(LIMITS, (request, response) => void handleRequest(request, response, content))
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = SEND_TIMEOUT
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`--listen ${host}:${port}: ${describeListenError(error)}`)),
    )
    server.listen(port, host)
  })
  return server
}

function describeListenError({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'not permitted: ports below 1024 need root',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'no such host',
  }
  return reasons[code ?? ''] ?? message
}

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  content: MetricsContent,
): Promise<void> {
  request.resume()
  const path = (request.url ?? '/').split('?', 1)[0]
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'only GET\n')
  if (path === '/-/healthy') {
    const failure = content.describeFailure()
    return sendText(response, failure === undefined ? 200 : 503, `${failure ?? 'ok'}\n`)
  }
  if (path === '/') return sendText(response, 200, 'kmemtop: metrics are at /metrics, health at /-/healthy\n')
  if (path !== '/metrics') return sendText(response, 404, 'not found: metrics are at /metrics\n')
  const format = pickFormat(request.headers.accept)
  const text = content.encode(format)
  if (text === undefined) return sendText(response, 503, 'no sample yet\n')
  await sendMetrics(request, response, text, CONTENT_TYPES[format])
}

async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  contentType: string,
): Promise<void> {
  const isGzip = text.length >= GZIP_FROM && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const body = isGzip ? await compress(text, { level: 4 }) : Buffer.from(text)
  response.writeHead(200, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Vary: 'Accept, Accept-Encoding',
    ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
