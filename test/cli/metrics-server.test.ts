// The server of metrics: files that are renewed while it runs, requests that are no requests.
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AccessWatch, watchAccess } from '../../src/cli/web/access-watch.ts'
import { type MetricsContent, startMetricsServer } from '../../src/cli/web/metrics-server.ts'
import type { AccessOptions } from '../../src/cli/web/web-access.ts'
import { writeCertificate } from '../helpers/certificates.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { createRandom } from '../seeded-random.ts'

const METRICS = `kmemtop_test ${'1'.repeat(20_000)}\n`
const CONTENT: MetricsContent = {
  encode: () => METRICS,
  check: () => ({}),
  describeVerdict: () => ({ isOk: true, text: 'ok' }),
  describeFailure: () => undefined,
}
const RELOAD_INTERVAL = 20 // ms

let folder: string
let logged: string
let [server, access]: [Server | undefined, AccessWatch | undefined] = [undefined, undefined]

beforeEach(() => {
  folder = createTemporaryFolder()
  logged = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    logged += String(text)
    return true
  })
})

afterEach(() => {
  access?.stop()
  server?.close().closeAllConnections()
  vi.restoreAllMocks()
})

async function start(options: AccessOptions = {}): Promise<number> {
  access = watchAccess(options, RELOAD_INTERVAL)
  server = await startMetricsServer({ host: '127.0.0.1', port: 0 }, access, CONTENT)
  return (server.address() as AddressInfo).port
}

const writeConfig = (text: string): string => {
  const file = join(folder, 'web.yml')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

const TLS = 'tls_server_config: { cert_file: cert.pem, key_file: key.pem }\n'
const formatUsers = (password: string): string => `basic_auth_users: { me: '${hashSync(password, 4)}' }\n`

async function readSubject(port: number): Promise<unknown> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return subject.CN
}

function getStatus(port: number, password: string): Promise<number> {
  const options = { host: '127.0.0.1', port, path: '/metrics', auth: `me:${password}`, rejectUnauthorized: false }
  return new Promise((resolve, reject) => {
    request({ ...options, agent: false }, response => resolve(response.resume().statusCode!))
      .on('error', reject)
      .end()
  })
}

describe('files that change while it runs', () => {
  test('a renewed certificate is used, and one without its key is not', async () => {
    writeCertificate(folder, 'first')
    const port = await start({ webConfig: writeConfig(TLS) })
    expect(await readSubject(port)).toBe('first')
    writeFileSync(join(folder, 'cert.pem'), 'half')
    await vi.waitFor(() => expect(logged).toMatch(/--web-config: .*; the settings of before stay in use\n/), 60_000)
    expect(await readSubject(port)).toBe('first')
    writeCertificate(folder, 'second')
    await vi.waitFor(async () => expect(await readSubject(port)).toBe('second'), 60_000)
  })

  test('a changed password counts, the old one no more, and a broken file changes nothing', async () => {
    writeCertificate(folder)
    const port = await start({ webConfig: writeConfig(TLS + formatUsers('old')) })
    expect([await getStatus(port, 'old'), await getStatus(port, 'new')]).toEqual([200, 401])
    writeConfig(TLS + formatUsers('new'))
    await vi.waitFor(async () => expect(await getStatus(port, 'new')).toBe(200), 60_000)
    expect(await getStatus(port, 'old')).toBe(401)
    writeConfig('basic_auth_users: { me: plain }')
    await vi.waitFor(
      () => expect(logged).toMatch(/basic_auth_users\.me: expected a bcrypt hash; the settings of before/),
      60_000,
    )
    writeConfig(formatUsers('new')) // without TLS
    await vi.waitFor(() => expect(logged).toMatch(/TLS is switched on or off by a restart only/), 60_000)
    expect([await getStatus(port, 'new'), await getStatus(port, 'plain')]).toEqual([200, 401])
  })

  test('a token that is replaced', async () => {
    const webTokenFile = join(folder, 'token')
    writeFileSync(webTokenFile, 'one', { mode: 0o600 })
    const port = await start({ webTokenFile })
    const ask = async (token: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await ask('one'), await ask('two')]).toEqual([200, 401])
    writeFileSync(webTokenFile, 'two')
    await vi.waitFor(async () => expect(await ask('two')).toBe(200), 60_000)
    expect(await ask('one')).toBe(401)
    rmSync(webTokenFile)
    symlinkSync(webTokenFile, webTokenFile) // cannot be reached: ELOOP
    await vi.waitFor(() => expect(logged).toMatch(/ELOOP.*; the settings of before stay in use/), 60_000)
    expect(await ask('two')).toBe(200)
    expect(logged).not.toMatch(/one|two/)
  })
})

describe('a secret', () => {
  test('that every user can read is reported, one of the owner is not', async () => {
    const { key } = writeCertificate(folder)
    chmodSync(key, 0o644)
    await start({ webConfig: writeConfig(TLS) })
    expect(logged).toMatch(
      /^kmemtop: .*key\.pem holds a secret and can be read by every user \(mode 644\): chmod 600\n$/,
    )
    access?.stop()
    server?.close()
    chmodSync(key, 0o640)
    logged = ''
    await start({ webConfig: writeConfig(TLS) })
    expect(logged).toBe('')
  })

  test('that is no file is one sentence', () => {
    mkdirSync(join(folder, 'key.pem'))
    writeFileSync(join(folder, 'cert.pem'), '')
    expect(() => watchAccess({ webConfig: writeConfig(TLS) })).toThrow(
      /^--web-config: cannot read key\.pem: it is no regular file/,
    )
    expect(() => watchAccess({ webTokenFile: folder })).toThrow(/^cannot read .*it is no regular file/)
  })
})

async function talk(port: number, bytes: string | Buffer): Promise<string> {
  const socket = await openSocket(port)
  let text = ''
  socket.on('data', chunk => {
    text += chunk
  })
  socket.end(bytes)
  await once(socket, 'close')
  return text
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

const isWell = async (port: number): Promise<boolean> =>
  (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()) === METRICS

describe('requests', () => {
  test.each([
    ['a header of 7 KiB', `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'a'.repeat(7000)}\r\n\r\n`, 200],
    ['a header of 9 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(9000)}\r\n\r\n`, 431],
    ['many headers', `GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(3000)}\r\n`, 431],
    ['a URL of 9 KiB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['no Host', 'GET /metrics HTTP/1.1\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['length and chunks', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['another version', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 400],
    ['another method', 'BREW /metrics HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['POST', 'POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx', 405],
    ['a path that climbs', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
    ['the name of a property', 'GET __proto__ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['HTTP/1.0', 'GET /-/healthy HTTP/1.0\r\n\r\n', 200],
  ])('%s is answered with its status', async (_, bytes, status) => {
    const port = await start()
    expect(await talk(port, Buffer.from(bytes, 'latin1'))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(await isWell(port)).toBe(true)
  })

  test('noise, and requests with bytes that were changed', async () => {
    const port = await start()
    const random = createRandom(23)
    const whole = Buffer.from('GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n')
    for (let i = 0; i < 200; i++) {
      const bytes = i % 2 === 0 ? Buffer.from(whole) : Buffer.alloc(100)
      const changes = i % 2 === 0 ? 3 : bytes.length
      for (let j = 0; j < changes; j++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      const answer = await talk(port, bytes)
      expect(answer === '' || /^HTTP\/1\.1 [245]\d\d /.test(answer)).toBe(true)
    }
    expect(await isWell(port)).toBe(true)
  })
})

describe('places', () => {
  const PLACES = 64

  const holdPlaces = (port: number, bytes: string): Promise<readonly Socket[]> =>
    Promise.all(
      Array.from({ length: PLACES }, async () => {
        const socket = await openSocket(port)
        socket.write(bytes)
        return socket
      }),
    )

  test.each([
    ['say nothing', ''],
    ['send half a request', 'GET /metrics HTTP/1.1\r\nHost:'],
    ['have their answer and stay', 'GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('as many connections as there are places that %s give way to a new one, the oldest first', async (_, bytes) => {
    const port = await start()
    const sockets = await holdPlaces(port, bytes)
    if (bytes.endsWith('\r\n\r\n')) await Promise.all(sockets.map(socket => once(socket, 'data')))
    const closed = once(sockets[0]!, 'close')
    expect(await isWell(port)).toBe(true)
    await closed
    for (const socket of sockets) socket.destroy()
  })

  test('of TLS too', async () => {
    writeCertificate(folder)
    const port = await start({ webConfig: writeConfig(TLS) })
    const sockets = await holdPlaces(port, '')
    expect(await readSubject(port)).toBe('localhost')
    for (const socket of sockets) socket.destroy()
  })
})
