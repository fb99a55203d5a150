// The texts of one cgroup's files to its fields. Follows Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
import { createSeries, appendPoint, type Series } from '../../base/series.ts'
import { parseKeyedNumbers, parseNumber } from '../../base/text.ts'
import { parsePressure } from '../pressure.ts'
import { CGROUP_COURSES, type Cgroup, type CgroupCourse, type CgroupEvents } from './cgroup.ts'

const ROOM = 160

type Fields = Partial<Omit<Cgroup, 'path' | 'parent' | 'inode' | 'seenAt' | 'series' | 'courses'>>

// v1 writes "no limit" as LONG_MAX rounded down to a page.
const NO_LIMIT = 2 ** 62

const limitOf = (text: string, path: string): number => {
  const limit = parseNumber(text, path)
  return limit >= NO_LIMIT ? Number.POSITIVE_INFINITY : limit
}

type Parser = (text: string, path: string) => Fields

/** A file's name -> what it says of its cgroup. @throws ParseError */
const PARSERS: Readonly<Record<string, Parser>> = {
  'memory.current': (text, path) => ({ current: parseNumber(text, path) }),
  'memory.max': (text, path) => ({ limit: limitOf(text, path) }),
  'memory.swap.current': (text, path) => ({ swap: parseNumber(text, path) }),
  'memory.events': (text, path) => {
    const events = eventsOf(text, path)
    return { events, oomKill: events.oomKill, failcnt: events.max, throttled: events.high }
  },
  'memory.events.local': (text, path) => ({ local: eventsOf(text, path) }),
  'memory.pressure': (text, path) => ({ pressure: parsePressure(text, path) }),
  'memory.stat': (text, path) => {
    const stat = parseKeyedNumbers(text, path)
    return stat.has('cache') ? v1Stat(stat) : v2Stat(stat)
  },
  'cgroup.stat': (text, path) => {
    const stat = parseKeyedNumbers(text, path)
    return {
      descendants: stat.get('nr_descendants') ?? null,
      dying: stat.get('nr_dying_subsys_memory') ?? stat.get('nr_dying_descendants') ?? null,
    }
  },
  'memory.usage_in_bytes': (text, path) => ({ current: parseNumber(text, path) }),
  'memory.limit_in_bytes': (text, path) => ({ limit: limitOf(text, path) }),
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
function eventsOf(text: string, path: string): CgroupEvents {
  const known = knownEvents.get(text)
  if (known) return known
  const parsed = parseEvents(text, path)
  if (knownEvents.size < MOST_KNOWN) knownEvents.set(text, parsed)
  return parsed
}

/** Nearly all cgroups say the same: no event yet. */
const knownEvents = new Map<string, CgroupEvents>()
const MOST_KNOWN = 100

function parseEvents(text: string, path: string): CgroupEvents {
  const events = parseKeyedNumbers(text, path)
  const of = (name: string): number | null => events.get(name) ?? null
  const oom = { oom: of('oom'), oomKill: of('oom_kill'), oomGroupKill: of('oom_group_kill') }
  return { low: of('low'), high: of('high'), max: of('max'), ...oom }
}

function v2Stat(stat: ReadonlyMap<string, number>): Fields {
  const of = (name: string): number | null => stat.get(name) ?? null
  return {
    anon: of('anon'),
    file: of('file'),
    shmem: of('shmem'),
    slab: of('slab'),
    slabUnreclaimable: of('slab_unreclaimable'),
    kernel: of('kernel'),
    sock: of('sock'),
    percpu: of('percpu'),
    kernelStack: of('kernel_stack'),
    pagetables: of('pagetables'),
  }
}

// Without `total_` the lines count the cgroup's own processes only; without memory.use_hierarchy there is no `total_`.
function v1Stat(stat: ReadonlyMap<string, number>): Fields {
  const of = (name: string): number | null => stat.get(`total_${name}`) ?? stat.get(name) ?? null
  const [cache, rss] = [stat.get('cache'), stat.get('rss')]
  const own = cache === undefined || rss === undefined ? null : cache + rss
  return { anon: of('rss'), file: of('cache'), shmem: of('shmem'), swap: of('swap'), own }
}

// One literal, so that each copy of it is a plain one: ten thousand are made at the first look at a large node.
const UNKNOWN: Cgroup = {
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
  local: null,
  pressure: null,
  descendants: null,
  dying: null,
  underOom: false,
  oomKillDisable: false,
  recreated: 0,
  series: createSeries(ROOM),
  courses: {},
}

/** A cgroup of which nothing but its directory is known. `recreated`: how many of its name were there before. */
export const newCgroup = (
  path: string,
  parent: string | undefined,
  inode: number,
  seenAt: number,
  recreated = 0,
): Cgroup => ({ ...UNKNOWN, path, parent, inode, seenAt, recreated })

/** Points of a course: fewer of each where there are many cgroups, so that all together stay within some megabytes. */
export const roomFor = (cgroups: number): number => Math.max(24, Math.min(ROOM, Math.floor(300_000 / (cgroups + 1))))

/**
 * The cgroup with what the file `name` says; the same object for a file that is not ours.
 * @param room see roomFor
 * @throws ParseError
 */
export function withFile(cgroup: Cgroup, name: string, text: string, path: string, time: number, room = ROOM): Cgroup {
  const fields = Object.hasOwn(PARSERS, name) ? PARSERS[name]!(text, path) : undefined
  if (!fields) return cgroup
  const { current } = fields
  const series = typeof current === 'number' ? appendPoint({ ...cgroup.series, capacity: room }, time, current) : cgroup.series
  return { ...cgroup, ...fields, series, courses: coursesOf(cgroup, fields, time, room) }
}

// A course begins with the first change: of ten thousand quiet cgroups nothing is kept.
function coursesOf(cgroup: Cgroup, fields: Fields, time: number, room: number): Cgroup['courses'] {
  let courses: Partial<Record<CgroupCourse, Series>> | undefined
  for (const name of CGROUP_COURSES) {
    const [before, now] = [cgroup[name], fields[name]]
    if (typeof now !== 'number' || before === null || before === now) continue
    const course = cgroup.courses[name] ?? appendPoint(createSeries(room), cgroup.seenAt, before)
    courses ??= { ...cgroup.courses }
    courses[name] = appendPoint({ ...course, capacity: room }, time, now)
  }
  return courses ?? cgroup.courses
}
