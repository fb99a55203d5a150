// What serving metrics costs: CPU of a scrape and of a minute, beside the node exporter with the same sources in the same run.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../test/e2e/free-port.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const SCRAPES = 200
const SCRAPE_INTERVAL = 15 // seconds, while a minute is measured

interface Server {
  readonly name: string
  readonly command: string
  buildArguments(port: number, folder: string): readonly string[]
}

const SOURCES = ['meminfo', 'vmstat', 'pressure', 'slabinfo'].map(name => `--collector.${name}`)

const SERVERS: readonly Server[] = [
  {
    name: 'kmemtop serve, a sample a second',
    command: PROGRAM,
    buildArguments: port => ['serve', '--listen', `127.0.0.1:${port}`],
  },
  {
    name: 'kmemtop serve -i 15s',
    command: PROGRAM,
    buildArguments: port => ['serve', '--listen', `127.0.0.1:${port}`, '-i', '15s'],
  },
  {
    name: 'kmemtop agent -o, a sample a second',
    command: PROGRAM,
    buildArguments: (port, folder) => ['agent', '-q', '--listen', `127.0.0.1:${port}`, '-o', `${folder}/`],
  },
  {
    name: 'prometheus-node-exporter, 4 collectors',
    command: 'prometheus-node-exporter',
    buildArguments: port => ['--collector.disable-defaults', ...SOURCES, `--web.listen-address=127.0.0.1:${port}`],
  },
]

interface Running {
  readonly name: string
  readonly child: ChildProcess
  readonly port: number
}

async function start({ name, command, buildArguments }: Server, folder: string): Promise<Running> {
  const port = await findFreePort()
  const child = spawn(command, [...buildArguments(port, folder)], { stdio: 'ignore' })
  for (let tries = 100; tries > 0 && (await scrape(port).catch(() => 0)) === 0; tries--) await sleep(200)
  return { name, child, port }
}

/** Returns the bytes of the text. */
async function scrape(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept: 'text/plain' } })
  const { length } = await answer.text()
  return answer.ok ? length : 0
}

async function measure({ name, child, port }: Running, { seconds }: Settings): Promise<Row> {
  const readCpu = (): number => measureUsage(child.pid!).cpuSeconds
  const idle = readCpu()
  for (let second = 0; second < seconds; second += SCRAPE_INTERVAL) {
    await scrape(port)
    await sleep(SCRAPE_INTERVAL * 1000)
  }
  const minute = ((readCpu() - idle) / seconds) * 60
  const before = readCpu()
  const begun = performance.now()
  let bytes = 0
  for (let i = 0; i < SCRAPES; i++) bytes = await scrape(port)
  const own = (minute / 60) * ((performance.now() - begun) / 1000) // what it does without being asked
  return {
    server: name,
    'CPU s a minute': roundTo(minute),
    'CPU ms a scrape': roundTo(((readCpu() - before - own) / SCRAPES) * 1000),
    'KB a scrape': roundTo(bytes / 1000),
    'RSS MB': Math.round(measureUsage(child.pid!).rss / 2 ** 20),
  }
}

async function run(settings: Settings) {
  const folder = mkdtempSync(join(tmpdir(), 'kmt-serve-'))
  const available = SERVERS.filter(({ command }) => !spawnSync(command, ['--version']).error)
  const running = await Promise.all(available.map(server => start(server, folder)))
  await sleep(settings.warmup * 1000)
  try {
    const rows = await Promise.all(running.map(one => measure(one, settings)))
    const notes = [
      `All at the same time, scraped every ${SCRAPE_INTERVAL} s; then ${SCRAPES} scrapes in a row. kmemtop also reads cgroups, kernel log and processes.`,
    ]
    return { title: 'Serving metrics of one node', notes, rows }
  } finally {
    const exits = running.map(({ child }) => once(child, 'exit'))
    for (const { child } of running) child.kill()
    await Promise.all(exits)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What serving metrics costs. */
export const serve: Bench = { about: 'CPU of serve and agent beside the node exporter', run }
