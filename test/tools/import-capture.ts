// Turns captures of the lab into a recording: `node test/tools/import-capture.ts CAPTURE_DIR... OUT.kmem`.
// The program's own samplers read the capture, step by step, as they would have read the node: the recording holds what
// kmemtop had recorded there. Several captures of one boot become one recording. Texts are latin1: one character, one byte.
import { writeFileSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Host, RecordingHeader } from '../../src/collectors/collector.ts'
import { collectorIds } from '../../src/collectors/index.ts'
import type { Reading } from '../../src/history.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { createSampler } from '../../src/sampling/sampler.ts'
import { type Capture, getParent, readCapture, type Step } from './capture.ts'

const NONE: ReadonlySet<string> = new Set()

// --- a capture as a machine

/** A Host on the step that `goTo` chose. */
function createCaptureHost(log: string): Host & { goTo(step: Step): void } {
  let step: Step | undefined
  const inodes = new Map<string, number>()
  const watchers = new Map<string, (name: string) => void>()
  let lastInode = 1000
  const records = log.match(/^\d.*\n(?: .*\n)*/gm) ?? []
  let tree = groupNames([])
  const listChildren = (path: string): readonly string[] => [...(tree.get(path) ?? NONE)]
  return {
    processes: ['1'],
    goTo: next => {
      const before = tree
      step = next
      tree = groupNames(next.directories)
      for (const path of inodes.keys()) if (!next.directories.has(path)) inodes.delete(path)
      for (const path of next.directories) if (!inodes.has(path)) inodes.set(path, ++lastInode)
      for (const [path, changed] of watchers) {
        const names = tree.get(path) ?? NONE
        for (const name of names.symmetricDifference(before.get(path) ?? NONE)) changed(name)
      }
    },
    readFile: path => step!.files.get(path) ?? throwNotFound(path),
    listDirectory: path =>
      [...step!.files.keys()].flatMap(file => (file.startsWith(path) ? file.slice(path.length).split('/', 1) : [])),
    listSubdirectories: listChildren,
    statFile: path => ({ inode: inodes.get(path) ?? throwNotFound(path), links: 2 + listChildren(path).length }),
    readLink: path => /^-> (.*)/.exec(step!.files.get(path) ?? '')?.[1],
    drainDevice: () => {
      const due = records.findIndex(record => Number(record.split(',')[2]) / 1000 > step!.monotonic)
      return records.splice(0, due < 0 ? records.length : due).join('')
    },
    watchDirectory: (path, changed) => {
      watchers.set(path, changed)
      return () => watchers.delete(path)
    },
  }
}

function throwNotFound(path: string): never {
  throw new Error(`ENOENT: no such file or directory, open '${path}'`)
}

/** directory -> names in it */
function groupNames(paths: Iterable<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const path of paths) {
    const parent = getParent(path)
    if (!names.has(parent)) names.set(parent, new Set())
    names.get(parent)!.add(path.slice(parent.length + 1))
  }
  return names
}

// --- the recording

function createSession({ steps, log }: Capture): RecordingHeader {
  const [{ wallClock, monotonic, files }] = steps as [Step]
  const words = /Linux version (\S+)/.exec(files.get('/proc/version') ?? '') ?? /tainted:? (\d\S+) #/.exec(log)
  const kernel = words?.[1] ?? 'unknown'
  return { host: 'lab', kernel, bootId: 'unknown', wallClock, monotonic, interval: 1000, pageSize: 4096 }
}

/** What the samplers read at each step that they were due at. */
function* generateReadings(capture: Capture, { monotonic }: RecordingHeader): Generator<Reading> {
  let now = 0
  const host = createCaptureHost(capture.log)
  const clock = { now: () => now, sleepUntil: async () => {} }
  const ids = collectorIds.filter(id => !capture.missing.includes(id))
  const samplers = ids.map(id => createSampler(id, host, clock, { interval: capture.interval }))
  for (const step of capture.steps) {
    now = step.monotonic - monotonic!
    host.goTo(step)
    for (const { due, sample } of samplers) {
      if (due > now + capture.interval / 4) continue
      const { cost: _none, ...reading } = sample(false)
      yield reading
    }
  }
}

/** One recording of all captures, in the order of their steps. */
export function importCaptures(folders: readonly string[]): string {
  const captures = folders.map(readCapture)
  const [{ interval, missing }] = captures as [Capture]
  const capture: Capture = {
    steps: captures.flatMap(({ steps }) => steps).sort((a, b) => a.monotonic - b.monotonic),
    log: captures.map(({ log }) => log).join(''),
    interval,
    missing,
  }
  const session = createSession(capture)
  return [encodeHeader(session, 0), ...[...generateReadings(capture, session)].map(encodeReading)].join('')
}

const folders = process.argv.slice(2)
const out = folders.pop()
if (!out || folders.length === 0) {
  console.error('usage: node test/tools/import-capture.ts CAPTURE_DIR... OUT.kmem')
  process.exit(2)
}
const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 }
writeFileSync(out, zstdCompressSync(importCaptures(folders), { params }))
