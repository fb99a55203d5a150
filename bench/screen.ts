// The cost of a full screen that redraws once a second: CPU, memory, bytes to the terminal.
import { setTimeout as sleep } from 'node:timers/promises'
import { openTerminal } from '../test/helpers/terminal.ts'
import {
  type Bench,
  buildMissingRows,
  mean,
  measureInTurn,
  type Outcome,
  type Row,
  roundTo,
  type Settings,
} from './bench.ts'
import { measureUsage } from './measure.ts'
import type { Program } from './peers.ts'

const SIZES = [
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
] as const
type Size = (typeof SIZES)[number]

interface ScreenMeasurement {
  readonly program: string
  readonly size: string
  readonly cpuPerMinute: number
  readonly megabytes: number
  readonly bytesPerSecond: number
}

function formatSize({ columns, rows }: Size): string {
  return `${columns}x${rows}`
}

async function measure(program: Program, size: Size, warmup: number, seconds: number): Promise<ScreenMeasurement> {
  const terminal = await openTerminal({ ...program, ...size })
  try {
    await terminal.waitFor(program.ready, 20_000)
    await sleep(warmup * 1000)
    const [before, bytes, start] = [measureUsage(terminal.pid), terminal.rawBytes().total, performance.now()]
    await sleep(seconds * 1000)
    const [after, elapsed] = [measureUsage(terminal.pid), (performance.now() - start) / 1000]
    return {
      program: program.name,
      size: formatSize(size),
      cpuPerMinute: ((after.cpuSeconds - before.cpuSeconds) / elapsed) * 60,
      megabytes: after.rss / 2 ** 20,
      bytesPerSecond: (terminal.rawBytes().total - bytes) / elapsed,
    }
  } finally {
    terminal.write('q') // killed, atop would leave the kernel's process accounting on
    await Promise.race([terminal.exited, sleep(3000)])
    await terminal.close()
  }
}

function buildRow(
  program: Program,
  size: string,
  samples: readonly ScreenMeasurement[],
  peer: (name: string) => number,
): Row {
  const own = samples.filter(sample => sample.program === program.name && sample.size === size)
  const cpu = mean(own.map(sample => sample.cpuPerMinute))
  const ratio = (name: string) => (Number.isNaN(peer(name)) ? undefined : roundTo(cpu / peer(name), 2))
  return {
    program: program.name,
    size,
    'CPU s/min': roundTo(cpu),
    'each round': own.map(sample => sample.cpuPerMinute.toFixed(2)).join(' '),
    '/ btop': ratio('btop'),
    '/ glances': ratio('glances'),
    'RSS MB': roundTo(mean(own.map(sample => sample.megabytes))),
    'bytes/s': Math.round(mean(own.map(sample => sample.bytesPerSecond))),
  }
}

function buildRows(programs: readonly Program[], outcome: Outcome<ScreenMeasurement>): readonly Row[] {
  const sized = SIZES.map(formatSize).flatMap(size => {
    const selectSamples = (name: string) =>
      outcome.samples.filter(sample => sample.program === name && sample.size === size)
    const peer = (name: string) => mean(selectSamples(name).map(sample => sample.cpuPerMinute))
    return programs
      .filter(({ name }) => selectSamples(name).length > 0)
      .map(program => buildRow(program, size, outcome.samples, peer))
  })
  return [...sized, ...buildMissingRows(outcome)]
}

async function run({ programs, rounds, seconds, warmup, progress }: Settings) {
  const each = seconds / rounds
  const items = SIZES.flatMap(size => programs.map(program => ({ program, size })))
  const outcome = await measureInTurn(items, rounds, ({ program, size }, round) => {
    progress(`screen ${round}/${rounds} ${formatSize(size)} ${program.name}`)
    return measure(program, size, warmup, each)
  })
  const how = `One after another, never at once, in ${rounds} rounds of ${each} s each after ${warmup} s of warm-up; mean of the rounds.`
  return {
    title: 'Full screen, redrawn every second',
    notes: [how, 'CPU: user and system time of all threads and children. RSS: of all processes, at the end.'],
    rows: buildRows(programs, outcome),
  }
}

/** The steady cost of the screen. */
export const screen: Bench = { about: 'CPU, memory and bytes of the full screen, beside other monitors', run }
