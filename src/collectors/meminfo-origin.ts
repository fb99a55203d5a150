// Whose numbers /proc/meminfo holds: the node's, those of a container with lxcfs, or the constants of WSL 1. Pure.
import { splitLines } from '../base/text.ts'

/** `lxcfs`: a container's view, with lines of the host among them. `wsl1`: no Linux kernel, most lines are constants. */
export type MeminfoOrigin = 'kernel' | 'lxcfs' | 'wsl1'

// 70 24 0:47 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw
const LXCFS_MOUNT = / \/proc(?:\/meminfo)? (?:(?! \/proc).)* - fuse\.lxcfs /

/** Only the mounts of lxcfs over /proc/meminfo: what is recorded of a mountinfo text. */
export const filterLxcfsLines = (mountinfo: string): string =>
  splitLines(mountinfo)
    .filter(line => LXCFS_MOUNT.test(line))
    .map(line => `${line}\n`)
    .join('')

/** @param kernel release: WSL 1 is `4.4.0-19041-Microsoft`, WSL 2 is `5.15.90.1-microsoft-standard-WSL2` */
export function findOrigin(kernel: string, mountinfo: string): MeminfoOrigin {
  if (LXCFS_MOUNT.test(mountinfo)) return 'lxcfs'
  return /-Microsoft$/.test(kernel) ? 'wsl1' : 'kernel'
}

// What every lxcfs takes from the container's cgroup.
const LXCFS_ALWAYS = ['MemTotal', 'MemFree', 'MemAvailable', 'Cached', 'Buffers', 'SwapCached', 'SwapTotal', 'SwapFree']
// What lxcfs 4 and later takes from it too; earlier versions pass the host's lines through and print 0 for Slab.
const LXCFS_LATER = [
  ...['Active', 'Inactive', 'Active(anon)', 'Inactive(anon)', 'Active(file)', 'Inactive(file)', 'Unevictable'],
  ...['Dirty', 'Writeback', 'AnonPages', 'Mapped', 'Shmem', 'Slab', 'SReclaimable', 'SUnreclaim', 'Zswap', 'Zswapped'],
]
const WSL1_REAL = ['MemTotal', 'MemFree', 'SwapTotal', 'SwapFree']

// May be larger than RAM: swap, address space, promises, and counts.
const NOT_RAM = /^(Swap(Total|Free|Used)|Zswapped|Vmalloc(Total|Used|Chunk)|Commit|DirectMap|HugePages_|Hugepagesize)/

/** The lines to believe, and the names of those that were left out. */
export interface TrustedMeminfo {
  readonly values: Map<string, number>
  readonly leftOut: readonly string[]
}

/** Leaves out what is not of this node or container: lines of the host, constants, and whatever is larger than MemTotal. */
export function selectTrusted(values: ReadonlyMap<string, number>, origin: MeminfoOrigin): TrustedMeminfo {
  const total = values.get('MemTotal') ?? 0
  const own = listOwnNames(values, origin)
  const isPlausible = (name: string, value: number): boolean =>
    total === 0 ? name !== 'MemTotal' : value <= total || NOT_RAM.test(name)
  const trusted = new Map<string, number>()
  const leftOut: string[] = []
  for (const [name, value] of values) {
    if ((own?.has(name) ?? true) && isPlausible(name, value)) trusted.set(name, value)
    else if (value > 0) leftOut.push(name)
  }
  return { values: trusted, leftOut }
}

function listOwnNames(values: ReadonlyMap<string, number>, origin: MeminfoOrigin): ReadonlySet<string> | undefined {
  if (origin === 'kernel') return undefined
  if (origin === 'wsl1') return new Set(WSL1_REAL)
  const slab = (values.get('SReclaimable') ?? 0) + (values.get('SUnreclaim') ?? 0)
  const isEarly = values.get('Slab') === 0 && slab > 0
  return new Set(isEarly ? LXCFS_ALWAYS : [...LXCFS_ALWAYS, ...LXCFS_LATER])
}

/** What to know about these numbers, in one sentence; undefined where there is nothing to know. */
export function describeOrigin(origin: MeminfoOrigin, leftOut: readonly string[], total: number): string | undefined {
  if (origin === 'lxcfs') return `container view by lxcfs; lines of the host left out: ${listNames(leftOut)}`
  if (origin === 'wsl1') return 'WSL 1: only MemTotal, MemFree and swap are measured, the other lines are constants'
  if (total === 0) return 'MemTotal is 0: no shares of RAM'
  return leftOut.length > 0 ? `larger than MemTotal and left out: ${listNames(leftOut)}` : undefined
}

const MAX_NAMES = 6

const listNames = (names: readonly string[]): string => {
  if (names.length === 0) return 'none'
  const more = names.length - MAX_NAMES
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
