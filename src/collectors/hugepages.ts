// /sys/kernel/mm/hugepages and transparent_hugepage: huge pages of every size. Follows mm/hugetlb.c (hugetlb_sysfs_init) and mm/huge_memory.c.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import type { Collector, Files, Host } from './collector.ts'

const ROOT = '/sys/kernel/mm/hugepages'
const THP = '/sys/kernel/mm/transparent_hugepage/enabled'
const FILES = ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages'] as const

/** The pool of one size, in pages. */
export interface HugePagePool {
  /** bytes of a page */
  readonly size: number
  /** pages in the pool, used or not */
  readonly pages: number
  readonly free: number
  /** promised to a mapping but not taken yet: part of `free` */
  readonly reserved: number
  /** beyond the configured number, because of nr_overcommit_hugepages */
  readonly surplus: number
}

/** The pools of all sizes, and how transparent huge pages are set. */
export interface Hugepages {
  /** the largest page size first */
  readonly pools: readonly HugePagePool[]
  /** bytes of all pools; undefined: not read */
  readonly bytes?: number
  /** bytes over time, by page size */
  readonly series: ReadonlyMap<number, Series>
  /** transparent huge pages: `always`, `madvise` or `never` */
  readonly transparent?: string
}

/** Reads the huge pages of every size, every 10 s. */
export const hugepages: Collector<Hugepages> = {
  kind: 'file',
  title: 'huge pages by size',
  optional: true,
  interval: 10_000,
  openReader: host => () => readPools(host),
  empty: { pools: [], series: new Map() },
  applyFiles: (state, files, time) => {
    const pools = mergePools(state.pools, files)
    const series = new Map(
      pools.map(({ size, pages }) => [
        size,
        appendPoint(state.series.get(size) ?? createSeries(300), time, pages * size),
      ]),
    )
    const transparent = files[THP] ? parseChoice(files[THP]) : state.transparent
    const bytes = pools.reduce((sum, { size, pages }) => sum + size * pages, 0)
    return { pools, bytes, series, ...(transparent === undefined ? {} : { transparent }) }
  },
}

function readPools(host: Host): Files {
  const files: Record<string, string> = {}
  const readOptional = (path: string): void => {
    try {
      files[path] = host.readFile(path)
    } catch {} // another kernel does not have it
  }
  for (const pool of host.listDirectory(ROOT)) {
    const [required, ...optional] = FILES.map(name => `${ROOT}/${pool}/${name}`)
    files[required!] = host.readFile(required!)
    optional.forEach(readOptional)
  }
  readOptional(THP)
  return files
}

// /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
const POOL_FILE = /\/hugepages-(\d+)kB\/(\w+)$/

const FIELDS: Readonly<Record<string, Exclude<keyof HugePagePool, 'size'>>> = {
  nr_hugepages: 'pages',
  free_hugepages: 'free',
  resv_hugepages: 'reserved',
  surplus_hugepages: 'surplus',
}

function mergePools(before: readonly HugePagePool[], files: Files): readonly HugePagePool[] {
  const pools = new Map(before.map(pool => [pool.size, pool]))
  for (const [path, text] of Object.entries(files)) {
    const [, kilobytes, name = ''] = POOL_FILE.exec(path) ?? []
    const field = FIELDS[name]
    if (kilobytes === undefined || field === undefined) continue
    const size = Number(kilobytes) * 1024
    const pool = pools.get(size) ?? { size, pages: 0, free: 0, reserved: 0, surplus: 0 }
    if (text === null) pools.delete(size)
    else pools.set(size, { ...pool, [field]: parseCount(text, path) })
  }
  return [...pools.values()].sort((a, b) => b.size - a.size)
}

function parseCount(text: string, path: string): number {
  if (!/^\d+$/.test(text.trim())) throw new ParseError(path, 1, 'a number of pages', text)
  return Number(text)
}

// always [madvise] never
const parseChoice = (text: string): string | undefined => /\[(\w+)\]/.exec(text)?.[1]
