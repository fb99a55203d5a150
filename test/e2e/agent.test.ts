// kmemtop agent: one process records, serves over TLS with passwords, and announces a real OOM kill in every way.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.ts'
import { writeCertificate } from '../helpers/certificates.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canOomKill, triggerOomKill } from '../helpers/trouble.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'

const folder = createTemporaryFolder()
const recordings = join(folder, 'recordings')
const PASSWORD = 'pass:word'
let port: number
let ca: Buffer
let agent: ChildProcess
let receiver: Server
let output = ''
const received: { alerts: { labels: Record<string, string> }[] }[] = []

beforeAll(async () => {
  mkdirSync(recordings)
  const { cert } = writeCertificate(folder)
  ca = readFileSync(cert)
  const users = `basic_auth_users:\n  prometheus: ${hashSync(PASSWORD, 4)}\n`
  writeFileSync(
    join(folder, 'web.yml'),
    `tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  min_version: TLS13\n${users}`,
  )
  writeFileSync(join(folder, 'token'), 'a-token\n')
  receiver = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', chunk => chunks.push(chunk))
    incoming.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  port = await findFreePort()
  const words = ['agent', '-o', `${recordings}/`, '-i', '500ms', '--listen', `127.0.0.1:${port}`, '--events']
  const web = ['--web-config', join(folder, 'web.yml'), '--web-token-file', join(folder, 'token')]
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  const hooks = ['--webhook', url, '--on-alert', `cat >> ${folder}/alerts.jsonl`]
  agent = spawn(PROGRAM, [...words, ...web, ...hooks], {
    env: createTerminalEnv(),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  agent.stdout!.on('data', chunk => {
    output += String(chunk)
  })
  await vi.waitFor(async () => expect((await get('/metrics')).status).toBe(200), { timeout: 60_000, interval: 100 })
})

afterAll(async () => {
  agent.kill('SIGKILL')
  receiver.close()
})

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function get(
  path: string,
  authorization: string | undefined = basic('prometheus', PASSWORD),
): Promise<{ status: number; text: string; asks: unknown }> {
  const headers = {
    accept: 'application/openmetrics-text',
    ...(authorization === '' ? {} : { authorization }),
  }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, ca }, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, text, asks: response.headers['www-authenticate'] }),
      )
    })
      .on('error', reject)
      .end()
  })
}

describe('access', () => {
  test.each([
    ['the password', basic('prometheus', PASSWORD), 200],
    ['the token', 'Bearer a-token', 200],
    ['nothing', '', 401],
    ['a wrong password', basic('prometheus', 'word'), 401],
    ['another user', basic('constructor', PASSWORD), 401],
    ['a wrong token', 'Bearer a-tokem', 401],
    ['a scheme nobody knows', 'Negotiate x', 401],
    ['garbage', 'Basic \\\\\\', 401],
  ])('is given or refused for %s', async (_what, authorization, status) => {
    expect((await get('/metrics', authorization)).status).toBe(status)
  })

  test('a refusal names what is possible', async () => {
    expect((await get('/', '')).asks).toBe('Basic realm="kmemtop", Bearer')
  })

  test('a connection without TLS, or with an old one, gets nothing', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow()
    const old = spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2'], { input: '' })
    expect(old.status).not.toBe(0)
  })
})

testUnless(canOomKill())('a kill reaches the webhook, the command, stdout, the metrics and the verdict', async () => {
  const { pid, taskMemcg } = await triggerOomKill({ name: 'agent', limitBytes: 16 << 20 })
  const isKill = (alert: { labels: Record<string, string> }): boolean => alert.labels.subject!.includes('kmt-agent')
  await vi.waitFor(() => expect(received.flatMap(({ alerts }) => alerts).some(isKill)).toBe(true), 60_000)
  await vi.waitFor(() => expect(readFileSync(join(folder, 'alerts.jsonl'), 'utf8')).toContain('kmt-agent'), 60_000)
  await vi.waitFor(() => expect(output).toMatch(new RegExp(`"event":"oom-kill".*"pid":${pid}`)), 60_000)
  for (const line of output.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event')
  const { text } = await get('/metrics')
  expect(text).toMatch(
    /^kmemtop_oom_kills_total\{.*kmt-agent.*\} 1 # \{kmsg_sequence="\d+",victim="\w+",pid="\d+"\} 1 /m,
  )
  expect(text).toMatch(/^kmemtop_recording_up 1$/m)
  const verdict = JSON.parse((await get('/check')).text)
  expect(verdict.verdict).toBe('problem')
  expect(await get('/-/ready')).toMatchObject({ status: 503, text: `${verdict.message}\n` })
  expect(verdict.oomKills.map((kill: { taskMemcg: string }) => kill.taskMemcg)).toContain(taskMemcg)
})

test('its recording is one, and is closed whole when it is stopped', async () => {
  const exited = once(agent, 'exit')
  agent.kill()
  expect(await exited).toEqual([0, null])
  const files = readdirSync(recordings)
  expect(files).toHaveLength(1)
  expect(openRecording(join(recordings, files[0]!)).recording.complete).toBe(true)
})

describe('a configuration that cannot be', () => {
  test.each([
    ['tls_server_config: {cert_file: nosuch.pem, key_file: key.pem}', /cannot read nosuch.pem/],
    ['tls_server_config: {cert_file: key.pem, key_file: key.pem}', /--web-config/],
    ['tls_servers: {}', /tls_servers/],
    ['basic_auth_users: {me: plain}', /basic_auth_users.me: expected a bcrypt hash/],
    ['a: &a [*a]', /web-config/],
    [': [', /web-config/],
  ])('is refused with its place: %s', (text, message) => {
    const file = join(folder, 'bad.yml')
    writeFileSync(file, text)
    const { status, stderr } = spawnSync(PROGRAM, ['serve', '--web-config', file, '-n', '1', '--listen', '0'], {
      encoding: 'utf8',
      env: createTerminalEnv(),
    })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/internal error/)
    expect(status).toBe(2)
  })
})
