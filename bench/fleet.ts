// What a fleet costs: the engine that scrapes 5,000 nodes, and kmemtop fleet, which asks it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../test/e2e/free-port.ts'
import { type SimulatedFleet, startSimulatedFleet } from '../test/helpers/simulated-fleet.ts'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const RULES = new URL('../deploy/prometheus/kmemtop.rules.yml', import.meta.url).pathname
const NODES = 5000
const CACHES = 54 // about 60 series a node
const REFRESHES = 5

interface Engine {
  readonly name: string
  readonly command: string
  buildOptions(folder: string, port: number): readonly string[]
  readonly config: object
}

const SCRAPE = { global: { scrape_interval: '30s' } }

const ENGINES: readonly Engine[] = [
  {
    name: 'prometheus',
    command: 'prometheus',
    buildOptions: (folder, port) => [
      `--config.file=${folder}/config.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    config: { global: { ...SCRAPE.global, evaluation_interval: '30s' }, rule_files: [RULES] },
  },
  {
    name: 'victoria-metrics, no rules',
    command: 'victoria-metrics',
    buildOptions: (folder, port) => [
      `-promscrape.config=${folder}/config.yml`,
      `-storageDataPath=${folder}/data`,
      `-httpListenAddr=127.0.0.1:${port}`,
    ],
    config: SCRAPE,
  },
]

/** Seconds of CPU of a refresh as `--json` prints it, start included, and its largest resident memory. */
function measureJson(url: string): Row {
  const script = 'exec /usr/bin/time -f "%e %U %S %M" "$0" fleet --prometheus "$1" --json'
  const { stdout, stderr } = spawnSync('sh', ['-c', script, PROGRAM, url], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  const [elapsed = 0, user = 0, system = 0, rss = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return {
    'nodes seen': JSON.parse(stdout).nodes.length,
    '--json s': elapsed,
    '--json CPU s': roundTo(user + system),
    '--json RSS MB': Math.round(rss / 1024),
  }
}

/** The first screen, and what refreshes cost on it. */
async function measureScreen(url: string): Promise<Row> {
  const begin = performance.now()
  const args = ['fleet', '--prometheus', url, '--refresh', '1h']
  const terminal = await openTerminal({ command: PROGRAM, args, columns: 160, rows: 50 })
  try {
    await terminal.waitFor(/kmemtop fleet {2}[\d,]+ nodes: /, 60_000) // on a loaded machine some are not scraped yet
    const first = (performance.now() - begin) / 1000
    await sleep(1000)
    const before = measureUsage(terminal.pid)
    for (let i = 0; i < REFRESHES; i++) {
      terminal.write('r')
      await sleep(2000)
    }
    const after = measureUsage(terminal.pid)
    return {
      'first screen s': roundTo(first),
      'refresh CPU s': roundTo((after.cpuSeconds - before.cpuSeconds) / REFRESHES),
      'screen RSS MB': Math.round(after.rss / 2 ** 20),
    }
  } finally {
    await terminal.close()
  }
}

async function measureEngine(engine: Engine, { targets }: SimulatedFleet, { seconds }: Settings): Promise<Row> {
  if (spawnSync(engine.command, ['--version']).error) return { engine: `${engine.name}: not installed` }
  const folder = mkdtempSync(join(tmpdir(), 'kmt-fleet-'))
  const port = await findFreePort()
  const scrapes = { scrape_configs: [{ job_name: 'kmemtop', static_configs: targets }] }
  writeFileSync(join(folder, 'config.yml'), JSON.stringify({ ...engine.config, ...scrapes })) // JSON is YAML
  const child: ChildProcess = spawn(engine.command, [...engine.buildOptions(folder, port)], { stdio: 'ignore' })
  try {
    await sleep(seconds * 1000)
    const { cpuSeconds, rss } = measureUsage(child.pid!)
    const url = `http://127.0.0.1:${port}`
    const cost = { 'CPU %': roundTo((cpuSeconds / seconds) * 100), 'RSS MB': Math.round(rss / 2 ** 20) }
    return { engine: engine.name, ...cost, ...measureJson(url), ...(await measureScreen(url)) }
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function run(settings: Settings) {
  const fleet = await startSimulatedFleet(NODES, CACHES)
  const rows: Row[] = []
  try {
    for (const engine of ENGINES) {
      settings.progress(engine.name)
      rows.push(await measureEngine(engine, fleet, settings))
    }
  } finally {
    fleet.server.close().closeAllConnections()
  }
  return {
    title: `kmemtop fleet over ${NODES} simulated nodes of 60 series, scraped every 30 s`,
    notes: ['CPU of the engine: of one core, since its start. A refresh: all eight questions, parsed and drawn.'],
    rows,
  }
}

/** What a fleet of 5,000 nodes costs. */
export const fleet: Bench = { about: 'kmemtop fleet and its engine with 5,000 simulated nodes', run }
