// tmpfs mounts of every mount namespace, each file system once, with its inodes and bytes.
import { splitLines } from '../../base/text.ts'
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
  const largest = (measure: (one: TmpfsFacts) => number): readonly TmpfsFacts[] =>
    [...found.values()].sort((a, b) => measure(b) - measure(a)).slice(0, KEPT)
  return [...new Set([...largest(({ inodes }) => inodes ?? 0), ...largest(({ bytes }) => bytes ?? 0)])]
}

// 35 24 0:31 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=…
const MOUNT_LINE = /^\d+ \d+ (\d+:\d+) \S+ (\S+) .* - tmpfs /

function addMounts(host: SurveyHost, pid: number, found: Map<string, TmpfsFacts>): void {
  try {
    for (const line of splitLines(host.readOnce(`/proc/${pid}/mountinfo`))) {
      const [, device, mountPoint] = MOUNT_LINE.exec(line) ?? []
      if (device === undefined || found.has(device)) continue
      const path = decodeOctal(mountPoint!)
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

const decodeOctal = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
