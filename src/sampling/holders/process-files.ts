// Open descriptors of a process by kind. If there are many, an evenly spread part is read, and the counts are scaled up.
import type { SurveyHost } from './survey-host.ts'

const MAX_LINKS = 200 // descriptors of one process that are looked at
/** Descriptors up to which all are listed; of more, numbers evenly spread are tried. */
export const MAX_LISTED = 1000
const MAX_INOTIFY = 20 // inotify descriptors whose watches are counted

/** What the descriptors of a process are. */
export interface DescriptorKinds {
  readonly kinds: Readonly<Record<string, number>>
  readonly watches: number
}

/**
 * Throws what the host throws: EACCES where the reader may not see them.
 * @param count how many the process has
 * @param tableSize numbers below which all of them are: FDSize
 */
export function readDescriptorKinds(host: SurveyHost, pid: number, count: number, tableSize: number): DescriptorKinds {
  const numbers = count <= MAX_LISTED ? host.listDirectory(`/proc/${pid}/fd`) : spread(Math.max(count, tableSize))
  const step = Math.max(1, Math.ceil(numbers.length / MAX_LINKS))
  const counts = new Map<string, number>()
  const inotify: string[] = []
  let looked = 0
  for (let i = 0; i < numbers.length; i += step) {
    const link = host.readLink(`/proc/${pid}/fd/${numbers[i]}`)
    if (link === undefined) continue
    looked++
    const kind = classifyLink(link)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (kind === 'inotify') inotify.push(numbers[i]!)
  }
  const scale = count / Math.max(1, looked)
  const kinds = [...counts].map(([kind, seen]) => [kind, Math.round(seen * scale)] as const)
  return { kinds: Object.fromEntries(kinds), watches: Math.round(countWatches(host, pid, inotify) * scale) }
}

/**
 * How many descriptors a process has where the kernel does not report it (before 6.2): a long list takes long, so numbers evenly
 * spread over its table are tried.
 */
export function estimateFiles(host: SurveyHost, pid: number, tableSize: number): number {
  const numbers = spread(tableSize)
  const open = numbers.filter(number => host.readLink(`/proc/${pid}/fd/${number}`) !== undefined)
  return Math.round((open.length * tableSize) / numbers.length)
}

/** Numbers of descriptors, evenly spread over a table. */
export const spread = (size: number): readonly string[] =>
  Array.from({ length: MAX_LINKS }, (_, i) => String(Math.floor((i * size) / MAX_LINKS)))

/** `socket:[12345]`, `anon_inode:[eventfd]`, `anon_inode:inotify`, `pipe:[77]`, `/memfd:name (deleted)`, a path. */
export function classifyLink(link: string): string {
  const [, anonymous] = /^anon_inode:\[?([\w-]+)\]?/.exec(link) ?? []
  if (anonymous !== undefined) return anonymous
  const [, kind] = /^(socket|pipe|mqueue|dmabuf|mnt|net|user|pid):/.exec(link) ?? []
  if (kind !== undefined) return kind
  if (link.startsWith('/memfd:')) return 'memfd'
  return 'file'
}

// inotify wd:1 ino:2 sdev:1b mask:fce ignored_mask:0 …
function countWatches(host: SurveyHost, pid: number, numbers: readonly string[]): number {
  let watches = 0
  const looked = numbers.slice(0, MAX_INOTIFY)
  for (const number of looked) {
    try {
      watches += host.readOnce(`/proc/${pid}/fdinfo/${number}`).split('inotify wd:').length - 1
    } catch {} // closed meanwhile
  }
  return (watches * numbers.length) / Math.max(1, looked.length)
}
