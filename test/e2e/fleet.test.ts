// kmemtop fleet over a real Prometheus with 300 simulated nodes, and one real one that is opened live.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { startSimulatedFleet } from '../helpers/simulated-fleet.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'

const noPrometheus =
  spawnSync('prometheus', ['--version']).status === 0 ? undefined : 'prometheus is missing: apt-get install prometheus'
const testFleet = testUnless(noPrometheus)
const RULES = fileURLToPath(new URL('../../deploy/prometheus/kmemtop.rules.yml', import.meta.url))
const COUNT = 300
const folder = createTemporaryFolder()
let [nodes, prometheus]: [Server | undefined, ChildProcess | undefined] = [undefined, undefined]
let url = ''

// An hour in which a node's SUnreclaim grew by 6 GB. The others have reported since the start of the test only.
function writeHistory(instance: string): void {
  const now = Math.floor(Date.now() / 1000)
  const name = `kmemtop_meminfo_bytes{job="kmemtop",instance="${instance}",name="SUnreclaim"}`
  const samples = Array.from({ length: 56 }, (_, i) => `${name} ${i * 100_000_000} ${now - 3600 + i * 60}`)
  writeFileSync(join(folder, 'history'), ['# TYPE kmemtop_meminfo_bytes gauge', ...samples, '# EOF', ''].join('\n'))
  spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history'), join(folder, 'data')])
}

beforeAll(async () => {
  if (noPrometheus !== undefined) return
  const ownPort = await findFreePort()
  const { server, targets } = await startSimulatedFleet(COUNT)
  nodes = server
  writeHistory('node-0')
  const gone = { targets: [`127.0.0.1:${await findFreePort()}`], labels: { instance: 'gone' } }
  const config = {
    global: { scrape_interval: '2s', evaluation_interval: '2s' },
    rule_files: [RULES],
    scrape_configs: [{ job_name: 'kmemtop', static_configs: [...targets, gone] }],
  }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config)) // JSON is YAML
  const options = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${ownPort}`,
  ]
  prometheus = spawn('prometheus', options, { stdio: 'ignore' })
  url = `http://127.0.0.1:${ownPort}`
})

afterAll(() => {
  prometheus?.kill('SIGKILL')
  nodes?.close().closeAllConnections()
})

const run = (...words: readonly string[]) =>
  spawn(PROGRAM, ['fleet', '--prometheus', url, ...words], {
    env: createTerminalEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })

async function readOutput(...words: readonly string[]): Promise<{ code: number; text: string; errors: string }> {
  const program = run(...words)
  let [text, errors] = ['', '']
  program.stdout!.on('data', chunk => {
    text += chunk
  })
  program.stderr!.on('data', chunk => {
    errors += chunk
  })
  const [code] = await once(program, 'close')
  return { code, text, errors }
}

describe('300 nodes', () => {
  testFleet('all are known, with the patterns, by recording rules', async () => {
    const json = await vi.waitFor(
      async () => {
        const answer = JSON.parse((await readOutput('--json')).text)
        expect(answer.nodes).toHaveLength(COUNT + 1)
        expect(answer.nodes[0].growthPerHour).toBeGreaterThan(1e8)
        expect(answer.patterns.map(({ text }: { text: string }) => text).sort()).toEqual([
          'kmem-leak on 20 of 20 nodes with kernel 3.10.0-693.el7, and on 0 of 280 others',
          'shop/web was killed on 30 nodes in the last hour, 60 kills in all',
        ])
        return answer
      },
      { timeout: 100_000, interval: 1000 },
    )
    expect(json.nodes[0]).toMatchObject({
      name: 'node-0',
      kernel: '3.10.0-693.el7',
      alerts: [{ detector: 'kmem-leak', severity: 'critical' }],
      timeLeftMs: 3_600_000,
      kills: [{ namespace: 'shop', pod: 'web-0', count: 2 }],
    })
    expect(json.nodes[1].growthPerHour).toBeNull() // the rate of a minute is noise
    expect(json.nodes.find(({ name }: { name: string }) => name === 'gone').isReporting).toBe(false)
  })

  testFleet('the verdict is one line and a code', async () => {
    expect(await readOutput('--check')).toEqual({
      code: 1,
      text: 'critical: 20 of 301 nodes, 1 without data; worst node-0: kmem-leak, 2 kills in the last hour\n',
      errors: '',
    })
  })

  testFleet('the screen: list, filter, a node with its last day, and back', async () => {
    const args = ['fleet', '--prometheus', url, '--via-template', 'sh # {node}']
    const terminal = await openTerminal({ command: PROGRAM, args, columns: 120, rows: 40 })
    try {
      await terminal.waitFor(/301 nodes: 20 critical, 0 warning, 1 without data/)
      await terminal.waitFor(/> node-0 .*kmem-leak/)
      terminal.write('g')
      await terminal.waitFor(/grouped by kernel[\s\S]*3\.10\.0\S+ cgroup v1 +20 nodes: 20 critical[\s\S]*> node-0 /)
      terminal.write('g')
      terminal.write('/')
      await terminal.waitFor(/filter: _/)
      terminal.write('node-29')
      terminal.write('\r')
      await terminal.waitFor(/filter node-29: 11 nodes/)
      terminal.write('\r')
      await terminal.waitFor(/^ node-290 +kernel 6\.12\.43[\s\S]*shop\/web-290 +2[\s\S]*MemAvailable[\s\S]*SUnreclaim/)
      terminal.write('\r')
      await terminal.waitFor(/LIVE/)
      terminal.write('q')
      await terminal.waitFor(/node-290[\s\S]*esc back/)
      terminal.write('q')
      await terminal.waitFor(/filter node-29: 11 nodes/)
      terminal.write('q')
      expect(await terminal.exited).toMatchObject({ code: 0 })
    } finally {
      await terminal.close()
    }
  })
})

testFleet('what is no Prometheus is said in a sentence', async () => {
  const answers = await Promise.all(
    ['http://127.0.0.1:1', 'ftp://x', url.replace(/\d+$/, '1')].map(async bad => {
      const { status, stderr } = spawnSync(PROGRAM, ['fleet', '--prometheus', bad, '--json'], {
        encoding: 'utf8',
        env: createTerminalEnv(),
      })
      return [status, stderr]
    }),
  )
  for (const [status, text] of answers) {
    expect(status).toBe(2)
    expect(text).toMatch(/^kmemtop: /)
    expect(text).not.toMatch(/internal error/)
  }
})
