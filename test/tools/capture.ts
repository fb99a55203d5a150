// Captures of the lab as steps: what every file of the node said, at a time of its clocks. Two kinds: v2/ with a timeline
// of one copy a second between two full ones, and v1-6.18/ with one copy before and one after.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { CollectorId } from '../../src/collectors/index.ts'

/** One full sample of a capture: the node's paths with their texts, at a time of its two clocks (ms). */
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
  /** milliseconds between two samples; 0: every step is one, however soon it comes */
  readonly interval: number
  /** collectors whose files the capture does not have, though its kernel had */
  readonly missing: readonly CollectorId[]
}

const SLAB = '/sys/kernel/slab/'
const NONE: ReadonlySet<string> = new Set()

const readText = (path: string): string => readFileSync(path, 'latin1')

/** Every file below a directory: path within it, text. */
function readTexts(directory: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => [`${parentPath.slice(directory.length)}/${name}`, readText(`${parentPath}/${name}`)])
}

/** The directory of a path. */
export const getParent = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/**
 * Directories of the cgroup files. Where the kernel counted more than were copied, those of the step before are still
 * there, then the next ones of a numbered series (g0, g1, …), else stand-ins.
 */
function listDirectories(
  files: ReadonlyMap<string, string>,
  mount: string,
  there: number,
  before: ReadonlySet<string> = NONE,
): ReadonlySet<string> {
  const directories = new Set([mount])
  for (const path of files.keys()) if (path.startsWith(`${mount}/`)) directories.add(getParent(path))
  const numbered = [...directories].find(path => /\/g\d+$/.test(path))?.replace(/\d+$/, '')
  for (const path of before) if (directories.size < there) directories.add(path)
  for (let i = 0; directories.size < there; i++) directories.add(`${numbered ?? `${mount}/not-copied-`}${i}`)
  return directories
}

/** A folder of either kind. */
export const readCapture = (folder: string): Capture =>
  existsSync(`${folder}/timeline`) ? readCaptureV2(folder) : readCaptureV1(folder)

// --- cgroup v2: timeline/NNNN/{proc,cgroup,clock}, one a second, between the full copies before/ and after/

const V2 = '/sys/fs/cgroup'
const V2_MOUNTS = `30 24 0:26 / ${V2} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n`

function readCaptureV2(folder: string): Capture {
  const names = readdirSync(`${folder}/timeline`).sort()
  const later = ['full', 'after'].filter(name => existsSync(`${folder}/${name}`))
  const steps: Step[] = []
  for (const name of [...names.map(it => `timeline/${it}`), ...later])
    steps.push(readStepV2(`${folder}/${name}`, steps.at(-1)?.directories))
  const before = readStepV2(`${folder}/before`)
  const after = readStepV2(`${folder}/after`)
  const changedAt = findLimitsChange(folder)
  const slab = parseSlabFiles(readText(`${folder}/before/sys/slab.tsv`))
  for (const { files, monotonic } of steps) {
    addLimits(files, monotonic < changedAt ? before : after)
    files.set('/proc/1/mountinfo', V2_MOUNTS)
    files.set(`${V2}/cgroup.controllers`, before.files.get(`${V2}/cgroup.controllers`)!)
    files.set('/proc/version', before.files.get('/proc/version')!)
    for (const [path, text] of slab) files.set(path, text)
  }
  return { steps, log: readText(`${folder}/kmsg.raw`), interval: 1000, missing: [] }
}

function readStepV2(folder: string, known?: ReadonlySet<string>): Step {
  const [, realtime, monotonic] = /realtime ([\d.]+) monotonic ([\d.]+)/.exec(readText(`${folder}/clock`))!
  const files = new Map(readTexts(folder).map(([path, text]) => [path.replace(/^\/cgroup\//, `${V2}/`), text]))
  const descendants = /^nr_descendants (\d+)/m.exec(files.get(`${V2}/cgroup.stat`)!)![1]
  const directories = listDirectories(files, V2, Number(descendants) + 1, known)
  return { wallClock: Number(realtime) * 1000, monotonic: Number(monotonic) * 1000, files, directories }
}

// Only the full copies hold memory.max. A scenario sets its limits right before it writes its second line of events.log.
function addLimits(files: Map<string, string>, full: Step): void {
  for (const [path, text] of full.files) {
    if (path.endsWith('/memory.max') && files.has(`${getParent(path)}/memory.current`)) files.set(path, text)
  }
}

function findLimitsChange(folder: string): number {
  const [, second] = readText(`${folder}/events.log`).split('\n')
  return Number.parseFloat(second!) * 1000
}

// name target reclaim_account …: as files, with `-> target` for a symbolic link
function parseSlabFiles(table: string): ReadonlyMap<string, string> {
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

function readCaptureV1(folder: string): Capture {
  const steps = ['before', 'after'].map(name => readStepV1(`${folder}/${name}`))
  return { steps, log: readText(`${folder}/kmsg.raw`), interval: 0, missing: ['slab'] }
}

function readStepV1(folder: string): Step {
  const clock = JSON.parse(readText(`${folder}/mtime_ns`)) as { wall_ns: number; monotonic_ns: number }
  const files = new Map(readTexts(folder).map(([path, text]) => [toNodePathV1(path), text]))
  files.set('/proc/1/mountinfo', V1_MOUNTS)
  const directories = listDirectories(files, V1, Number(readText(`${folder}/cgroup_dirs_memory`)))
  return { wallClock: clock.wall_ns / 1e6, monotonic: clock.monotonic_ns / 1e6, files, directories }
}

function toNodePathV1(path: string): string {
  if (path.startsWith('/cg__')) return `${V1}/${path.slice(5).replaceAll('__', '/')}`
  return path.replace('/proc_pressure_', '/proc/pressure/').replace('/proc_', '/proc/')
}
