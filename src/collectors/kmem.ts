// memory.kmem.slabinfo of one cgroup: whether kernel memory is accounted per cgroup on 3.10-5.8, the ground of the leak. Asked rarely:
// the kernel walks all caches under a lock for it. Follows mm/memcontrol.c of 3.10.0-1062 and 4.19.
import { ParseError } from '../base/errors.ts'
import { linesOf } from '../base/text.ts'
import { cgroupLines, findMounts } from './cgroups/mounts.ts'
import type { Collector, Host } from './collector.ts'

const NAME = 'memory.kmem.slabinfo'
const RELEASE = '/proc/sys/kernel/osrelease'
const KEPT_LINES = 40
const DEPTH = 5

/**
 * `active`: the cgroup has caches of its own; `inactive`: EIO, its kernel memory is not accounted; `empty`: this kernel
 * (5.9 on) shares caches among cgroups.
 */
export type KmemState = 'active' | 'inactive' | 'empty'

/** The answer, and of which cgroup; null: not asked (v2, or a kernel that has no such file). */
export interface Kmem {
  readonly state: KmemState | null
  readonly path: string | null
}

export const kmem: Collector<Kmem> = {
  title: 'whether cgroups have slab caches of their own (3.10-5.8)',
  optional: true,
  interval: 600_000,
  open: host => () => {
    const path = accountsPerCgroup(host) ? deepestPod(host) : undefined
    return path === undefined ? {} : { [`${path}/${NAME}`]: readBrief(host, `${path}/${NAME}`) }
  },
  empty: { state: null, path: null },
  fold: (memory, files) => {
    for (const [path, text] of Object.entries(files))
      if (text !== null && path.endsWith(`/${NAME}`))
        return { state: stateOf(text, path), path: path.slice(0, -NAME.length - 1) }
    return memory
  },
}

// From 5.9 on the file is there and always empty: caches are shared.
function accountsPerCgroup(host: Host): boolean {
  const [major = 0, minor = 0] = host.read(RELEASE).split('.').map(Number)
  return major < 5 || (major === 5 && minor < 9)
}

// The root always answers EIO, and on 3.10 only cgroups that a limit was written to are accounted: so the first of the pods.
function deepestPod(host: Host): string | undefined {
  const mountinfo = host.read(`/proc/${host.processes[0]}/mountinfo`)
  const { memory } = findMounts(cgroupLines(mountinfo), { hasMemory: () => false })
  if (memory?.version !== 1) return undefined
  let path = memory.path
  for (let depth = 0; depth < DEPTH; depth++) {
    const below = host
      .directories(path)
      .map(name => ({ name, rank: likely(name) + inhabited(host, `${path}/${name}`) / 2 }))
    const [first] = below.sort((a, b) => b.rank - a.rank || a.name.localeCompare(b.name))
    if (!first) break
    path = `${path}/${first.name}`
  }
  return path === memory.path ? undefined : path
}

// A cgroup in which nothing runs has no caches of its own yet, and is no pod: kubepods/besteffort of many nodes.
function inhabited(host: Host, path: string): number {
  try {
    return Number(host.stat(path).links > 2)
  } catch {
    return 0 // gone meanwhile
  }
}

const likely = (name: string): number => Number(/kubepods|docker|libpod|pod|[0-9a-f]{64}/.test(name))

// What the kernel refuses is an answer too: its code stands for the text. 4.4 prints the header and then fails.
function readBrief(host: Host, path: string): string {
  try {
    return linesOf(host.read(path))
      .slice(0, KEPT_LINES)
      .map(line => `${line}\n`)
      .join('')
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EIO') return 'EIO\n'
    throw error
  }
}

function stateOf(text: string, path: string): KmemState {
  if (!/^(EIO\n|slabinfo - version: 2|$)/.test(text)) throw new ParseError(path, 1, 'slabinfo - version: 2.x', text)
  if (text.startsWith('EIO')) return 'inactive'
  return linesOf(text).some(line => !/^(#|slabinfo)/.test(line)) ? 'active' : 'empty'
}
