// HTTP(S) server for metrics: read only, bounded in connections, header sizes and time.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import { KiB, SECOND } from '../../base/units.ts'
import { CONTENT_TYPES, type MetricsFormat, pickFormat } from '../../export/metrics/encode.ts'
import type { AccessWatch } from './access-watch.ts'
import { BodyCache } from './body-cache.ts'
import { limitConnections } from './connection-places.ts'
import type { ListenAddress } from './listen-options.ts'
import type { WebAccess } from './web-access.ts'
import type { TlsSettings } from './web-config.ts'

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

/** Starts to listen. `access` is asked for each request: it may change. @throws UserError if the address cannot be used */
export async function startMetricsServer(
  address: ListenAddress,
  access: AccessWatch,
  content: MetricsContent,
): Promise<Server> {
  const bodies = new BodyCache()
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void handleRequest(request, response, access.get(), { ...content, bodies }).catch(() => response.destroy())
  const { tls } = access.get()
  const server = tls ? await createTlsServer(tls, access, handle) : createServer(LIMITS, handle)
  limitConnections(server, MAX_CONNECTIONS)
  server.timeout = SEND_TIMEOUT
  server.on('clientError', refuseGarbage)
  await listenAt(server, address)
  return server
}

/** Fails as `startMetricsServer` would, before anything else is started. @throws UserError if the address cannot be used */
export async function checkAddress(address: ListenAddress): Promise<void> {
  const server = createTcpServer()
  await listenAt(server, address)
  await new Promise(resolve => server.close(resolve))
}

const listenAt = (server: TcpServer, { host, port }: ListenAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UserError(`--listen ${host}:${port}: ${describeListenError(error)}`)),
    )
    server.listen(port, host)
  })

async function createTlsServer(
  tls: TlsSettings,
  access: AccessWatch,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const { createServer: createHttpsServer } = await import('node:https')
  const server = createHttpsServer({ ...LIMITS, ...tls }, handle)
  access.onChange(changed => changed.tls && server.setSecureContext(changed.tls))
  return server
}

const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

function refuseGarbage({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || code === 'ECONNRESET') socket.destroy()
  else
    socket.end(`HTTP/1.1 ${REFUSALS[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
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

type ServedContent = MetricsContent & { readonly bodies: BodyCache }

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  access: WebAccess,
  content: ServedContent,
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

async function sendMetrics(request: IncomingMessage, response: ServerResponse, content: ServedContent): Promise<void> {
  const format = pickFormat(request.headers.accept)
  const text = content.encode(format)
  if (text === undefined) return sendText(response, 503, 'no sample yet\n')
  const isGzip = text.length >= GZIP_FROM && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const body = await content.bodies.get(text, isGzip)
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
