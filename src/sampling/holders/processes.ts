// Facts of every process, cheap ones first; what its descriptors are only for those that have most of them.
import { KiB, MiB } from '../../base/units.ts'
import type { ProcessFacts } from '../../collectors/holders/survey.ts'
import { estimateFiles, MAX_LISTED, readDescriptorKinds } from './process-files.ts'
import { readSocketQueues, sumQueues } from './socket-queues.ts'
import type { SurveyHost } from './survey-host.ts'

/** Processes kept for each thing that can be held: the largest holders of it. */
const KEPT_PER_MEASURE = 40
/** Descriptors from which a process may be the holder: fewer hold no memory worth an alert. */
const MIN_FILES = 100
/** Bytes in all sockets from which it is worth finding out whose they are. */
const MIN_QUEUED = 4 * MiB

/** The processes that hold most of anything, and how many there were. */
export interface ProcessScan {
  readonly kept: readonly ProcessFacts[]
  readonly processes: number
  readonly processesRead: number
  readonly refused: number
}

type Draft = { -readonly [Key in keyof ProcessFacts]: ProcessFacts[Key] } & { readonly tableSize: number }

/** Reads all processes; yields between two of them, so that the caller can pause or stop. Stopped, it returns what it has. */
export function* scanProcesses(host: SurveyHost, isOver: () => boolean): Generator<void, ProcessScan> {
  const pids = host
    .listDirectory('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
  const locks = countLocks(host)
  const drafts: Draft[] = []
  let [read, refused] = [0, 0]
  for (const pid of pids) {
    if (isOver()) break
    const draft = readProcess(host, pid)
    read++
    if (!draft) continue
    if (draft.files === null) refused++
    drafts.push({ ...draft, locks: locks.get(pid) ?? 0 })
    yield
  }
  for (const draft of selectLargest(drafts).toSorted((a, b) => (b.files ?? 0) - (a.files ?? 0))) {
    if (isOver()) break
    addKinds(host, draft)
    yield
  }
  yield* addQueues(host, drafts, isOver)
  const kept = selectLargest(drafts)
  for (const draft of kept) if (draft.cgroup === '') draft.cgroup = readCgroup(host, draft.pid)
  return { kept: kept.map(({ tableSize: _, ...facts }) => facts), processes: pids.length, processesRead: read, refused }
}

// Only where much waits: it examines every descriptor.
function* addQueues(host: SurveyHost, drafts: readonly Draft[], isOver: () => boolean): Generator<void, void> {
  const pids = drafts.map(({ pid }) => pid)
  const queues = yield* readSocketQueues(host, pids, isOver)
  if ([...queues.values()].reduce((sum, bytes) => sum + bytes, 0) < MIN_QUEUED) return
  for (const draft of drafts) {
    if (isOver()) return
    draft.queued = sumQueues(host, draft, queues)
    yield
  }
}

// undefined: a kernel thread, or it ended meanwhile
function readProcess(host: SurveyHost, pid: number): Draft | undefined {
  try {
    const status = host.readOnce(`/proc/${pid}/status`)
    const getNumber = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    if (!/^VmSize:/m.test(status)) return undefined
    return {
      pid,
      name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '?',
      cgroup: '',
      files: countFiles(host, pid, getNumber('FDSize')),
      kinds: {},
      threads: getNumber('Threads'),
      pageTables: getNumber('VmPTE') * 1024,
      shmem: getNumber('RssShmem') * 1024,
      watches: 0,
      locks: 0,
      queued: 0,
      tableSize: getNumber('FDSize'),
    }
  } catch {
    return undefined
  }
}

function countFiles(host: SurveyHost, pid: number, tableSize: number): number | null {
  try {
    const reported = host.getReportedSize(`/proc/${pid}/fd`)
    if (reported > 0) return reported
    if (tableSize > MAX_LISTED) return estimateFiles(host, pid, tableSize)
    return host.listDirectory(`/proc/${pid}/fd`).length
  } catch {
    return null
  }
}

const MEASURES: readonly ((draft: Draft) => number)[] = [
  ({ files }) => files ?? 0,
  ({ threads }) => threads,
  ({ pageTables }) => pageTables,
  ({ shmem }) => shmem,
  ({ locks }) => locks,
  ({ queued }) => queued,
]

function selectLargest(drafts: readonly Draft[]): readonly Draft[] {
  const kept = new Set<Draft>()
  for (const measure of MEASURES)
    for (const draft of drafts.toSorted((a, b) => measure(b) - measure(a)).slice(0, KEPT_PER_MEASURE))
      if (measure(draft) > 0) kept.add(draft)
  return [...kept]
}

function addKinds(host: SurveyHost, draft: Draft): void {
  draft.cgroup = readCgroup(host, draft.pid)
  if ((draft.files ?? 0) < MIN_FILES) return
  try {
    const { kinds, watches } = readDescriptorKinds(host, draft.pid, draft.files ?? 0, draft.tableSize)
    draft.kinds = kinds
    draft.watches = watches
  } catch {} // it ended meanwhile
}

// 4:memory:/kubepods/burstable/pod3f0c…  or  0::/kubepods.slice/…
const CGROUP_LINE = /^\d+:(?:(?:(?!\bmemory\b)[^:\n])*\bmemory\b[^:\n]*)?:(\/.*)$/gm

/** The memory cgroup of a process; empty when it cannot be read. */
export function readCgroup(host: SurveyHost, pid: number): string {
  try {
    const lines = [...host.readOnce(`/proc/${pid}/cgroup`).matchAll(CGROUP_LINE)]
    return (lines.find(([line]) => line.includes(':memory') || /^\d+:\S*memory/.test(line)) ?? lines.at(-1))?.[1] ?? ''
  } catch {
    return ''
  }
}

const LOCKS_READ = 64 * KiB // some thousand locks, the youngest of each CPU: of a long list the whole takes half a minute

// 1: POSIX  ADVISORY  WRITE 763 00:1a:1234 0 EOF
const LOCK_LINE = /^\d+: (?:-> )?\w+ +\w+ +\w+ +(\d+) /gm

function countLocks(host: SurveyHost): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  try {
    for (const [, pid] of host.readOnce('/proc/locks', LOCKS_READ).matchAll(LOCK_LINE))
      counts.set(Number(pid), (counts.get(Number(pid)) ?? 0) + 1)
  } catch {} // not readable here
  return counts
}
