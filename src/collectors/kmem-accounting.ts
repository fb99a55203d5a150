// memory.kmem.slabinfo of one cgroup: whether kernel memory is accounted per cgroup on 3.10-5.8, the cause of the kmem leak. Read
// rarely, because the kernel walks all caches under a lock. Follows mm/memcontrol.c of 3.10.0-1062 and 4.19.

import { getErrorCode, ParseError } from '../base/errors.ts'
import { isKernelBefore } from '../base/kernel-version.ts'
import { splitLines } from '../base/text.ts'
import { filterCgroupLines, findMounts } from './cgroups/mounts.ts'
import type { Collector, Host } from './collector.ts'

const KMEM_SLABINFO = 'memory.kmem.slabinfo'
const OSRELEASE = '/proc/sys/kernel/osrelease'
const KEPT_LINES = 40
const MAX_DEPTH = 5

/**
 * `active`: the cgroup has caches of its own; `inactive`: EIO, its kernel memory is not accounted; `empty`: on this kernel
 * (since 5.9) all cgroups share the caches.
 */
export type KmemAccountingState = 'active' | 'inactive' | 'empty'

/** The answer and the cgroup that was asked; null if none was asked (v2, or a kernel without the file). */
export interface KmemAccounting {
  readonly state: KmemAccountingState | null
  readonly path: string | null
}

/** Asks every ten minutes whether kernel memory is accounted by cgroup. */
export const kmem: Collector<KmemAccounting> = {
  kind: 'file',
  title: 'kmem accounting: slab caches per cgroup (3.10-5.8)',
  optional: true,
  interval: 600_000,
  openReader: host => () => {
    const path = hasPerCgroupAccounting(host) ? findDeepestPod(host) : undefined
    return path === undefined ? {} : { [`${path}/${KMEM_SLABINFO}`]: readFirstLines(host, `${path}/${KMEM_SLABINFO}`) }
  },
  empty: { state: null, path: null },
  applyFiles: (memory, files) => {
    for (const [path, text] of Object.entries(files))
      if (text !== null && path.endsWith(`/${KMEM_SLABINFO}`))
        return { state: parseAccountingState(text, path), path: path.slice(0, -KMEM_SLABINFO.length - 1) }
    return memory
  },
}

// Since 5.9 the file exists and is always empty: caches are shared.
const hasPerCgroupAccounting = (host: Host): boolean => isKernelBefore(host.readFile(OSRELEASE), 5, 9)

// Asks the first pod: the root always answers EIO, and 3.10 accounts only cgroups whose limit was set.
function findDeepestPod(host: Host): string | undefined {
  const mountinfo = host.readFile(`/proc/${host.processes[0]}/mountinfo`)
  const { memory } = findMounts(filterCgroupLines(mountinfo), { hasMemory: () => false })
  if (memory?.version !== 1) return undefined
  let path = memory.path
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const children = host
      .listSubdirectories(path)
      .map(name => ({ name, rank: rankName(name) + rankInhabited(host, `${path}/${name}`) / 2 }))
    const [first] = children.sort((a, b) => b.rank - a.rank || a.name.localeCompare(b.name))
    if (!first) break
    path = `${path}/${first.name}`
  }
  return path === memory.path ? undefined : path
}

// A cgroup without processes has no caches of its own yet, and may not be a pod: kubepods/besteffort on many nodes.
function rankInhabited(host: Host, path: string): number {
  try {
    return Number(host.statFile(path).links > 2)
  } catch {
    return 0 // gone meanwhile
  }
}

const rankName = (name: string): number => Number(/kubepods|docker|libpod|pod|[0-9a-f]{64}/.test(name))

// An error is an answer too: its code replaces the text. 4.4 prints the header and then fails.
function readFirstLines(host: Host, path: string): string {
  try {
    return splitLines(host.readFile(path))
      .slice(0, KEPT_LINES)
      .map(line => `${line}\n`)
      .join('')
  } catch (error) {
    const code = getErrorCode(error)
    if (code === 'EIO') return 'EIO\n'
    throw error
  }
}

function parseAccountingState(text: string, path: string): KmemAccountingState {
  if (!/^(EIO\n|slabinfo - version: 2|$)/.test(text)) throw new ParseError(path, 1, 'slabinfo - version: 2.x', text)
  if (text.startsWith('EIO')) return 'inactive'
  return splitLines(text).some(line => !/^(#|slabinfo)/.test(line)) ? 'active' : 'empty'
}
