// Figures beside those of other tools at the same moment: free, vmstat, slabtop, ss and the cgroup files themselves.
// kmemtop reads before and after the tool. A tool's figure that is equal to one of both, or between them, is the same.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { getErrorMessage } from '../src/base/errors.ts'
import type { RecordingHeader } from '../src/collectors/collector.ts'
import { type CollectorId, collectors } from '../src/collectors/index.ts'
import { appendReading, createHistory, type History } from '../src/history.ts'
import { createSystemClock } from '../src/sampling/clock.ts'
import { createLocalHost } from '../src/sampling/local-host.ts'
import { readRecordingHeader } from '../src/sampling/recording-header.ts'
import type { Bench, Row } from './bench.ts'

const SAMPLES = 50
const READ: readonly CollectorId[] = ['vmstat', 'meminfo', 'slabinfo', 'sockstat', 'cgroups']
const TOP_CACHES = 12
const TOP_CGROUPS = 12

/** One figure of a tool, and the same one in kmemtop's words. */
interface Figure {
  readonly tool: string
  readonly name: string
  readonly theirs: number
  readonly ours: (history: History) => number | undefined
  /** a difference up to this is explained */
  readonly tolerance?: number
  readonly why?: string
}

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
const meminfo =
  (...names: readonly string[]) =>
  ({ meminfo: { values } }: History): number =>
    names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0)

//               total        used        free      shared     buffers       cache   available
function readFree(): readonly Figure[] {
  const [, memory = [], swap = []] = run('free', '-wk')
    .split('\n')
    .map(line => line.trim().split(/\s+/).slice(1).map(Number))
  const figure = (name: string, value: number | undefined, ...names: readonly string[]): Figure => ({
    tool: 'free -w',
    name,
    theirs: (value ?? Number.NaN) * 1024,
    ours: meminfo(...names),
  })
  return [
    figure('total', memory[0], 'MemTotal'),
    figure('free', memory[2], 'MemFree'),
    figure('shared', memory[3], 'Shmem'),
    figure('buffers', memory[4], 'Buffers'),
    figure('cache', memory[5], 'Cached', 'SReclaimable'),
    figure('available', memory[6], 'MemAvailable'),
    figure('swap used', swap[1], 'SwapUsed'),
  ]
}

//     24683656 K total memory
function readVmstat(): readonly Figure[] {
  const text = run('vmstat', '-s')
  const find = (label: string): number => Number(new RegExp(`^\\s*(\\d+) (?:K )?${label}$`, 'm').exec(text)?.[1])
  return [
    { tool: 'vmstat -s', name: 'active', theirs: find('active memory') * 1024, ours: meminfo('Active') },
    { tool: 'vmstat -s', name: 'free', theirs: find('free memory') * 1024, ours: meminfo('MemFree') },
    {
      tool: 'vmstat -s',
      name: 'swapped out',
      theirs: find('pages swapped out'),
      ours: ({ vmstat }) => vmstat.counters.pswpout,
    },
  ]
}

//   OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME
const SLABTOP_LINE = /^\s*(\d+)\s+(\d+)\s+\d+%\s+\S+\s+(\d+)\s+\d+\s+(\d+)K\s+(\S+)/

function readSlabtop(): readonly Figure[] {
  const lines = run('slabtop', '-o', '-s', 'c')
    .split('\n')
    .flatMap(line => [SLABTOP_LINE.exec(line) ?? []])
  const caches = lines.filter(([, objects]) => objects !== undefined).slice(0, TOP_CACHES)
  return caches.flatMap(([, objects, , , size, name]): readonly Figure[] => {
    const find = ({ slabinfo }: History) => slabinfo.caches.find(cache => cache.name === name)
    return [
      { tool: 'slabtop -o', name: 'cache size', theirs: Number(size) * 1024, ours: history => find(history)?.bytes },
      { tool: 'slabtop -o', name: 'objects', theirs: Number(objects), ours: history => find(history)?.numObjs },
    ]
  })
}

// Pages that a CPU may have allocated or freed before it adds them to the common counter: include/net/sock.h, 6.0 on; a setting from 6.4 on.
function readCpuReserve(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/mem_pcpu_rsv', 'utf8'))
  } catch {
    return 256
  }
}

// skmem:(r0,rb131072,t0,tb87040,f0,w0,o0,bl0,d0): received, forward allocation and write queue are what the kernel counts
function readSockets({ session }: History): readonly Figure[] {
  const text = run('ss', '-tanmH')
  const parts = [...text.matchAll(/skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+)/g)]
  const bytes = parts.reduce(
    (sum, [, received, forward, written]) => sum + Number(received) + Number(forward) + Number(written),
    0,
  )
  const total = Number(/^Total: (\d+)/m.exec(run('ss', '-s'))?.[1])
  const tcpPages = ({ sockstat: { counts } }: History): number => (counts.get('TCP mem') ?? 0) * session.pageSize
  const why =
    'the kernel counts whole pages, up to one more for each socket, and each CPU keeps up to mem_pcpu_rsv to itself'
  const tolerance = (parts.length + (session.cpus ?? 1) * readCpuReserve()) * session.pageSize
  return [
    { tool: 'ss -tm', name: 'TCP memory', theirs: bytes, ours: tcpPages, tolerance, why },
    {
      ...{ tool: 'ss -s', name: 'sockets', theirs: total, tolerance: 8 },
      ours: ({ sockstat: { counts } }) => counts.get('sockets used'),
      why: 'the pipes to the tool are sockets while it runs',
    },
  ]
}

function readCgroupFiles({ cgroups }: History): readonly Figure[] {
  const { memory } = cgroups.mounts
  if (!memory) return []
  const file = memory.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'
  const largest = [...cgroups.cgroups.values()]
    .toSorted((a, b) => (b.current ?? 0) - (a.current ?? 0))
    .slice(0, TOP_CGROUPS)
  return largest.flatMap(({ path }): readonly Figure[] => {
    try {
      const theirs = Number(readFileSync(`${memory.path}${path}/${file}`, 'utf8'))
      return [
        { tool: file, name: 'usage', theirs, ours: history => history.cgroups.cgroups.get(path)?.current ?? undefined },
      ]
    } catch {
      return [] // the root of a v2 tree, or one that is gone
    }
  })
}

const TOOLS: readonly ((history: History) => readonly Figure[])[] = [
  readFree,
  readVmstat,
  readSlabtop,
  readSockets,
  readCgroupFiles,
]

interface Tally {
  compared: number
  equal: number
  between: number
  explained: number
  largest: number
  why: string
}

function addFigure(tallies: Map<string, Tally>, figure: Figure, before: History, after: History): void {
  const [first, second] = [figure.ours(before), figure.ours(after)]
  if (first === undefined || second === undefined || Number.isNaN(figure.theirs)) return
  const key = `${figure.tool}\t${figure.name}`
  const tally = tallies.get(key) ?? { compared: 0, equal: 0, between: 0, explained: 0, largest: 0, why: '' }
  tallies.set(key, tally)
  tally.compared++
  const difference = Math.min(Math.abs(figure.theirs - first), Math.abs(figure.theirs - second))
  const isBetween = figure.theirs >= Math.min(first, second) && figure.theirs <= Math.max(first, second)
  if (difference === 0) tally.equal++
  else if (isBetween) tally.between++
  else if (figure.tolerance !== undefined && difference <= figure.tolerance) {
    tally.explained++
    tally.why = figure.why ?? ''
  } else tally.largest = Math.max(tally.largest, difference)
}

// Not every kernel has what every tool needs.
function readTool(
  tool: (history: History) => readonly Figure[],
  history: History,
  progress: (text: string) => void,
): readonly Figure[] {
  try {
    return tool(history)
  } catch (error) {
    progress(`${tool.name}: not compared: ${getErrorMessage(error)}`)
    return []
  }
}

/** Compares `SAMPLES` times; the tables' rows are figures. */
function compare(progress: (text: string) => void): readonly Row[] {
  const clock = createSystemClock()
  const host = createLocalHost('/')
  const session: RecordingHeader = readRecordingHeader(host, clock, 1000)
  const readers = READ.map(id => [id, collectors[id].openReader(host, { once: true })] as const)
  const read = (history: History, only: readonly CollectorId[] = READ): History =>
    readers
      .filter(([id]) => only.includes(id))
      .reduce((state, [id, reader]) => {
        const time = clock.now()
        return appendReading(state, { time, collector: id, files: reader(time, true) })
      }, history)
  const tallies = new Map<string, Tally>()
  let history = read(createHistory(session))
  for (let sample = 1; sample <= SAMPLES; sample++) {
    progress(`sample ${sample} of ${SAMPLES}`)
    for (const tool of TOOLS) {
      const before = read(history)
      const figures = readTool(tool, before, progress)
      history = read(before)
      for (const figure of figures) addFigure(tallies, figure, before, history)
    }
  }
  host.close()
  return [...tallies].map(([key, tally]) => {
    const [tool = '', figure = ''] = key.split('\t')
    const { compared, equal, between, explained, largest, why } = tally
    return {
      tool,
      figure,
      compared,
      equal,
      between,
      explained,
      different: compared - equal - between - explained,
      'largest difference': largest,
      why,
    }
  })
}

export const figures: Bench = {
  about: 'figures beside those of free, vmstat, slabtop, ss and the cgroup files, 50 times',
  run: ({ progress }) =>
    Promise.resolve({
      title: 'Figures at the same moment',
      notes: [
        'kmemtop reads before and after each tool. equal: to one of both; between: the number moved meanwhile; different: neither.',
        'On hostfs (user-mode Linux) cache and available differ by the size of the tool itself: its pages are in the cache only while it runs.',
        'A number that goes up and down between the two readings of kmemtop is different although both are right.',
      ],
      rows: compare(progress),
    }),
}
