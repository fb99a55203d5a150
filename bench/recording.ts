// What a recording costs on disk and in CPU, by number of cgroups, beside what `atop -w` writes at the same interval.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { recordDay } from './record-day.ts'

const HOUR = 3600 // s
const CGROUPS = [50, 200, 1000]

/** The row of a recording that holds so many samples, one per second. */
function buildRow(name: string, bytes: number, samples: number, rest: Row): Row {
  const hour = (bytes / samples) * HOUR
  return {
    recording: name,
    'MB/hour': roundTo(hour / 1e6),
    'MB/day': roundTo((hour * 24) / 1e6),
    'bytes/sample': Math.round(bytes / samples),
    ...rest,
  }
}

async function measureKmemtop(home: string, cgroups: number): Promise<Row> {
  const { bytes, samples, encodeSeconds } = await recordDay(join(home, `${cgroups}.kmem`), HOUR, cgroups, false)
  return buildRow(`kmemtop, ${cgroups} cgroups`, bytes, samples, {
    'encode CPU s/min': roundTo((encodeSeconds / samples) * 60),
  })
}

// atop cannot be given a simulated node: it records this machine, for real seconds.
function measureAtop(home: string, seconds: number): Row {
  const path = join(home, 'atop.raw')
  const { error, status } = spawnSync('atop', ['-w', path, '1', String(seconds)], { stdio: 'ignore' })
  if (error || status !== 0)
    return { recording: 'atop -w', note: error ? 'apt-get install atop' : `ended with ${status}` }
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name)).length
  return buildRow(`atop -w, ${processes} processes`, statSync(path).size, seconds, {})
}

async function run({ seconds, progress }: Settings) {
  const home = mkdtempSync(join(tmpdir(), 'kmemtop-bench-'))
  const rows: Row[] = []
  try {
    for (const cgroups of CGROUPS) {
      progress(`recording ${cgroups} cgroups`)
      rows.push(await measureKmemtop(home, cgroups))
    }
    progress('recording atop -w')
    rows.push(measureAtop(home, seconds))
  } finally {
    rmSync(home, { recursive: true })
  }
  return {
    title: 'Recording, one sample per second',
    notes: [
      'kmemtop: one simulated hour of a busy node, written by its own recorder; a day is 24 of them. One pod a minute is replaced.',
      'atop: this machine as it is, for --seconds; what it writes grows with the processes, not with the cgroups.',
    ],
    rows,
  }
}

/** Size and cost of recordings. */
export const recording: Bench = { about: 'bytes per hour and day of recordings, beside atop -w', run }
