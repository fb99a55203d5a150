// HTTP(S) server for metrics: read only, bounded in connections, header sizes and time.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import { KiB, MINUTE, SECOND } from '../../base/units.ts'
import { CONTENT_TYPES, type MetricsFormat, pickFormat } from '../../export/metrics/encode.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import { logToStderr } from '../stderr.ts'
import type { ListenAddress } from './listen-options.ts'
import type { WebAccess } from './web-access.ts'

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
const CERTIFICATE_INTERVAL = MINUTE // a renewed certificate is used after this time
const compress = promisify(gzip)

/** What the server shows. */
export interface MetricsContent {
  /** the metrics; undefined before the first sample */
  encode(format: MetricsFormat): string | undefined
  /** the verdict of `check --json` */
  check(): object
  /** the verdict in a line, and whether it is that all is well */
  describeVerdict(): { readonly isOk: boolean; readonly text: string }
  /** why the node cannot be watched at the moment; undefined if all is well */
  describeFailure(): string | undefined
}

/** Starts to listen. @throws UserError if the address cannot be used */
export async function startMetricsServer(
  { host, port }: ListenAddress,
  access: WebAccess,
  content: MetricsContent,
): Promise<Server> {
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void handleRequest(request, response, access, content).catch(() => response.destroy())
  const server = access.tls ? await createTlsServer(access.tls, handle) : createServer(LIMITS, handle)
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

async function createTlsServer(
  readTls: NonNullable<WebAccess['tls']>,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const { createServer: createHttpsServer } = await import('node:https')
  const create = (): ReturnType<typeof createHttpsServer> => createHttpsServer({ ...LIMITS, ...readTls() }, handle)
  let server: ReturnType<typeof createHttpsServer>
  try {
    server = create()
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`--web-config: ${getErrorMessage(error)}`)
  }
  repeatEvery(CERTIFICATE_INTERVAL, () => {
    try {
      server.setSecureContext(readTls())
    } catch (error) {
      logToStderr(`--web-config: ${getErrorMessage(error)}; the certificate of before stays in use`)
    }
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
  access: WebAccess,
  content: MetricsContent,
): Promise<void> {
  request.resume()
  const path = (request.url ?? '/').split('?', 1)[0]!
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'only GET\n')
  const isAllowed = await access.authorize(request.headers.authorization)
  if (isAllowed === undefined) return sendText(response, 429, 'too many passwords are being checked\n')
  if (!isAllowed) return refuse(response, access.schemes)
  if (path === '/metrics') return sendMetrics(request, response, content)
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined
  if (!page) return sendText(response, 404, 'not found: metrics are at /metrics\n')
  return page(response, content)
}

const PAGES: Readonly<Record<string, (response: ServerResponse, content: MetricsContent) => void>> = {
  '/': response =>
    sendText(
      response,
      200,
      'kmemtop: metrics are at /metrics, health at /-/healthy, the verdict of check at /-/ready and /check\n',
    ),
  '/-/healthy': (response, content) => {
    const failure = content.describeFailure()
    sendText(response, failure === undefined ? 200 : 503, `${failure ?? 'ok'}\n`)
  },
  '/-/ready': (response, content) => {
    const { isOk, text } = content.describeVerdict()
    sendText(response, isOk ? 200 : 503, `${text}\n`)
  },
  '/check': (response, content) => sendText(response, 200, `${toJson(content.check(), 2)}\n`, 'application/json'),
}

function refuse(response: ServerResponse, schemes: readonly string[]): void {
  response.setHeader('WWW-Authenticate', [...schemes])
  sendText(response, 401, 'not allowed: name and password, or a token, are wrong or missing\n')
}

async function sendMetrics(request: IncomingMessage, response: ServerResponse, content: MetricsContent): Promise<void> {
  const format = pickFormat(request.headers.accept)
  const text = content.encode(format)
  if (text === undefined) return sendText(response, 503, 'no sample yet\n')
  const isGzip = text.length >= GZIP_FROM && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const body = isGzip ? await compress(text, { level: 4 }) : Buffer.from(text)
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPES[format],
    'Content-Length': body.length,
    Vary: 'Accept, Accept-Encoding',
    ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
