// Files of memory cgroups with their names: `grep . memory.*`, `head memory.*`, `tail -n +1 memory.*`, v1 and v2. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../../base/text.ts'
import type { Snapshot } from './snapshots.ts'

type CgroupFiles = Extract<Snapshot, { kind: 'cgroup files' }>
type SavedCgroup = CgroupFiles['cgroups'][number]

const PATH = '(?:[^\\s:]{0,1000}\\/)?memory\\.[a-z_.]{1,40}'
const VALUE = '(?:max|-?\\d{1,20}|[a-z]\\w{0,60} -?\\d{1,20}|(?:some|full) avg10=.{1,100})'

/** The first line: `memory.max:1073741824`, or the heading of a file. */
export const CGROUP_FILES_BEGIN = new RegExp(`^(?:${PATH}: ?${VALUE}|==> ${PATH} <==)$`)

/** Any further line. */
export const CGROUP_FILES_LINE = new RegExp(`^(?:(?:${PATH}: ?)?${VALUE}|==> ${PATH} <==|)$`)

const HEADING = /^==> (.*) <==$/
const NAMED = new RegExp(`^(${PATH}): ?(.*)$`)
const NO_LIMIT = 2 ** 62
const MAX_CGROUPS = 1000

/** Sizes, counters and stats of each cgroup. @throws ParseError without a value */
export function parseCgroupFiles(text: string): CgroupFiles {
  const files = new Map<string, Map<string, number>>()
  let heading = ''
  for (const line of splitLines(decodeUtf8(text))) {
    heading = HEADING.exec(line)?.[1] ?? heading
    const [, path = heading, value = line] = NAMED.exec(line) ?? []
    const slash = path.lastIndexOf('/')
    const [cgroup, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)]
    const [key, number] = parseValue(name, value)
    if (number === undefined || (!files.has(cgroup) && files.size >= MAX_CGROUPS)) continue
    files.set(cgroup, (files.get(cgroup) ?? new Map<string, number>()).set(key, number))
  }
  if (files.size === 0) throw new ParseError('memory.*', 1, 'memory.max:1073741824', text)
  return { kind: 'cgroup files', cgroups: Array.from(files, ([path, values]) => toCgroup(path, values)) }
}

// memory.max, memory.stat anon, memory.pressure full
function parseValue(name: string, value: string): readonly [key: string, number: number | undefined] {
  const pressure = /^(some|full) avg10=[\d.]{1,10} avg60=([\d.]{1,10}) /.exec(value)
  if (pressure) return [`${name} ${pressure[1]}`, Number(pressure[2])]
  if (value === 'max') return [name, Number.POSITIVE_INFINITY]
  const [, field, digits] = /^(?:([a-z]\w*) )?(-?\d+)$/.exec(value) ?? []
  const number = digits === undefined || name === '' ? undefined : Number(digits)
  return [field === undefined ? name : `${name} ${field}`, number]
}

function toCgroup(path: string, values: ReadonlyMap<string, number>): SavedCgroup {
  const get = (...names: readonly string[]): number | null => {
    const found = names.find(name => values.has(name))
    return found === undefined ? null : values.get(found)!
  }
  const toLimit = (limit: number | null): number | null =>
    limit !== null && (limit < 0 || limit >= NO_LIMIT) ? Number.POSITIVE_INFINITY : limit
  return {
    path: path.replace(/^.*\/sys\/fs\/cgroup(?:\/memory)?(?=\/)/, '') || null,
    usage: get('memory.current', 'memory.usage_in_bytes'),
    limit: toLimit(get('memory.max', 'memory.limit_in_bytes', 'memory.stat hierarchical_memory_limit')),
    swap: get('memory.swap.current', 'memory.stat swap'),
    kernel: get('memory.kmem.usage_in_bytes', 'memory.stat kernel'),
    limitHits: get('memory.events max', 'memory.events.local max', 'memory.failcnt'),
    oomKills: get('memory.events oom_kill', 'memory.events.local oom_kill', 'memory.oom_control oom_kill'),
    anonymous: get('memory.stat total_rss', 'memory.stat rss', 'memory.stat anon'),
    file: get('memory.stat total_cache', 'memory.stat cache', 'memory.stat file'),
    isFrozen: get('memory.oom_control under_oom') === 1 && get('memory.oom_control oom_kill_disable') === 1,
    pressure: get('memory.pressure full', 'memory.pressure some'),
  }
}
