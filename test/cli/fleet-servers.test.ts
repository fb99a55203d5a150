// kmemtop fleet and servers that are away, slow, wrong, or several. Answers are those of the HTTP API, from a server in this process.
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collectHeaders } from '../../src/cli/argument-types.ts'
import { createPrometheusClient } from '../../src/cli/fleet/prometheus-client.ts'
import { readFleet, readNodeHistory } from '../../src/cli/fleet/read-fleet.ts'
import { findPatterns } from '../../src/fleet/patterns.ts'
import { drawFleet } from '../../src/ui/nodes/fleet-list.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { findFreePort } from '../e2e/free-port.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const OPTIONS = { job: 'kmemtop' }
const AWAY = `http://127.0.0.1:${await findFreePort()}`
const pen = createPen({ theme: 'dark', level: 0, ascii: false })
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

type Handle = (response: ServerResponse, query: string, request: IncomingMessage) => void

/** Starts a server; `handle` gets the query. */
async function start(handle: Handle): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => handle(response, new URLSearchParams(body).get('query') ?? '', request))
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await vi.waitFor(() => expect(server.listening).toBe(true), 60_000)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const toVector = (rows: readonly (readonly [labels: object, value: string])[]): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: rows.map(([metric, value]) => ({ metric, value: [1, value] })) },
  })

type Answers = Readonly<Record<string, readonly (readonly [labels: object, value: string])[]>>

/** Answers a query by the first key that is in it; with nothing otherwise. */
const serve =
  (answers: Answers): Handle =>
  (response, query) => {
    const key = Object.keys(answers).find(one => query.includes(one))
    response.end(toVector(key === undefined ? [] : answers[key]!))
  }

const build = (...names: readonly string[]) => names.map(instance => [{ instance, kernel: '6.12' }, '1'] as const)

const read = (...urls: readonly string[]) =>
  readFleet(
    urls.map(url => createPrometheusClient(url, {}, 500)),
    { ...OPTIONS },
  )

describe('a server', () => {
  test('that is away is named, and the nodes of the others are shown', async () => {
    await expect(read(AWAY)).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/)
    const url = await start(serve({ kmemtop_build_info: build('a') }))
    const { fleet, problems } = await read(AWAY, url)
    expect(fleet.nodes.map(({ name }) => name)).toEqual(['a'])
    expect(problems).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/)])
  })

  test('that warns of a partial answer is named, and what it knows is shown', async () => {
    const url = await start((response, query) => {
      const rows = JSON.parse(toVector(query.includes('build_info') ? build('a') : []))
      response.end(JSON.stringify({ ...rows, warnings: ['No StoreAPIs matched', 'PromQL warning: bad bucket', 7] }))
    })
    const { fleet, problems } = await read(url)
    expect(fleet.nodes.map(({ name }) => name)).toEqual(['a'])
    expect(problems).toEqual([`${url}: partial answer: No StoreAPIs matched`])
  })

  test('that is slow, or stops in the middle of an answer, is given up', async () => {
    await expect(read(await start(() => {}))).rejects.toThrow(/no answer within 0\.5 s$/)
    await expect(read(await start(response => void response.write('{"status":')))).rejects.toThrow(
      /no answer within 0\.5 s/,
    )
  })

  test.each<[string, Handle, RegExp]>([
    ['a page', response => response.end('<html>'), /no answer of Prometheus/],
    ['a login page', response => response.setHeader('content-type', 'text/html').end('<html>'), /a page came: a login/],
    ['401 of Mimir', response => response.writeHead(401).end('no org id\nmore'), /missing \(no org id\)$/],
    ['half an answer', response => response.end('{"status":"succ'), /no answer of Prometheus/],
    ['a list', response => response.end('[]'), /no JSON object/],
    ['another kind', response => response.end('{"data":{"resultType":"scalar","result":[1,"2"]}}'), /has no vector/],
    ['401', response => response.writeHead(401).end(), /not allowed: name and password, or --token-file/],
    ['500', response => response.writeHead(500).end('oops'), /500 Internal Server Error/],
    ['another place', response => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /redirect/],
    [
      'an error',
      response => response.end(JSON.stringify({ status: 'error', error: `no\x1b[31m${'x'.repeat(9999)}` })),
      /^.{0,400}$/,
    ],
  ])('that answers with %s is reported in a sentence', async (_, handle, message) => {
    await expect(read(await start(handle))).rejects.toThrow(message)
  })

  test('that sends without end is stopped', async () => {
    const url = await start(response => {
      response.write(Buffer.alloc(17 * 2 ** 20, ' ')) // and no end
    })
    const client = createPrometheusClient(url, {}, 60_000)
    await expect(client.query('up')).rejects.toThrow(/more than 16 MiB/)
  })
})

describe('answers', () => {
  test('NaN and infinity are unknown, a node that comes twice is one', async () => {
    const rows = [...build('a', 'b', 'a'), [{ instance: 'c', kernel: '6.12' }, 'NaN'] as const]
    const timeLeft = [
      [{ instance: 'a' }, 'NaN'],
      [{ instance: 'b' }, '+Inf'],
    ] as const
    const available = [
      [{ instance: 'a' }, 'NaN'],
      [{ instance: 'b' }, '0.5'],
    ] as const
    const answers = { MemAvailable: available, time_left: timeLeft, kmemtop_build_info: rows }
    const { fleet } = await read(await start(serve(answers)))
    expect(fleet.nodes.map(({ name, timeLeft: left, available: share }) => [name, left, share])).toEqual([
      ['a', undefined, undefined],
      ['b', undefined, 0.5],
    ])
  })

  test('of two servers: the one that gets data counts, and each node is there once', async () => {
    const up = [[{ instance: 'a' }, '0']] as const
    const blind = await start(serve({ 'up{': up, kmemtop_build_info: build('b') }))
    const seeing = await start(serve({ kmemtop_build_info: build('a', 'b', 'c') }))
    const { fleet } = await read(blind, seeing)
    expect(fleet.nodes.map(({ name, isReporting }) => [name, isReporting])).toEqual(
      ['a', 'b', 'c'].map(name => [name, true]),
    )
  })

  test('names with escapes and of properties stay text, and draw nothing but text', async () => {
    const names = ['\x1b[31mred', 'a\nb', '__proto__', 'constructor', '"}', '\u202eabc', `${'long'.repeat(5000)}`]
    const open = names.map(instance => [{ instance, detector: '\x1b]0;x\x07' }, '3'] as const)
    const kills = names.map(instance => [{ instance, namespace: '\x1b[2J', pod: '__proto__' }, '1'] as const)
    const answers = { kmemtop_oom_kills: kills, 'kmemtop_alert_severity)': open, kmemtop_build_info: build(...names) }
    const { fleet } = await read(await start(serve(answers)))
    expect(fleet.nodes.map(({ name }) => name).sort()).toEqual(names.toSorted())
    const view = {
      fleet,
      patterns: findPatterns(fleet),
      problem: '\x1b[31m',
      refreshedAt: '',
      filter: '\x1b',
      isTyping: false,
    }
    const lines = drawFleet(
      { ...view, sort: 'worst', grouping: 'kernel', label: undefined, selected: undefined, note: '\x1b' },
      pen,
      {
        width: 100,
        height: 30,
      },
    )
    expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(lines).toHaveLength(30)
  })
})

test('a password, a token, its file and a header reach every server, and stay out of messages', async () => {
  const seen: (string | undefined)[] = []
  const url = await start((response, _query, request) => {
    seen.push(request.headers.authorization, request.headers['x-scope-orgid'] as string | undefined)
    response.writeHead(403).end()
  })
  const withPassword = createPrometheusClient(url.replace('//', '//me:s3cret@'))
  const tokenFile = join(createTemporaryFolder(), 'token')
  writeFileSync(tokenFile, 's3cret-token\n')
  const withToken = createPrometheusClient(url, { tokenFile, header: collectHeaders('X-Scope-OrgID: shop|web') })
  for (const client of [withPassword, withToken])
    await expect(client.query('up')).rejects.toThrow(/^(?!.*s3cret).*not allowed/)
  const basic = `Basic ${Buffer.from('me:s3cret').toString('base64')}`
  expect(seen).toEqual([basic, undefined, 'Bearer s3cret-token', 'shop|web'])
})

test('the history of a node comes from the server that has it', async () => {
  const toMatrix = (values: readonly unknown[]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'matrix', result: values.length === 0 ? [] : [{ metric: {}, values }] },
    })
  const empty = await start(response => response.end(toMatrix([])))
  const full = await start(response =>
    response.end(
      toMatrix([
        [1, '2'],
        [2, 'NaN'],
        ['x', 'y'],
      ]),
    ),
  )
  const clients = [AWAY, empty, full].map(url => createPrometheusClient(url, {}, 500))
  const { ranges } = await readNodeHistory(clients, 'a"b', 1e12)
  expect(ranges.SUnreclaim?.points).toEqual([[1, 2]])
  await expect(readNodeHistory(clients.slice(0, 1), 'a', 1e12)).rejects.toThrow(/ECONNREFUSED/)
})
