// Descriptors of the processes of a far node that have most of them: what each is, and the watches of those of inotify.
import { MAX_LISTED, spread } from '../holders/process-files.ts'
import type { FetchControl } from '../holders/survey-host.ts'
import type { FarReader } from './far-reader.ts'

const MAX_PROCESSES = 150 // with most descriptors
const ENTRIES_PER_REQUEST = 2000
const MAX_INOTIFY = 20 // descriptors of one process whose watches are read

interface Candidate {
  readonly pid: string
  /** descriptors, or where the kernel does not report them the size of the table */
  readonly count: number
}

/** Fetches them, the largest first; pauses between two requests. */
export async function fetchDescriptors(
  reader: FarReader,
  pids: readonly string[],
  { isOver, pause }: FetchControl,
): Promise<void> {
  const candidates = pids.flatMap(pid => findCandidate(reader, pid) ?? []).toSorted((a, b) => b.count - a.count)
  for (const { pid, count } of candidates.slice(MAX_PROCESSES)) reader.estimateDescriptorCount(`/proc/${pid}/fd`, count)
  const largest = candidates.slice(0, MAX_PROCESSES)
  for (const batch of splitIntoBatches(largest)) {
    if (isOver()) return
    await reader.readEntries(batch.flatMap(listPaths))
    for (const { pid } of batch) reader.keepListing(`/proc/${pid}/fd`)
    await pause()
  }
  const watched = largest.flatMap(({ pid }) => listInotify(reader, pid))
  for (let at = 0; at < watched.length && !isOver(); at += ENTRIES_PER_REQUEST / 10) {
    await reader.readFiles(watched.slice(at, at + ENTRIES_PER_REQUEST / 10))
    await pause()
  }
}

function findCandidate(reader: FarReader, pid: string): Candidate | undefined {
  const status = reader.files.get(`/proc/${pid}/status`)
  if (status === undefined || !/^VmSize:/m.test(status)) return undefined
  const tableSize = Number(/^FDSize:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  const reported = reader.getDescriptorCount(`/proc/${pid}/fd`)
  return { pid, count: reported > MAX_LISTED ? Math.max(reported, tableSize) : reported || tableSize }
}

// `fd/.` is there only where the descriptors may be read. If there are many descriptors, the same numbers are tried as on this machine.
const listPaths = ({ pid, count }: Candidate): readonly string[] =>
  count <= MAX_LISTED
    ? [`/proc/${pid}/fd/*`, `/proc/${pid}/fd/.`]
    : spread(count).map(number => `/proc/${pid}/fd/${number}`)

function splitIntoBatches(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const batches: Candidate[][] = []
  let entries = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const own = Math.min(candidate.count, MAX_LISTED)
    if (entries + own > ENTRIES_PER_REQUEST) {
      batches.push([])
      entries = 0
    }
    batches.at(-1)!.push(candidate)
    entries += own
  }
  return batches
}

function listInotify(reader: FarReader, pid: string): readonly string[] {
  const directory = `/proc/${pid}/fd`
  return (reader.listings.get(directory) ?? [])
    .filter(name => reader.links.get(`${directory}/${name}`)?.startsWith('anon_inode:inotify'))
    .slice(0, MAX_INOTIFY)
    .map(name => `/proc/${pid}/fdinfo/${name}`)
}
