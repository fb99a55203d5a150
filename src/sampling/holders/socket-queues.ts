// Bytes that wait in sockets, sent and not acknowledged or received and not read, by inode and then by process.
import { KiB } from '../../base/units.ts'
import { MAX_LISTED, spread } from './process-files.ts'
import type { SurveyHost } from './survey-host.ts'

const MAX_TABLE = 1024 * KiB // bytes of one table: some 7,000 sockets
const MAX_NAMESPACES = 50
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6']

//   0: 0100007F:1F90 0100007F:C350 01 00000000:00012345 00:00000000 00000000     0        0 12345 1 …
const LINE = /^ *\d+: \S+ \S+ \S\S ([0-9A-F]{8}):([0-9A-F]{8}) \S+ \S+ +\d+ +\d+ (\d+) /gm

/** Bytes by inode, of every network namespace; yields between two of them. */
export function* readSocketQueues(
  host: SurveyHost,
  pids: readonly number[],
  isOver: () => boolean,
): Generator<void, ReadonlyMap<string, number>> {
  const queues = new Map<string, number>()
  const namespaces = new Set<string>()
  for (const pid of pids) {
    if (isOver() || namespaces.size >= MAX_NAMESPACES) break
    const namespace = host.readLink(`/proc/${pid}/ns/net`)
    if (namespace === undefined || namespaces.has(namespace)) continue
    namespaces.add(namespace)
    for (const table of TABLES) addTable(host, `/proc/${pid}/net/${table}`, queues)
    yield
  }
  return queues
}

function addTable(host: SurveyHost, path: string, queues: Map<string, number>): void {
  try {
    for (const [, sent, received, inode] of host.readOnce(path, MAX_TABLE).matchAll(LINE)) {
      const bytes = Number.parseInt(sent!, 16) + Number.parseInt(received!, 16)
      if (bytes > 0) queues.set(inode!, bytes)
    }
  } catch {} // no IPv6, or it ended meanwhile
}

/** Bytes that wait in the sockets of a process; of many descriptors some are looked at, and the sum is scaled up. */
export function sumQueues(
  host: SurveyHost,
  { pid, files, tableSize }: { readonly pid: number; readonly files: number | null; readonly tableSize: number },
  queues: ReadonlyMap<string, number>,
): number {
  if (!files) return 0
  try {
    const numbers = files <= MAX_LISTED ? host.listDirectory(`/proc/${pid}/fd`) : spread(Math.max(files, tableSize))
    const links = numbers.flatMap(number => host.readLink(`/proc/${pid}/fd/${number}`) ?? [])
    const bytes = links.reduce((sum, link) => sum + (queues.get(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '') ?? 0), 0)
    return Math.round((bytes * files) / Math.max(1, links.length))
  } catch {
    return 0 // it ended meanwhile
  }
}
