// Captures of the lab as steps: what every file of the node said, at a time of its clocks. Two kinds: v2/ with a timeline
// of one copy a second between two full ones, and v1-6.18/ with one copy before and one after.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { CollectorId } from '../../src/collectors/index.ts'

/** One full look of a capture: the node's paths with their texts, at a time of its two clocks (ms). */
export interface Step {
  readonly wallClock: number
  readonly monotonic: number
  readonly files: Map<string, string>
  readonly directories: ReadonlySet<string>
}

/** Steps in order of time, and the kernel log as it was read at the end. */
export interface Capture {
  readonly steps: readonly Step[]
  readonly log: string
  /** milliseconds between two looks; 0: every step is one, however soon it comes */
  readonly interval: number
  /** collectors whose files the capture does not have, though its kernel had */
  readonly missing: readonly CollectorId[]
}

const SLAB = '/sys/kernel/slab/'
const NONE: ReadonlySet<string> = new Set()

const textOf = (path: string): string => readFileSync(path, 'latin1')

/** Every file below a directory: path within it, text. */
function textsBelow(directory: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => [`${parentPath.slice(directory.length)}/${name}`, textOf(`${parentPath}/${name}`)])
}

/** The directory that a path stands in. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/**
 * Directories of the cgroup files. Where the kernel counted more than were copied, those of the step before are still
 * there, then the next ones of a numbered series (g0, g1, …), else stand-ins.
 */
function directoriesOf(
  files: ReadonlyMap<string, string>,
  mount: string,
  there: number,
  before: ReadonlySet<string> = NONE,
): ReadonlySet<string> {
  const directories = new Set([mount])
  for (const path of files.keys()) if (path.startsWith(`${mount}/`)) directories.add(parentOf(path))
  const numbered = [...directories].find(path => /\/g\d+$/.test(path))?.replace(/\d+$/, '')
  for (const path of before) if (directories.size < there) directories.add(path)
  for (let i = 0; directories.size < there; i++) directories.add(`${numbered ?? `${mount}/not-copied-`}${i}`)
  return directories
}

/** A folder of either kind. */
export const readCapture = (folder: string): Capture =>
  existsSync(`${folder}/timeline`) ? captureV2(folder) : captureV1(folder)

// --- cgroup v2: timeline/NNNN/{proc,cgroup,clock}, one a second, between the full copies before/ and after/

const V2 = '/sys/fs/cgroup'
const V2_MOUNTS = `30 24 0:26 / ${V2} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n`

function captureV2(folder: string): Capture {
  const names = readdirSync(`${folder}/timeline`).sort()
  const later = ['full', 'after'].filter(name => existsSync(`${folder}/${name}`))
  const steps: Step[] = []
  for (const name of [...names.map(it => `timeline/${it}`), ...later])
    steps.push(stepV2(`${folder}/${name}`, steps.at(-1)?.directories))
  const before = stepV2(`${folder}/before`)
  const after = stepV2(`${folder}/after`)
  const changedAt = limitsChangedAt(folder)
  const slab = slabFiles(textOf(`${folder}/before/sys/slab.tsv`))
  for (const { files, monotonic } of steps) {
    addLimits(files, monotonic < changedAt ? before : after)
    files.set('/proc/1/mountinfo', V2_MOUNTS)
    files.set(`${V2}/cgroup.controllers`, before.files.get(`${V2}/cgroup.controllers`)!)
    files.set('/proc/version', before.files.get('/proc/version')!)
    for (const [path, text] of slab) files.set(path, text)
  }
  return { steps, log: textOf(`${folder}/kmsg.raw`), interval: 1000, missing: [] }
}

function stepV2(folder: string, known?: ReadonlySet<string>): Step {
  const [, realtime, monotonic] = /realtime ([\d.]+) monotonic ([\d.]+)/.exec(textOf(`${folder}/clock`))!
  const files = new Map(textsBelow(folder).map(([path, text]) => [path.replace(/^\/cgroup\//, `${V2}/`), text]))
  const descendants = /^nr_descendants (\d+)/m.exec(files.get(`${V2}/cgroup.stat`)!)![1]
  const directories = directoriesOf(files, V2, Number(descendants) + 1, known)
  return { wallClock: Number(realtime) * 1000, monotonic: Number(monotonic) * 1000, files, directories }
}

// Only the full copies hold memory.max. A scenario sets its limits right before it writes its second line of events.log.
function addLimits(files: Map<string, string>, full: Step): void {
  for (const [path, text] of full.files) {
    if (path.endsWith('/memory.max') && files.has(`${parentOf(path)}/memory.current`)) files.set(path, text)
  }
}

function limitsChangedAt(folder: string): number {
  const [, second] = textOf(`${folder}/events.log`).split('\n')
  return Number.parseFloat(second!) * 1000
}

// name target reclaim_account …: as files, with `-> target` for a symbolic link
function slabFiles(table: string): ReadonlyMap<string, string> {
  const rows = table.trimEnd().split('\n').slice(1)
  return new Map(
    rows.map(row => {
      const [name, target, reclaim] = row.split('\t')
      return target === '-' ? [`${SLAB}${name}/reclaim_account`, `${reclaim}\n`] : [`${SLAB}${name}`, `-> ${target}`]
    }),
  )
}

// --- cgroup v1: {before,after}/{proc_meminfo,cg__pod__container/…,mtime_ns}

const V1 = '/sys/fs/cgroup/memory'
const V1_MOUNTS = `33 24 0:28 / ${V1} rw,relatime shared:9 - cgroup cgroup rw,memory\n`

function captureV1(folder: string): Capture {
  const steps = ['before', 'after'].map(name => stepV1(`${folder}/${name}`))
  return { steps, log: textOf(`${folder}/kmsg.raw`), interval: 0, missing: ['slab'] }
}

function stepV1(folder: string): Step {
  const clock = JSON.parse(textOf(`${folder}/mtime_ns`)) as { wall_ns: number; monotonic_ns: number }
  const files = new Map(textsBelow(folder).map(([path, text]) => [nodePathV1(path), text]))
  files.set('/proc/1/mountinfo', V1_MOUNTS)
  const directories = directoriesOf(files, V1, Number(textOf(`${folder}/cgroup_dirs_memory`)))
  return { wallClock: clock.wall_ns / 1e6, monotonic: clock.monotonic_ns / 1e6, files, directories }
}

function nodePathV1(path: string): string {
  if (path.startsWith('/cg__')) return `${V1}/${path.slice(5).replaceAll('__', '/')}`
  return path.replace('/proc_pressure_', '/proc/pressure/').replace('/proc_', '/proc/')
}
