// From exec to the first frame on the terminal, and from exec to the end of short commands.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, buildMissingRows, mean, measureInTurn, median, type Row, roundTo, type Settings } from './bench.ts'
import { measureEndedChildren, measureUsage } from './measure.ts'
import { buildLimitPrograms, type LimitProgram } from './node-limits.ts'
import type { Program } from './peers.ts'

const RUNS = 9

interface StartMeasurement {
  readonly program: string
  readonly milliseconds: number
  readonly cpuMilliseconds: number
}

async function measure(program: Program): Promise<StartMeasurement> {
  const terminal = await openTerminal({ ...program, columns: 120, rows: 40 })
  try {
    await terminal.waitFor(program.ready, 20_000)
    const milliseconds = terminal.getLastOutputTime() - terminal.startedAt
    return { program: program.name, milliseconds, cpuMilliseconds: measureUsage(terminal.pid).cpuSeconds * 1000 }
  } finally {
    terminal.write('q')
    await Promise.race([terminal.exited, sleep(3000)])
    await terminal.close()
  }
}

function buildRow(program: string, samples: readonly StartMeasurement[]): Row {
  const own = samples.filter(sample => sample.program === program)
  const walls = own.map(sample => sample.milliseconds)
  return {
    program,
    'median ms': Math.round(median(walls)),
    'least ms': Math.round(Math.min(...walls)),
    'most ms': Math.round(Math.max(...walls)),
    'CPU ms': roundTo(mean(own.map(sample => sample.cpuMilliseconds))),
  }
}

/** Commands of kmemtop that print something and end. Beside them: what Node and Ink take without kmemtop. */
const COMMANDS = [['--version'], ['--help'], ['check']] as const

function measureCommand(name: string, [command, ...words]: readonly string[], env: Program['env']): StartMeasurement {
  const cpuBefore = measureEndedChildren()
  const begin = performance.now()
  spawnSync(command!, words, { env: { ...process.env, ...env }, stdio: 'ignore' })
  const milliseconds = performance.now() - begin
  return { program: name, milliseconds, cpuMilliseconds: (measureEndedChildren() - cpuBefore) * 1000 }
}

// One round that is not counted fills the caches of compiled code.
function measureCommands(programs: readonly Program[], limits: readonly LimitProgram[]): readonly Row[] {
  const kmemtop = programs.find(({ name, missing }) => name === 'kmemtop' && missing === undefined)
  if (!kmemtop) return []
  const { name, command, env } = kmemtop
  const own = COMMANDS.map(words => ({ name: [name, ...words].join(' '), words: [command, ...words] }))
  const all = [...own, ...limits]
  const measureAll = () => all.map(({ name, words }) => measureCommand(name, words, env))
  measureAll()
  const samples = Array.from({ length: RUNS }, measureAll).flat()
  return all.map(({ name }) => buildRow(name, samples))
}

async function measureWithLimits(programs: readonly Program[]): Promise<readonly Row[]> {
  const home = mkdtempSync(join(import.meta.dirname, '..', 'node_modules', '.limits-')) // where ink is found
  try {
    return measureCommands(programs, await buildLimitPrograms(home))
  } finally {
    rmSync(home, { recursive: true })
  }
}

async function run({ programs, progress }: Settings) {
  const items = programs.map(program => ({ program }))
  const outcome = await measureInTurn(items, RUNS, ({ program }, round) => {
    progress(`start ${round}/${RUNS} ${program.name}`)
    return measure(program)
  })
  const measured = programs.filter(({ name }) => outcome.samples.some(sample => sample.program === name))
  return {
    title: 'From exec to the first frame with content, 120x40',
    notes: [
      `${RUNS} starts each, one after another, the programs in turn. CPU: the mean, of all threads. btop, top and others draw before they have figures for CPU.`,
    ],
    rows: [
      ...measured.map(({ name }) => buildRow(name, outcome.samples)),
      ...(await measureWithLimits(programs)),
      ...buildMissingRows(outcome),
    ],
  }
}

/** The time to the first frame. */
export const start: Bench = { about: 'time from exec to the first frame', run }
