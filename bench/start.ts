// From exec to the first frame on the terminal, and from exec to the end of short commands.
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, buildMissingRows, measureInTurn, median, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'
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

function buildRow(program: Program, samples: readonly StartMeasurement[]): Row {
  const own = samples.filter(sample => sample.program === program.name)
  const walls = own.map(sample => sample.milliseconds)
  return {
    program: program.name,
    'median ms': Math.round(median(walls)),
    'least ms': Math.round(Math.min(...walls)),
    'most ms': Math.round(Math.max(...walls)),
    'CPU ms': roundTo(median(own.map(sample => sample.cpuMilliseconds))),
  }
}

/** Commands of kmemtop that print something and end. */
const COMMANDS = [['--version'], ['--help'], ['check']] as const

function measureCommand(program: Program, words: readonly string[]): StartMeasurement {
  const begin = performance.now()
  spawnSync(program.command, words, { env: { ...process.env, ...program.env }, stdio: 'ignore' })
  return {
    program: [program.name, ...words].join(' '),
    milliseconds: performance.now() - begin,
    cpuMilliseconds: Number.NaN,
  }
}

function measureCommands(programs: readonly Program[]): readonly Row[] {
  const kmemtop = programs.find(({ name, missing }) => name === 'kmemtop' && missing === undefined)
  if (!kmemtop) return []
  return COMMANDS.map(words => {
    const samples = Array.from({ length: RUNS }, () => measureCommand(kmemtop, words))
    const { 'CPU ms': _, ...row } = buildRow({ ...kmemtop, name: samples[0]!.program }, samples)
    return row
  })
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
      `${RUNS} starts each, one after another, the programs in turn. btop, top and others draw before they have figures for CPU.`,
    ],
    rows: [
      ...measured.map(program => buildRow(program, outcome.samples)),
      ...measureCommands(programs),
      ...buildMissingRows(outcome),
    ],
  }
}

/** The time to the first frame. */
export const start: Bench = { about: 'time from exec to the first frame', run }
