// kmemtop serve: what Prometheus makes of it, and requests that do not behave.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'
import { makeTree } from './tree.ts'

const noPrometheus =
  spawnSync('prometheus', ['--version']).status === 0 ? undefined : 'prometheus is missing: apt-get install prometheus'

let port: number
let program: ChildProcess
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers })

beforeAll(async () => {
  port = await findFreePort()
  program = spawn(PROGRAM, ['serve', '--listen', `127.0.0.1:${port}`, '-i', '500ms'], {
    env: createTerminalEnv(),
    stdio: 'ignore',
  })
  await vi.waitFor(async () => expect((await get('/metrics')).status).toBe(200), { timeout: 60_000, interval: 100 })
})

afterAll(async () => {
  const exited = once(program, 'exit')
  program.kill()
  await exited
})

test('serves both formats by Accept, gzip where it is wanted', async () => {
  const openmetrics = await get('/metrics', { accept: 'application/openmetrics-text;version=1.0.0' })
  expect(openmetrics.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(await openmetrics.text()).toMatch(/# EOF\n$/)
  const plain = await get('/metrics', { 'accept-encoding': 'gzip' })
  expect(plain.headers.get('content-encoding')).toBe('gzip')
  expect(await plain.text()).toMatch(/^kmemtop_meminfo_bytes\{name="MemTotal"\} \d+$/m)
})

test('has a bounded number of series', async () => {
  const text = await (await get('/metrics')).text()
  expect(text.split('\n').filter(line => line !== '' && !line.startsWith('#')).length).toBeLessThan(100)
})

test('health, an index, and clear answers to everything else', async () => {
  expect([(await get('/-/healthy')).status, (await get('/')).status, (await get('/etc/passwd')).status]).toEqual([
    200, 200, 404,
  ])
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405)
})

async function talk(bytes: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

/** Asks over a connection of its own, until there is a place for it. */
const waitUntilWell = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const socket = await talk('GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      let answer = ''
      socket.on('data', chunk => {
        answer += chunk
      })
      if (!socket.closed) await once(socket, 'close')
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    },
    { timeout: 60_000, interval: 200 },
  )

const readResident = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))![1]) * 1024

const countSockets = (): number =>
  readdirSync(`/proc/${program.pid}/fd`).filter(fd => {
    try {
      return readlinkSync(`/proc/${program.pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false // closed meanwhile
    }
  }).length

test('garbage and endless headers are answered and end the connection', async () => {
  const sockets = [
    await talk('\x00\xff garbage\r\n\r\n'),
    await talk(`GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`),
  ]
  for (const socket of sockets) await vi.waitFor(() => expect(socket.destroyed).toBe(true), 60_000)
  await waitUntilWell()
})

test('of 1,000 connections that begin a request 64 stay, and when their time is over it answers again', async () => {
  const before = readResident()
  const idle = await Promise.all(Array.from({ length: 1000 }, () => talk('GET /metrics HTTP/1.1\r\n')))
  expect(countSockets()).toBeLessThan(80)
  await waitUntilWell() // the begun requests get five seconds
  expect(readResident() - before).toBeLessThan(40 * 2 ** 20)
  for (const socket of idle) socket.destroy()
})

test('a reader that sends 20,000 requests and reads no answer costs no memory, and holds nobody up', async () => {
  const before = readResident()
  const socket = await talk('')
  socket.pause()
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20_000)) // 250 MB of answers
  for (let i = 0; i < 20; i++) await waitUntilWell()
  expect(readResident() - before).toBeLessThan(60 * 2 ** 20)
  socket.destroy()
})

test('an address that is taken is one sentence and code 2, before a recording is begun', () => {
  const folder = createTemporaryFolder()
  const args = ['agent', '-o', folder, '--listen', `127.0.0.1:${port}`]
  const { status, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8', env: createTerminalEnv() })
  expect([status, stderr]).toEqual([2, expect.stringContaining('another program listens there')])
  expect(readdirSync(folder)).toEqual([])
})

testUnless(noPrometheus)('a real Prometheus scrapes it, and knows its series', async () => {
  const folder = createTemporaryFolder()
  const ownPort = await findFreePort()
  const config = `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: kmemtop\n    static_configs: [{ targets: ['127.0.0.1:${port}'] }]\n`
  writeFileSync(join(folder, 'prometheus.yml'), config)
  const options = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${ownPort}`,
  ]
  const prometheus = spawn('prometheus', options, { stdio: 'ignore' })
  try {
    await vi.waitFor(
      async () => {
        const query = encodeURIComponent(
          'up{job="kmemtop"} == 1 and on(instance) kmemtop_meminfo_bytes{name="MemTotal"}',
        )
        const answer = await (await fetch(`http://127.0.0.1:${ownPort}/api/v1/query?query=${query}`)).json()
        expect(answer).toMatchObject({ data: { result: [{ metric: { job: 'kmemtop' } }] } })
      },
      { timeout: 45_000, interval: 500 },
    )
    const metadata = await (
      await fetch(`http://127.0.0.1:${ownPort}/api/v1/metadata?metric=kmemtop_meminfo_bytes`)
    ).json()
    expect(metadata).toMatchObject({ data: { kmemtop_meminfo_bytes: [{ type: 'gauge', unit: 'bytes' }] } })
  } finally {
    const exited = once(prometheus, 'exit')
    prometheus.kill()
    await exited
  }
})

test('a node that stops answering is not healthy, and not ready, whatever was found before', async () => {
  const root = createTemporaryFolder()
  const pidFile = join(root, 'pid')
  const ownPort = await findFreePort()
  const far = `echo $$ >${pidFile}; exec sh`
  const args = ['serve', '--listen', `127.0.0.1:${ownPort}`, '-i', '200ms', '--root', makeTree().root, '--via', far]
  const own = spawn(PROGRAM, args, { env: createTerminalEnv(), stdio: 'ignore' })
  const ask = async (page: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${ownPort}/-/${page}`)
    return `${response.status} ${await response.text()}`
  }
  try {
    await vi.waitFor(async () => expect(await ask('healthy')).toBe('200 ok\n'), { timeout: 30_000, interval: 100 })
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGSTOP')
    const stalled = /^503 no data for \d+ s: sampling has stalled, the values are old\n$/
    await vi.waitFor(async () => expect(await ask('healthy')).toMatch(stalled), { timeout: 30_000, interval: 100 })
    expect(await ask('ready')).toMatch(/^503 unknown: no data for/)
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGCONT')
    await vi.waitFor(async () => expect(await ask('healthy')).toBe('200 ok\n'), { timeout: 30_000, interval: 100 })
  } finally {
    const exited = once(own, 'exit')
    own.kill()
    await exited
  }
})
