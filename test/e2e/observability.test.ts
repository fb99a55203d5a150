// The whole way: agents on saved nodes, a real Prometheus with our rules, a real Alertmanager, its webhook, and kmemtop fleet.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { readDashboard, resolveVariables } from '../tools/grafana-dashboard.ts'
import { type AgentNode, AUTH, startAgent, stopAgents, type WebFiles, writeWebFiles } from './agent-fleet.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'

const findMissing = (program: string, name = program): string | undefined =>
  spawnSync(program, ['--version']).error ? `${program} is missing: apt-get install ${name}` : undefined
const reason = findMissing('prometheus') ?? findMissing('prometheus-alertmanager') ?? findMissing('curl')
const RULES = new URL('../../deploy/prometheus/kmemtop.rules.yml', import.meta.url)
const MIB = 2 ** 20

interface Notice {
  readonly status: string
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[]
}

let [web, url]: [WebFiles, string] = [{ folder: '', config: '', cert: '' }, '']
let nodes: readonly AgentNode[] = []
const engines: ChildProcess[] = []
let receiver: Server | undefined
const notices: Notice[] = []
const find = (name: string): AgentNode => nodes.find(node => node.name === name)!

beforeAll(async () => {
  if (reason !== undefined) return
  web = writeWebFiles()
  receiver = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      notices.push(JSON.parse(text))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const names = [
    ['healthy', 'aaaaa'],
    ['leak', 'bbbbb'],
    ['kills-1', 'x2x4z'],
    ['kills-2', 'x2x5z'],
    ['kills-3', 'x2x6z'],
  ] as const
  nodes = await Promise.all(names.map(([name, ending]) => startAgent(name, ending, web)))
  const alertmanager = await startAlertmanager((receiver.address() as AddressInfo).port)
  url = await startPrometheus(alertmanager)
})

afterAll(async () => {
  await stopAgents(nodes)
  for (const engine of engines) engine.kill('SIGKILL')
  receiver?.close().closeAllConnections()
})

function start(command: string, config: object, options: readonly string[]): void {
  const file = join(web.folder, `${command}.yml`)
  writeFileSync(file, JSON.stringify(config)) // JSON is YAML
  engines.push(spawn(command, [`--config.file=${file}`, ...options], { stdio: 'ignore' }))
}

async function startAlertmanager(receiverPort: number): Promise<number> {
  const [port] = [await findFreePort()]
  const webhook = { url: `http://127.0.0.1:${receiverPort}/hook`, send_resolved: true }
  const route = { receiver: 'test', group_by: ['...'], group_wait: '1s', group_interval: '1s', repeat_interval: '1h' }
  const options = [`--storage.path=${web.folder}/alertmanager`, `--web.listen-address=127.0.0.1:${port}`]
  const config = { route, receivers: [{ name: 'test', webhook_configs: [webhook] }] }
  start('prometheus-alertmanager', config, [...options, '--cluster.listen-address='])
  return port
}

// The rules as they are shipped, but that nobody waits for minutes.
function writeQuickRules(): string {
  const file = join(web.folder, 'rules.yml')
  const quick = readFileSync(RULES, 'utf8')
    .replaceAll(/for: \d+m/g, 'for: 1s')
    .replaceAll('10m', '20s')
  writeFileSync(file, quick)
  return file
}

async function startPrometheus(alertmanagerPort: number): Promise<string> {
  const port = await findFreePort()
  const scrape = {
    job_name: 'kmemtop',
    scheme: 'https',
    basic_auth: AUTH,
    tls_config: { ca_file: web.cert },
    static_configs: nodes.map(node => ({ targets: [`127.0.0.1:${node.port}`], labels: { instance: node.name } })),
  }
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [writeQuickRules()],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    scrape_configs: [scrape],
  }
  const storage = [`--storage.tsdb.path=${web.folder}/data`, '--enable-feature=exemplar-storage']
  start('prometheus', config, [...storage, `--web.listen-address=127.0.0.1:${port}`])
  return `http://127.0.0.1:${port}`
}

interface PrometheusAnswer {
  readonly status: string
  readonly data: { readonly result?: readonly unknown[] }
}

async function ask(path: string, parameters: Readonly<Record<string, string>>): Promise<PrometheusAnswer> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
  return (await answer.json()) as PrometheusAnswer
}

const listInstances = (alertname: string, status: string): readonly string[] =>
  notices
    .flatMap(({ alerts }) => alerts)
    .filter(alert => alert.labels.alertname === alertname && alert.status === status)
    .map(({ labels }) => labels.instance!)

describe('agents, Prometheus, Alertmanager and fleet', () => {
  const testAll = testUnless(reason)

  testAll('all nodes report over TLS with a password, and none without', async () => {
    const query = 'up == 1 and on (instance) kmemtop_build_info'
    await vi.waitFor(async () => expect((await ask('query', { query })).data.result).toHaveLength(5), {
      timeout: 60_000,
      interval: 200,
    })
    const { stdout } = spawnSync(PROGRAM, ['fleet', '--prometheus', url, '--check'], {
      encoding: 'utf8',
      env: createTerminalEnv(),
    })
    expect(stdout).toBe('ok: 5 nodes\n')
    const curl = (...words: readonly string[]): string =>
      execFileSync('curl', ['-s', ...words, `https://127.0.0.1:${find('healthy').port}/metrics`], {
        encoding: 'utf8',
      })
    expect(curl('--cacert', web.cert, '-u', `${AUTH.username}:${AUTH.password}`)).toMatch(
      /^kmemtop_build_info\{.*cgroups="2"\} 1$/m,
    )
    expect(curl('--cacert', web.cert)).toMatch(/^not allowed/)
    expect(() => curl('-u', `${AUTH.username}:${AUTH.password}`)).toThrow() // a certificate that nobody vouches for
    expect(notices).toEqual([])
  })

  testAll('a leak and kills fire the rules, and the webhook gets them', async () => {
    let bytes = 50 * MIB
    const leak = setInterval(() => {
      bytes += 4 * MIB
      find('leak').setSlab(bytes)
    }, 500)
    try {
      for (const name of ['kills-1', 'kills-2', 'kills-3']) find(name).kill()
      await vi.waitFor(() => expect(new Set(listInstances('OomKills', 'firing')).size).toBe(3), {
        timeout: 60_000,
        interval: 200,
      })
      await vi.waitFor(() => expect(listInstances('KernelMemoryCritical', 'firing')).toContain('leak'), {
        timeout: 60_000,
        interval: 200,
      })
    } finally {
      clearInterval(leak)
    }
    const kill = notices.flatMap(({ alerts }) => alerts).find(({ labels }) => labels.alertname === 'OomKills')!
    expect(kill.labels).toMatchObject({
      namespace: 'shop',
      pod: expect.stringMatching(/^web-7d9f8b6c5d-x2x\dz$/),
      severity: 'warning',
    })
    expect(notices.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels.instance === 'healthy')).toEqual([])
  })

  testAll('the exemplar of a kill is in Prometheus, and every query of the dashboard has an answer', async () => {
    const now = Date.now() / 1000
    const range = { query: 'kmemtop_oom_kills_total', start: String(now - 600), end: String(now + 60) }
    const { data } = await ask('query_exemplars', range)
    expect(JSON.stringify(data)).toMatch(/"kmsg_sequence":"\d+"/)
    const { panels } = JSON.parse(readDashboard()) as { panels: { title: string; targets?: { expr: string }[] }[] }
    const answers = await Promise.all(
      panels.flatMap(({ title, targets = [] }) =>
        targets.map(async ({ expr }) => {
          const { status, data: answer } = await ask('query', { query: resolveVariables(expr) })
          return [title, status, answer.result!.length > 0] as const
        }),
      ),
    )
    const empty = answers.filter(([, status, hasRows]) => status !== 'success' || !hasRows).map(([title]) => title)
    expect(empty).toEqual(['A recording is written']) // none is
  })

  testAll('fleet has the worst first, names the pattern, and Enter opens it', async () => {
    const args = ['fleet', '--prometheus', url, '--refresh', '1s']
    const terminal = await openTerminal({ command: PROGRAM, args, columns: 140, rows: 40 })
    try {
      await terminal.waitFor(/shop\/web was killed on 3 nodes in the last hour, 3 kills in all/)
      await terminal.waitFor(/> leak .*slab-growth.*6\.12\.43 cgroup v2[\s\S]*kills-\d[\s\S]*healthy/)
      terminal.write('\r')
      await terminal.waitFor(/^ leak +kernel 6\.12\.43 cgroup v2[\s\S]*critical: slab-growth[\s\S]*SUnreclaim/)
      terminal.write('\x1b')
      await terminal.waitFor(/> leak /)
      terminal.write('q')
      expect(await terminal.exited).toMatchObject({ code: 0 })
    } finally {
      await terminal.close()
    }
  })

  testAll('memory that is freed resolves the alert, and the webhook gets that too', async () => {
    find('leak').setSlab(0)
    await vi.waitFor(() => expect(listInstances('KernelMemoryCritical', 'resolved')).toContain('leak'), {
      timeout: 120_000,
      interval: 200,
    })
    await vi.waitFor(() => expect(new Set(listInstances('OomKills', 'resolved')).size).toBe(3), {
      timeout: 60_000,
      interval: 200,
    })
  })
})
