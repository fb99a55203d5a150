// /proc/slabinfo: every slab cache with its objects. Follows mm/slab_common.c and slabinfo(5), version 2.x.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { decodeUtf8, splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'
import { addCopy, COPY_NAME, type CopyCounts } from './slab-copies.ts'

const PATH = '/proc/slabinfo'

/** One row of slabinfo. `bytes` is the size of its slabs; `name` may stand for several merged caches, see slab.ts. */
export interface SlabCache {
  /** identity in the list: some kernels have two caches of the same name and size */
  readonly key: string
  readonly name: string
  readonly activeObjs: number
  readonly numObjs: number
  readonly objSize: number
  readonly objPerSlab: number
  readonly pagesPerSlab: number
  readonly numSlabs: number
  readonly bytes: number
  /** history of `bytes` */
  readonly series: Series
  /** history of `activeObjs` */
  readonly objects: Series
}

/** All caches in the kernel's order; two may have the same name. */
export interface Slabinfo {
  readonly caches: readonly SlabCache[]
  /** bytes of all caches; the rest of `Slab` are large kmallocs, which have no cache */
  readonly total: Series
  /** per-cgroup copies, if the kernel prints rows for them: `inode_cache(123:web-0)` */
  readonly copies: ReadonlyMap<string, CopyCounts>
  readonly time: number | null
}

/** Reads /proc/slabinfo every 10 s, and keeps the bytes and objects of each cache. */
export const slabinfo: Collector<Slabinfo> = {
  kind: 'file',
  title: 'slab caches',
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: { caches: [], total: createSeries(600), copies: new Map(), time: null },
  applyFiles: (state, files, time, session) => {
    const text = files[PATH]
    if (text === undefined || text === null) return state
    const known = new Map(state.caches.map(cache => [cache.key, cache]))
    const { rows, copies } = mergeCopies(parseSlabinfo(text, session.pageSize))
    const caches = rows.map(row => {
      const { series = createSeries(600), objects = createSeries(300) } = known.get(row.key) ?? {}
      return {
        ...row,
        series: appendPoint(series, time, row.bytes),
        objects: appendPoint(objects, time, row.activeObjs),
      }
    })
    const total = caches.reduce((sum, { bytes }) => sum + bytes, 0)
    return { caches, total: appendPoint(state.total, time, total), copies, time }
  },
  explainError: code => {
    if (code === 'EACCES' || code === 'EPERM') return 'run as root: slabinfo is readable by root only'
    return code === 'ENOENT' ? 'this kernel was built without slabinfo (CONFIG_SLUB_DEBUG)' : undefined
  },
}

type SlabinfoRow = Omit<SlabCache, 'series' | 'objects'>

/** Adds the rows of per-cgroup copies to the row of their cache. */
function mergeCopies(all: readonly SlabinfoRow[]): {
  rows: readonly SlabinfoRow[]
  copies: ReadonlyMap<string, CopyCounts>
} {
  const copies = new Map<string, Map<string, number>>()
  const own = all.filter(({ name }) => !COPY_NAME.test(name))
  if (own.length === all.length) return { rows: all, copies }
  const rows = new Map(own.map(row => [row.name, row]))
  for (const row of all) {
    const cache = addCopy(copies, row.name)
    if (cache === undefined) continue
    const before = rows.get(cache) ?? { ...row, name: cache, key: `${cache} ${row.objSize}`, ...NO_OBJECTS }
    rows.set(cache, {
      ...before,
      activeObjs: before.activeObjs + row.activeObjs,
      numObjs: before.numObjs + row.numObjs,
      numSlabs: before.numSlabs + row.numSlabs,
      bytes: before.bytes + row.bytes,
    })
  }
  return { rows: [...rows.values()], copies }
}

const NO_OBJECTS = { activeObjs: 0, numObjs: 0, numSlabs: 0, bytes: 0 }

/** Parses the rows of a slabinfo text; skips lines of another format. @throws ParseError if the header or all rows are missing */
export function parseSlabinfo(text: string, pageSize: number): readonly SlabinfoRow[] {
  if (!text.startsWith('slabinfo - version: 2')) throw new ParseError(PATH, 1, 'slabinfo - version: 2.x', text)
  const rows = splitLines(text).flatMap(line => parseRow(line, pageSize) ?? [])
  if (rows.length === 0) throw new ParseError(PATH, 3, 'one row per cache', text)
  const seen = new Map<string, number>()
  return rows.map(row => {
    const id = `${row.name} ${row.objSize}`
    const nth = (seen.get(id) ?? 0) + 1
    seen.set(id, nth)
    return { ...row, key: nth === 1 ? id : `${id} ${nth}` }
  })
}

// kmalloc-64         22784  22784     64   64    1 : tunables    0    0    0 : slabdata    356    356      0
const ROW = /^(\S+(?: \S+)*?) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +: tunables [^:]*: slabdata +(\d+) +(\d+)/

function parseRow(line: string, pageSize: number): Omit<SlabCache, 'series' | 'objects' | 'key'> | undefined {
  const match = ROW.exec(line)
  if (!match) return undefined
  const [activeObjs, numObjs, objSize, objPerSlab, pagesPerSlab, , numSlabs] = match
    .slice(2)
    .map(Number) as number[] & { length: 7 }
  return {
    name: decodeUtf8(match[1]!),
    activeObjs: activeObjs!,
    numObjs: numObjs!,
    objSize: objSize!,
    objPerSlab: objPerSlab!,
    pagesPerSlab: pagesPerSlab!,
    numSlabs: numSlabs!,
    bytes: numSlabs! * pagesPerSlab! * pageSize,
  }
}
