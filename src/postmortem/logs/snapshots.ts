// Saved texts of kernel files beside a log: meminfo, slabinfo, cgroups, listings of /sys. Told apart by their text. Pure.

import { decodeUtf8, parseKeyedNumbers } from '../../base/text.ts'
import { parseSlabinfo, type SlabCache } from '../../collectors/slabinfo.ts'
import { findRelease } from './boot-tracker.ts'

/** What one saved text says. Sizes in bytes. */
export type Snapshot =
  | { readonly kind: 'meminfo'; readonly values: Readonly<Record<string, number>> }
  | {
      readonly kind: 'slabinfo'
      readonly caches: readonly Pick<SlabCache, 'name' | 'bytes' | 'numObjs' | 'objSize'>[]
      /** caches of one memcg, `name(id:cgroup)` */
      readonly memcgCaches: number
    }
  | {
      readonly kind: 'cgroups'
      readonly controllers: Readonly<Record<string, { readonly count: number; readonly enabled: boolean }>>
    }
  /** `ls /sys/kernel/slab`: how many entries are caches of one memcg, and of how many memcgs */
  | { readonly kind: 'slab listing'; readonly entries: number; readonly memcgCaches: number; readonly memcgs: number }
  /** `find /sys/fs/cgroup`: directories of the memory hierarchy */
  | { readonly kind: 'cgroup listing'; readonly directories: number }
  | { readonly kind: 'kernel release'; readonly release: string }
  | { readonly kind: 'command line'; readonly text: string }
  /** what `cat memory.kmem.slabinfo` said: an error where kmem accounting is not active */
  | { readonly kind: 'kmem.slabinfo error' }

export type SnapshotKind = Snapshot['kind']

const MEMCG_CACHE = /^(?:.* )?(\S[^(]*)\((\d+):(.*?)\)/

type SnapshotParser = (text: string) => Snapshot

// Each is sought in the first characters of a text.
const PARSERS: readonly (readonly [RegExp, SnapshotParser])[] = [
  [
    /^MemTotal: +\d+ kB/m,
    text => ({ kind: 'meminfo', values: Object.fromEntries(parseKeyedNumbers(text, 'meminfo')) }),
  ],
  [/^(?:cat: )?\S*memory\.kmem\.slabinfo: Input\/output error\s*$/m, () => ({ kind: 'kmem.slabinfo error' })],
  [/^slabinfo - version: 2/m, parseSlabinfoSnapshot],
  [/^#subsys_name\s+hierarchy\s+num_cgroups/m, parseCgroupsSnapshot],
  [/^(?:\.\/|\.)?\/?(?:sys\/fs\/cgroup)(?:\/\S*)?$/m, parseCgroupListing],
  [/^(?:.* )?(?:kmalloc-(?:64|128)|:[a-zA-Z-]*-?\d{7}|dentry|[\w.-]+\(\d+:[^)]*\))(?: -> .*)?$/m, parseSlabListing],
  [/^Linux \S+ \d+\.\d+\S* #/, text => ({ kind: 'kernel release', release: /^Linux \S+ (\S+)/.exec(text)![1]! })],
  [/^Linux version \d\S* [^\n]*\n?$/, text => ({ kind: 'kernel release', release: findRelease(text)! })],
  [/^(?:BOOT_IMAGE=|ro |root=)[^\n]*\n?$/, text => ({ kind: 'command line', text: text.trim() })],
  [/^\d+\.\d+\.\d+-\S+\n?$/, text => ({ kind: 'kernel release', release: text.trim() })],
]

/** How to read a text that begins like this; undefined when it is none of these. */
export function findSnapshotParser(head: string): SnapshotParser | undefined {
  if (/^[\d<[]/.test(head) && !/^\d+\.\d+\.\d+-\S+\n?$/.test(head)) return undefined // a log's stamps
  return PARSERS.find(([pattern]) => pattern.test(head))?.[1]
}

function parseSlabinfoSnapshot(text: string): Snapshot {
  const rows = parseSlabinfo(text.slice(text.indexOf('slabinfo - version')), 4096)
  const memcgCaches = rows.filter(({ name }) => MEMCG_CACHE.test(name)).length
  const caches = rows
    .map(({ name, bytes, numObjs, objSize }) => ({ name, bytes, numObjs, objSize }))
    .sort((a, b) => b.bytes - a.bytes)
  return { kind: 'slabinfo', caches: caches.slice(0, 500), memcgCaches }
}

// memory	11	65535	1
function parseCgroupsSnapshot(text: string): Snapshot {
  const rows = Array.from(text.matchAll(/^(\w+)\s+\d+\s+(\d+)\s+([01])\s*$/gm), ([, name, count, enabled]) => {
    return [name!, { count: Number(count), enabled: enabled === '1' }] as const
  })
  return { kind: 'cgroups', controllers: Object.fromEntries(rows) }
}

// dentry(1234:0a1b…)        also `ls -l`: … dentry(1234:0a1b…) -> ../:aA-0000192
function parseSlabListing(text: string): Snapshot {
  const names = text.split('\n').filter(line => line !== '' && !line.startsWith('total '))
  const memcgs = new Set<string>()
  let memcgCaches = 0
  for (const name of names) {
    const own = MEMCG_CACHE.exec(name)
    if (!own) continue
    memcgCaches++
    memcgs.add(own[2]!)
  }
  return { kind: 'slab listing', entries: names.length, memcgCaches, memcgs: memcgs.size }
}

// With files in the list each directory has one cgroup.procs; without, every line is one.
function parseCgroupListing(text: string): Snapshot {
  const paths = decodeUtf8(text)
    .split('\n')
    .filter(line => /^(?:\.\/|\.)?\/?sys\/fs\/cgroup/.test(line))
  const own = paths.filter(path => /sys\/fs\/cgroup\/memory(?:\/|$)/.test(path))
  const memory = own.length > 0 ? own : paths
  const procs = memory.filter(path => path.endsWith('/cgroup.procs')).length
  return { kind: 'cgroup listing', directories: procs > 0 ? procs : memory.length }
}
