// /proc/net/sockstat: sockets and the memory of their buffers. Follows net/ipv4/proc.c. The memory is the whole node's, the counts
// are those of the network namespace.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/net/sockstat'

/** Counts by the kernel's names (`TCP alloc`, `TCP orphan`, `sockets used`), and bytes of socket buffers; null: not read. */
export interface Sockstat {
  readonly counts: ReadonlyMap<string, number>
  /** TCP and UDP buffers, bytes */
  readonly bytes: number | null
  readonly series: { readonly bytes: Series; readonly sockets: Series }
}

export const sockstat: Collector<Sockstat> = {
  kind: 'file',
  nameless: true,
  title: 'sockets and their buffers',
  optional: true,
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: { counts: new Map(), bytes: null, series: { bytes: createSeries(600), sockets: createSeries(600) } },
  applyFiles: (state, files, time, { pageSize }) => {
    const text = files[PATH]
    if (text === undefined || text === null) return state
    const counts = parseSockstat(text)
    const bytes = ((counts.get('TCP mem') ?? 0) + (counts.get('UDP mem') ?? 0)) * pageSize
    const sockets = counts.get('TCP alloc') ?? counts.get('sockets used') ?? 0
    const { series } = state
    return {
      counts,
      bytes,
      series: { bytes: appendPoint(series.bytes, time, bytes), sockets: appendPoint(series.sockets, time, sockets) },
    }
  },
}

// TCP: inuse 4 orphan 0 tw 0 alloc 6 mem 1
/** Parses the counts. @throws ParseError if no line can be parsed */
export function parseSockstat(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const line of splitLines(text)) {
    const [, protocol, rest] = /^(\w+): (\w.*)$/.exec(line) ?? []
    for (const [, name, value] of rest?.matchAll(/(\w+) (\d+)/g) ?? []) counts.set(`${protocol} ${name}`, Number(value))
  }
  if (counts.size === 0) throw new ParseError(PATH, 1, 'TCP: inuse 4 orphan 0 …', text)
  return counts
}
