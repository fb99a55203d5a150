// A generated node for --root: a tree of pods with the files of cgroup v2, 400 slab caches, and zombies that only the counts tell of.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const EVENTS = 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n'
const STAT_NAMES = ['anon', 'file', 'kernel', 'kernel_stack', 'pagetables', 'percpu', 'sock', 'shmem', 'slab']
const STAT_LINES = 65 // as 6.12 has

/** A node on a file system in memory. */
export interface NodeTree {
  readonly root: string
  /** lets this many cgroups use other amounts than before */
  move(count: number): void
  remove(): void
}

const toHex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

function formatMemoryStat(seed: number): string {
  const lines = Array.from({ length: STAT_LINES }, (_, i) => `${STAT_NAMES[i] ?? `field_${i}`} ${(seed + i) * 4096}\n`)
  return lines.join('')
}

function formatSlabinfo(caches: number): string {
  const rows = Array.from(
    { length: caches },
    (_, i) => `cache-${i} ${1000 + i} ${2000 + i} 192 21 1 : tunables 0 0 0 : slabdata ${100 + i} ${100 + i} 0\n`,
  )
  return `slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>\n${rows.join('')}`
}

/** Makes a node of `cgroups` cgroups, pods of four containers, and `zombies` dead ones. */
export function makeNode(cgroups: number, caches = 400, zombies = 60_000): NodeTree {
  const root = mkdtempSync('/dev/shm/kmt-scale-')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  // the root, kubepods.slice, then each pod before its containers
  const getCgroupPath = (i: number): string => {
    if (i < 2) return i === 0 ? ROOT : `${ROOT}/kubepods.slice`
    const pod = `${ROOT}/kubepods.slice/kubepods-pod${toHex(Math.floor((i - 2) / 5), 8)}_7c2e_4d1b_9a60_5b8e2d4f7c13.slice`
    return (i - 2) % 5 === 0 ? pod : `${pod}/cri-containerd-${toHex(i, 64)}.scope`
  }
  const writeCgroup = (path: string, seed: number): void => {
    write(`${path}/memory.current`, `${seed * 4096}\n`)
    write(`${path}/memory.max`, 'max\n')
    write(`${path}/memory.events`, EVENTS)
    write(`${path}/memory.events.local`, EVENTS)
    write(`${path}/memory.swap.current`, '0\n')
    write(`${path}/memory.stat`, formatMemoryStat(seed))
    write(`${path}/cgroup.stat`, 'nr_descendants 0\nnr_dying_descendants 0\n')
  }
  write('/proc/sys/kernel/osrelease', '6.12.0\n')
  write('/proc/1/mountinfo', `31 22 0:26 / ${ROOT} rw - cgroup2 cgroup2 rw\n`)
  write(
    '/proc/meminfo',
    'MemTotal: 396000000 kB\nMemFree: 90000000 kB\nMemAvailable: 100000000 kB\nCached: 1000000 kB\nAnonPages: 1000000 kB\nSReclaimable: 100 kB\nSUnreclaim: 100 kB\n',
  )
  write('/proc/slabinfo', formatSlabinfo(caches))
  write(`${ROOT}/cgroup.controllers`, 'cpu memory\n')
  write(`${ROOT}/cgroup.stat`, `nr_descendants ${cgroups - 1}\nnr_dying_descendants ${zombies}\n`)
  for (let i = 1; i < cgroups; i++) writeCgroup(getCgroupPath(i), i)
  let turn = 0
  return {
    root,
    move: count => {
      for (let i = 0; i < count; i++, turn++)
        writeFileSync(
          join(root, getCgroupPath(1 + ((turn * 7919) % (cgroups - 1))), 'memory.current'),
          `${turn * 4096}\n`,
        )
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}
