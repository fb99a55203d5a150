// The cost of a full screen that redraws once a second: CPU, memory, bytes to the terminal.
import { setTimeout as sleep } from 'node:timers/promises'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, inTurn, mean, missingRows, type Outcome, type Row, rounded, type Settings } from './bench.ts'
import { usageOf } from './measure.ts'
import type { Program } from './peers.ts'

const SIZES = [
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
] as const
type Size = (typeof SIZES)[number]

interface Sample {
  readonly program: string
  readonly size: string
  readonly cpuPerMinute: number
  readonly megabytes: number
  readonly bytesPerSecond: number
}

function sizeText({ columns, rows }: Size): string {
  return `${columns}x${rows}`
}

async function measure(program: Program, size: Size, warmup: number, seconds: number): Promise<Sample> {
  const terminal = await openTerminal({ ...program, ...size })
  try {
    await terminal.waitFor(program.ready, 20_000)
    await sleep(warmup * 1000)
    const [before, bytes, start] = [usageOf(terminal.pid), terminal.rawBytes().total, performance.now()]
    await sleep(seconds * 1000)
    const [after, elapsed] = [usageOf(terminal.pid), (performance.now() - start) / 1000]
    return {
      program: program.name,
      size: sizeText(size),
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

function row(program: Program, size: string, samples: readonly Sample[], peer: (name: string) => number): Row {
  const own = samples.filter(sample => sample.program === program.name && sample.size === size)
  const cpu = mean(own.map(sample => sample.cpuPerMinute))
  const ratio = (name: string) => (Number.isNaN(peer(name)) ? undefined : rounded(cpu / peer(name), 2))
  return {
    program: program.name,
    size,
    'CPU s/min': rounded(cpu),
    'each round': own.map(sample => sample.cpuPerMinute.toFixed(2)).join(' '),
    '/ btop': ratio('btop'),
    '/ glances': ratio('glances'),
    'RSS MB': rounded(mean(own.map(sample => sample.megabytes))),
    'bytes/s': Math.round(mean(own.map(sample => sample.bytesPerSecond))),
  }
}

function rowsOf(programs: readonly Program[], outcome: Outcome<Sample>): readonly Row[] {
  const sized = SIZES.map(sizeText).flatMap(size => {
    const of = (name: string) => outcome.samples.filter(sample => sample.program === name && sample.size === size)
    const peer = (name: string) => mean(of(name).map(sample => sample.cpuPerMinute))
    return programs.filter(({ name }) => of(name).length > 0).map(program => row(program, size, outcome.samples, peer))
  })
  return [...sized, ...missingRows(outcome)]
}

async function run({ programs, rounds, seconds, warmup, progress }: Settings) {
  const each = seconds / rounds
  const items = SIZES.flatMap(size => programs.map(program => ({ program, size })))
  const outcome = await inTurn(items, rounds, ({ program, size }, round) => {
    progress(`screen ${round}/${rounds} ${sizeText(size)} ${program.name}`)
    return measure(program, size, warmup, each)
  })
  const how = `One after another, never at once, in ${rounds} rounds of ${each} s each after ${warmup} s of warm-up; mean of the rounds.`
  return {
    title: 'Full screen, redrawn every second',
    notes: [how, 'CPU: user and system time of all threads and children. RSS: of all processes, at the end.'],
    rows: rowsOf(programs, outcome),
  }
}

/** The steady cost of the screen. */
export const screen: Bench = { about: 'CPU, memory and bytes of the full screen, beside other monitors', run }
