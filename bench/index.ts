// Runs the benchmarks and prints their tables: `npm run bench -- screen --seconds 20`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { canMkdirCgroups, mkdirCgroups } from '../test/helpers/trouble.ts'
import { analyze } from './analyze.ts'
import type { Bench, Settings, Table } from './bench.ts'
import { detect } from './detect.ts'
import { figures } from './figures.ts'
import { fleet } from './fleet.ts'
import { buildGoalTable } from './goals.ts'
import { headless } from './headless.ts'
import { loadtest } from './loadtest.ts'
import { nodes } from './nodes.ts'
import { listPrograms, type Program } from './peers.ts'
import { player } from './player.ts'
import { recording } from './recording.ts'
import { scale } from './scale.ts'
import { screen } from './screen.ts'
import { serve } from './serve.ts'
import { soak } from './soak.ts'
import { start } from './start.ts'
import { storm } from './storm.ts'
import { formatTable } from './table.ts'
import { via } from './via.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  screen,
  start,
  headless,
  scale,
  detect,
  recording,
  player,
  analyze,
  via,
  nodes,
  figures,
  loadtest,
  soak,
  storm,
  fleet,
  serve,
}

const USAGE = `usage: npm run bench [-- NAME… [options]]

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(18)}${about}`)
  .join('\n')}

  --seconds N       measured seconds per program and size, over all rounds (60)
  --rounds N        each program is measured so often, in turn with the others (2)
  --warmup N        seconds before measuring (10)
  --only A,B        only these programs
  --cgroups N       empty memory cgroups to make for the time of the run, where permitted (200)
  --half NAME       detect: train (what parameters are tuned on) or test (test)
  --runs N          detect, loadtest: each kind is run so often (2)
  --kinds A,B       loadtest, storm: only these kinds of servers
  --seed N          detect: begin with this seed instead: a corpus nobody has seen
  --mb N            analyze: megabytes of the log that is written and read (1000)
  --json FILE       writes the tables to FILE as well`

const parseNumber = (text: string, name: string) => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name}: expected a whole number, came ${text}`)
  return Number(text)
}

function parseOptions() {
  const string = (byDefault: string) => ({ type: 'string', default: byDefault }) as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: string('60'),
      rounds: string('2'),
      warmup: string('10'),
      cgroups: string('200'),
      only: { type: 'string' },
      half: string('test'),
      runs: string('2'),
      mb: string('1000'),
      seed: { type: 'string' },
      kinds: string(''),
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const unknown = positionals.find(name => !Object.hasOwn(BENCHES, name))
  if (unknown !== undefined || values.help) throw new Error(unknown ? `no benchmark ${unknown}\n\n${USAGE}` : USAGE)
  return {
    ...values,
    names: positionals.length > 0 ? positionals : Object.keys(BENCHES).filter(name => name !== 'soak'),
  }
}

function describeMachine() {
  const [first] = cpus()
  const memory = /^MemTotal: +(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return {
    time: new Date().toISOString(),
    kernel: release(),
    cpus: `${cpus().length} x ${first?.model.trim()}`,
    memory: `${Math.round(Number(memory) / 2 ** 20)} GiB`,
    node: process.version,
    load: loadavg()
      .map(value => value.toFixed(2))
      .join(' '),
  }
}

function selectPrograms(
  programs: readonly Program[],
  only = programs.map(({ name }) => name).join(','),
): readonly Program[] {
  return only.split(',').map(wanted => {
    const found = programs.find(({ name }) => name === wanted)
    if (!found)
      throw new Error(`--only: no program ${wanted}; there are ${programs.map(({ name }) => name).join(', ')}`)
    return found
  })
}

/** Gives the benchmark `count` cgroups to watch, where the machine permits it. */
function createCgroups(count: number): { readonly note: string; release(): Promise<void> } {
  const reason = count === 0 ? 'none asked for' : canMkdirCgroups()
  if (reason !== undefined) return { note: `no cgroups of our own: ${reason}`, release: async () => {} }
  const { release: remove } = mkdirCgroups(count)
  return { note: `beside ${count} empty memory cgroups of our own`, release: remove }
}

async function main(): Promise<void> {
  const { names, json, only, ...values } = parseOptions()
  const home = mkdtempSync(join(tmpdir(), 'kmemtop-bench-'))
  process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  const settings: Settings = {
    seconds: parseNumber(values.seconds, 'seconds'),
    rounds: Math.max(1, parseNumber(values.rounds, 'rounds')),
    warmup: parseNumber(values.warmup, 'warmup'),
    half: values.half === 'train' ? 'train' : 'test',
    runs: parseNumber(values.runs, 'runs'),
    ...(values.seed === undefined ? {} : { seed: parseNumber(values.seed, 'seed') }),
    mb: parseNumber(values.mb, 'mb'),
    kinds: values.kinds.split(',').filter(Boolean),
    programs: selectPrograms(listPrograms(home), only),
    progress: text => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : ''),
  }
  const cgroups = createCgroups(parseNumber(values.cgroups, 'cgroups'))
  const about = { ...describeMachine(), cgroups: cgroups.note }
  console.log(
    Object.entries(about)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n'),
  )
  const tables: Record<string, Table> = {}
  try {
    for (const name of names) {
      const table = await BENCHES[name]!.run(settings)
      settings.progress('')
      tables[name] = table
      console.log(formatTable(table))
    }
    const goals = buildGoalTable(tables)
    if (goals.rows.length > 0) console.log(formatTable(goals))
  } finally {
    await cgroups.release()
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...about, tables }, undefined, 2)}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
