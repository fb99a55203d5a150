// The texts of one cgroup's files to its fields. Follows Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
import { emptySeries, push } from '../../base/series.ts'
import { keyedNumbers, oneNumber } from '../../base/text.ts'
import type { Cgroup } from './cgroup.ts'

type Fields = Partial<Omit<Cgroup, 'path' | 'inode' | 'seenAt' | 'series'>>

// v1 writes "no limit" as LONG_MAX rounded down to a page.
const NO_LIMIT = 2 ** 62

const limitOf = (text: string, path: string): number => {
  const limit = oneNumber(text, path)
  return limit >= NO_LIMIT ? Number.POSITIVE_INFINITY : limit
}

type Parser = (text: string, path: string) => Fields

/** A file's name -> what it says of its cgroup. @throws ParseError */
const PARSERS: Readonly<Record<string, Parser>> = {
  'memory.current': (text, path) => ({ current: oneNumber(text, path) }),
  'memory.max': (text, path) => ({ limit: limitOf(text, path) }),
  'memory.swap.current': (text, path) => ({ swap: oneNumber(text, path) }),
  'memory.events': (text, path) => {
    const events = keyedNumbers(text, path)
    return { oomKill: events.get('oom_kill') ?? null, failcnt: events.get('max') ?? null }
  },
  'memory.stat': (text, path) => {
    const stat = keyedNumbers(text, path)
    const of = (name: string): number | null => stat.get(name) ?? null
    return {
      anon: of('anon'),
      file: of('file'),
      shmem: of('shmem'),
      slab: of('slab'),
      slabUnreclaimable: of('slab_unreclaimable'),
      kernel: of('kernel'),
    }
  },
  'memory.usage_in_bytes': (text, path) => ({ current: oneNumber(text, path) }),
  'memory.limit_in_bytes': (text, path) => ({ limit: limitOf(text, path) }),
  'memory.kmem.usage_in_bytes': (text, path) => ({ kernel: oneNumber(text, path) }),
  'memory.failcnt': (text, path) => ({ failcnt: oneNumber(text, path) }),
  // oom_kill_disable 0 / under_oom 0 / oom_kill 3 (4.13 on)
  'memory.oom_control': (text, path) => {
    const control = keyedNumbers(text, path)
    return {
      oomKill: control.get('oom_kill') ?? null,
      underOom: control.get('under_oom') === 1,
      oomKillDisable: control.get('oom_kill_disable') === 1,
    }
  },
}

/** A cgroup of which nothing but its directory is known. */
export function newCgroup(path: string, inode: number, time: number): Cgroup {
  const unknown = {
    current: null,
    limit: null,
    anon: null,
    file: null,
    shmem: null,
    slab: null,
    slabUnreclaimable: null,
  }
  const counters = { kernel: null, swap: null, failcnt: null, oomKill: null, underOom: false, oomKillDisable: false }
  return { path, inode, seenAt: time, ...unknown, ...counters, series: emptySeries(160) }
}

/** The cgroup with what the file `name` says; the same object for a file that is not ours. @throws ParseError */
export function withFile(cgroup: Cgroup, name: string, text: string, path: string, time: number): Cgroup {
  const fields = Object.hasOwn(PARSERS, name) ? PARSERS[name]!(text, path) : undefined
  if (!fields) return cgroup
  const { current } = fields
  return {
    ...cgroup,
    ...fields,
    ...(typeof current === 'number' ? { series: push(cgroup.series, time, current) } : {}),
  }
}
