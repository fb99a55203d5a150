// How soon a long recording is there, and what holding it takes: records a simulated day, and plays it in a process of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Bench, Row, Settings } from './bench.ts'
import { recordDay } from './record-day.ts'

const HOURS = 24
const CGROUPS = 200
/** What bin/kmemtop gives Node and glibc. */
const NODE_FLAGS = ['--max-semi-space-size=2']
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '65536' }

/** Returns the rows of one recording. Built like the program: Node would need 45 MB to read TypeScript. */
function playRecording(path: string, home: string): readonly Row[] {
  const built = join(home, 'play-recording.mjs')
  const entryPoints = [join(import.meta.dirname, 'play-recording.ts')]
  buildSync({ entryPoints, outfile: built, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  const { stdout, stderr } = spawnSync(process.execPath, [...NODE_FLAGS, built, path], {
    encoding: 'utf8',
    env: { ...process.env, ...ENVIRONMENT },
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Row[]
}

async function run({ progress }: Settings) {
  const home = mkdtempSync(join(tmpdir(), 'kmemtop-bench-'))
  const path = join(home, 'day.kmem')
  try {
    progress(`recording ${HOURS} simulated hours`)
    await recordDay(path, HOURS * 3600, CGROUPS)
    progress('playing them')
    return {
      title: `A recording of ${HOURS} hours with ${CGROUPS} cgroups, played`,
      notes: ['Seeks to random moments. Folding and RSS are those of a process that does nothing else.'],
      rows: playRecording(path, home),
    }
  } finally {
    rmSync(home, { recursive: true })
  }
}

/** Opening and seeking. */
export const player: Bench = { about: 'opening a day-long recording, seeking in it, and the memory it takes', run }
