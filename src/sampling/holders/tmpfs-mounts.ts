// tmpfs mounts of every mount namespace, each file system once, with its inodes and bytes.
import { decodeOctals, splitLines } from '../../base/text.ts'
import { KiB } from '../../base/units.ts'
import type { TmpfsFacts } from '../../collectors/holders/survey.ts'
import { readCgroup } from './processes.ts'
import type { SurveyHost } from './survey-host.ts'

const MAX_NAMESPACES = 300
const KEPT = 12

/** The mounts with most inodes or bytes; yields between two namespaces. Stopped, it returns what it has. */
export function* scanTmpfs(host: SurveyHost, isOver: () => boolean): Generator<void, readonly TmpfsFacts[]> {
  const found = new Map<string, TmpfsFacts>()
  const namespaces = new Set<string>()
  for (const pid of host.listDirectory('/proc').filter(name => /^\d+$/.test(name))) {
    if (isOver() || namespaces.size >= MAX_NAMESPACES) break
    const namespace = host.readLink(`/proc/${pid}/ns/mnt`)
    if (namespace === undefined || namespaces.has(namespace)) continue
    namespaces.add(namespace)
    addMounts(host, Number(pid), found)
    yield
  }
  const findLargest = (measure: (one: TmpfsFacts) => number): readonly TmpfsFacts[] =>
    [...found.values()].sort((a, b) => measure(b) - measure(a)).slice(0, KEPT)
  return [...new Set([...findLargest(({ inodes }) => inodes ?? 0), ...findLargest(({ bytes }) => bytes ?? 0)])]
}

// 35 24 0:31 / /dev/shm rw,nosuid shared:4 - tmpfs tmpfs rw,size=…
const MOUNT_LINE = /^\d+ \d+ (\d+:\d+) \S+ (\S+) .* - (\S+) /
// Whose server may be gone: a path that leads through one would hang this thread.
const REMOTE = /^(nfs|cifs|smb|fuse|ceph|gluster|lustre|afs|autofs|9p|virtiofs|gpfs|beegfs)/
const MAX_TABLE = 1024 * KiB // bytes of a mount table

interface TmpfsMount {
  readonly device: string
  readonly path: string
  readonly type: string
}

// The last mount on a path hides the earlier ones.
function listMounts(mountinfo: string): readonly TmpfsMount[] {
  const mounts = new Map<string, TmpfsMount>()
  for (const line of splitLines(mountinfo)) {
    const [, device, path, type] = MOUNT_LINE.exec(line) ?? []
    if (device !== undefined) mounts.set(path!, { device, path: decodeOctals(path!), type: type! })
  }
  return [...mounts.values()]
}

/** The tmpfs mounts of a mount table whose use can be read without waiting for a server. */
export function selectSurveyedMounts(mountinfo: string): readonly TmpfsMount[] {
  const mounts = listMounts(mountinfo)
  const remote = mounts.filter(({ type, path }) => REMOTE.test(type) && path !== '/')
  const isBelowRemote = (path: string): boolean => remote.some(mount => path.startsWith(`${mount.path}/`))
  return mounts.filter(({ type, path }) => type === 'tmpfs' && !isBelowRemote(path))
}

function addMounts(host: SurveyHost, pid: number, found: Map<string, TmpfsFacts>): void {
  try {
    for (const { device, path } of selectSurveyedMounts(host.readOnce(`/proc/${pid}/mountinfo`, MAX_TABLE))) {
      if (found.has(device)) continue
      const usage = readUsage(host, `/proc/${pid}/root${path === '/' ? '' : path}`)
      if (usage) found.set(device, { path, device, ...usage, pid, cgroup: readCgroup(host, pid) })
    }
  } catch {} // it ended meanwhile
}

function readUsage(host: SurveyHost, path: string): Pick<TmpfsFacts, 'inodes' | 'bytes'> | undefined {
  try {
    return host.getUsage(path)
  } catch {
    return undefined
  }
}
