// Parses the files of one cgroup to its fields. Follows Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
import { appendPoint, createSeries, type Series } from '../../base/series.ts'
import { parseKeyedNumbers, parseNumber } from '../../base/text.ts'
import { parsePressure } from '../pressure.ts'
import { CGROUP_SERIES_FIELDS, type Cgroup, type CgroupEvents, type CgroupSeriesField } from './cgroup.ts'

const DEFAULT_SERIES_CAPACITY = 160

type CgroupFields = Partial<Omit<Cgroup, 'path' | 'parent' | 'inode' | 'seenAt' | 'series' | 'seriesByField'>>

// v1 writes "no limit" as LONG_MAX rounded down to a page.
const NO_LIMIT = 2 ** 62

const parseLimit = (text: string, path: string): number => {
  const limit = parseNumber(text, path)
  return limit >= NO_LIMIT ? Number.POSITIVE_INFINITY : limit
}

type FileParser = (text: string, path: string) => CgroupFields

/** Parsers by file name. Each returns the fields that the file contains. @throws ParseError */
const PARSERS: Readonly<Record<string, FileParser>> = {
  'memory.current': (text, path) => ({ current: parseNumber(text, path) }),
  'memory.max': (text, path) => ({ limit: parseLimit(text, path) }),
  'memory.swap.current': (text, path) => ({ swap: parseNumber(text, path) }),
  'memory.events': (text, path) => {
    const events = parseEventsCached(text, path)
    return { events, oomKill: events.oomKill, failcnt: events.max, throttled: events.high }
  },
  'memory.events.local': (text, path) => ({ localEvents: parseEventsCached(text, path) }),
  'memory.pressure': (text, path) => ({ pressure: parsePressure(text, path) }),
  'memory.stat': (text, path) => {
    const stat = parseKeyedNumbers(text, path, isStatKept)
    return stat.has('cache') ? parseV1Stat(stat) : parseV2Stat(stat)
  },
  'cgroup.stat': (text, path) => {
    const stat = parseKeyedNumbers(text, path)
    return {
      descendants: stat.get('nr_descendants') ?? null,
      dying: stat.get('nr_dying_subsys_memory') ?? stat.get('nr_dying_descendants') ?? null,
    }
  },
  'memory.usage_in_bytes': (text, path) => ({ current: parseNumber(text, path) }),
  'memory.limit_in_bytes': (text, path) => ({ limit: parseLimit(text, path) }),
  'memory.kmem.usage_in_bytes': (text, path) => ({ kernel: parseNumber(text, path) }),
  'memory.kmem.tcp.usage_in_bytes': (text, path) => ({ sock: parseNumber(text, path) }),
  'memory.failcnt': (text, path) => ({ failcnt: parseNumber(text, path) }),
  // oom_kill_disable 0 / under_oom 0 / oom_kill 3 (4.13 on)
  'memory.oom_control': (text, path) => {
    const control = parseKeyedNumbers(text, path)
    return {
      oomKill: control.get('oom_kill') ?? null,
      underOom: control.get('under_oom') === 1,
      oomKillDisable: control.get('oom_kill_disable') === 1,
    }
  },
}

// low 0 / high 0 / max 3 / oom 1 / oom_kill 1 / oom_group_kill 0
function parseEventsCached(text: string, path: string): CgroupEvents {
  const cached = eventsCache.get(text)
  if (cached) return cached
  const parsed = parseEvents(text, path)
  if (eventsCache.size < MAX_CACHED_EVENTS) eventsCache.set(text, parsed)
  return parsed
}

/** The events of nearly all cgroups: none yet. One shared object saves memory. */
const eventsCache = new Map<string, CgroupEvents>()
const MAX_CACHED_EVENTS = 100

function parseEvents(text: string, path: string): CgroupEvents {
  const events = parseKeyedNumbers(text, path)
  const getNumber = (name: string): number | null => events.get(name) ?? null
  const oom = { oom: getNumber('oom'), oomKill: getNumber('oom_kill'), oomGroupKill: getNumber('oom_group_kill') }
  return { low: getNumber('low'), high: getNumber('high'), max: getNumber('max'), ...oom }
}

/** The lines of memory.stat on v2 that are kept, by field. */
const V2_STAT = {
  anon: 'anon',
  file: 'file',
  shmem: 'shmem',
  slab: 'slab',
  slabUnreclaimable: 'slab_unreclaimable',
  kernel: 'kernel',
  sock: 'sock',
  percpu: 'percpu',
  kernelStack: 'kernel_stack',
  pagetables: 'pagetables',
} as const satisfies Partial<Record<keyof Cgroup, string>>
const V2_FIELDS = Object.keys(V2_STAT) as readonly (keyof typeof V2_STAT)[]
const V1_STAT = { anon: 'rss', file: 'cache', shmem: 'shmem', swap: 'swap' } as const

const KEPT_STAT: ReadonlySet<string> = new Set(
  [...Object.values(V2_STAT), ...Object.values(V1_STAT)].flatMap(name => [name, `total_${name}`]),
)
const isStatKept = (name: string): boolean => KEPT_STAT.has(name)

function parseV2Stat(stat: ReadonlyMap<string, number>): CgroupFields {
  const fields: Partial<Record<keyof typeof V2_STAT, number | null>> = {}
  for (const field of V2_FIELDS) fields[field] = stat.get(V2_STAT[field]) ?? null
  return fields
}

// Lines without `total_` count the cgroup's own processes only. Without memory.use_hierarchy there are no `total_` lines.
function parseV1Stat(stat: ReadonlyMap<string, number>): CgroupFields {
  const getNumber = (name: string): number | null => stat.get(`total_${name}`) ?? stat.get(name) ?? null
  const [cache, rss] = [stat.get(V1_STAT.file), stat.get(V1_STAT.anon)]
  const own = cache === undefined || rss === undefined ? null : cache + rss
  const { anon, file, shmem, swap } = V1_STAT
  return { anon: getNumber(anon), file: getNumber(file), shmem: getNumber(shmem), swap: getNumber(swap), own }
}

// One literal, so that each copy has the same hidden class: the first sample of a large node creates ten thousand.
const EMPTY_CGROUP: Cgroup = {
  path: '/',
  parent: undefined,
  inode: 0,
  seenAt: 0,
  current: null,
  limit: null,
  anon: null,
  file: null,
  shmem: null,
  slab: null,
  slabUnreclaimable: null,
  sock: null,
  percpu: null,
  kernelStack: null,
  pagetables: null,
  own: null,
  kernel: null,
  swap: null,
  failcnt: null,
  oomKill: null,
  throttled: null,
  events: null,
  localEvents: null,
  pressure: null,
  descendants: null,
  dying: null,
  underOom: false,
  oomKillDisable: false,
  recreated: 0,
  series: createSeries(DEFAULT_SERIES_CAPACITY),
  seriesByField: {},
}

/** Creates a cgroup of which only the directory is known. `recreated`: number of earlier cgroups of its name. */
export const createCgroup = ({
  path,
  parent,
  inode,
  seenAt,
  recreated = 0,
}: Pick<Cgroup, 'path' | 'parent' | 'inode' | 'seenAt'> & Partial<Pick<Cgroup, 'recreated'>>): Cgroup => ({
  ...EMPTY_CGROUP,
  path,
  parent,
  inode,
  seenAt,
  recreated,
})

/** A file of a cgroup: its name, its full path and its text. */
export interface CgroupFile {
  readonly name: string
  readonly path: string
  readonly text: string
}

/** Returns the number of points of each series: fewer if there are many cgroups, so that all series fit in a few megabytes. */
export const computeSeriesCapacity = (cgroups: number): number =>
  Math.max(24, Math.min(DEFAULT_SERIES_CAPACITY, Math.floor(300_000 / (cgroups + 1))))

/**
 * Returns the cgroup with the contents of a file; the same object for a file without a parser.
 * @param capacity see computeSeriesCapacity
 * @throws ParseError
 */
export function applyFile(
  cgroup: Cgroup,
  { name, path, text }: CgroupFile,
  time: number,
  capacity = DEFAULT_SERIES_CAPACITY,
): Cgroup {
  const fields = Object.hasOwn(PARSERS, name) ? PARSERS[name]!(text, path) : undefined
  if (!fields) return cgroup
  const { current } = fields
  const series =
    typeof current === 'number' ? appendPoint({ ...cgroup.series, capacity }, time, current) : cgroup.series
  return { ...cgroup, ...fields, series, seriesByField: updateSeries(cgroup, fields, time, capacity) }
}

// A series begins with the first change: ten thousand quiet cgroups keep nothing.
function updateSeries(cgroup: Cgroup, fields: CgroupFields, time: number, capacity: number): Cgroup['seriesByField'] {
  let updated: Partial<Record<CgroupSeriesField, Series>> | undefined
  for (const name of CGROUP_SERIES_FIELDS) {
    const [before, now] = [cgroup[name], fields[name]]
    if (typeof now !== 'number' || before === null || before === now) continue
    const series = cgroup.seriesByField[name] ?? appendPoint(createSeries(capacity), cgroup.seenAt, before)
    updated ??= { ...cgroup.seriesByField }
    updated[name] = appendPoint({ ...series, capacity }, time, now)
  }
  return updated ?? cgroup.seriesByField
}
