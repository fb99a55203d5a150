// Sockets: /proc/net/sockstat (net/ipv4/proc.c), the limit of TCP memory, and the table of tracked connections. The memory is the
// whole node's, the counts are those of the network namespace.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader, type Files } from './collector.ts'

const PATH = '/proc/net/sockstat'
const TCP_LIMIT_PATH = '/proc/sys/net/ipv4/tcp_mem'
const CONNTRACK_COUNT_PATH = '/proc/sys/net/netfilter/nf_conntrack_count'
const CONNTRACK_MAX_PATH = '/proc/sys/net/netfilter/nf_conntrack_max'

/** Counts by the kernel's names (`TCP alloc`, `TCP orphan`, `sockets used`), and bytes of socket buffers; null: not read. */
export interface Sockstat {
  readonly counts: ReadonlyMap<string, number>
  /** TCP and UDP buffers, bytes */
  readonly bytes: number | null
  /** bytes that TCP may use at most: the third number of tcp_mem */
  readonly tcpLimit: number | null
  /** connections tracked by netfilter, and the size of their table */
  readonly conntrack: number | null
  readonly conntrackMax: number | null
  readonly series: { readonly bytes: Series; readonly sockets: Series; readonly conntrack: Series }
}

/** Reads counts and memory of sockets every 10 s. */
export const sockstat: Collector<Sockstat> = {
  kind: 'file',
  nameless: true,
  title: 'sockets and their buffers',
  optional: true,
  interval: 10_000,
  openReader: host => createFileReader(host, PATH, TCP_LIMIT_PATH, CONNTRACK_COUNT_PATH, CONNTRACK_MAX_PATH),
  empty: {
    counts: new Map(),
    bytes: null,
    tcpLimit: null,
    conntrack: null,
    conntrackMax: null,
    series: { bytes: createSeries(600), sockets: createSeries(600), conntrack: createSeries(600) },
  },
  applyFiles: (state, files, time, { pageSize }) =>
    applySockets(applyLimits(state, files, time, pageSize), files[PATH], time, pageSize),
}

function applySockets(state: Sockstat, text: string | null | undefined, time: number, pageSize: number): Sockstat {
  if (text === undefined || text === null) return state
  const counts = parseSockstat(text)
  const bytes = ((counts.get('TCP mem') ?? 0) + (counts.get('UDP mem') ?? 0)) * pageSize
  const sockets = counts.get('TCP alloc') ?? counts.get('sockets used') ?? 0
  const { series } = state
  return {
    ...state,
    counts,
    bytes,
    series: {
      ...series,
      bytes: appendPoint(series.bytes, time, bytes),
      sockets: appendPoint(series.sockets, time, sockets),
    },
  }
}

function applyLimits(state: Sockstat, files: Files, time: number, pageSize: number): Sockstat {
  const tcpLimit = readNumber(files[TCP_LIMIT_PATH], 2)
  const conntrack = readNumber(files[CONNTRACK_COUNT_PATH], 0)
  const conntrackMax = readNumber(files[CONNTRACK_MAX_PATH], 0)
  const { series } = state
  return {
    ...state,
    tcpLimit: tcpLimit === undefined ? state.tcpLimit : tcpLimit * pageSize,
    conntrack: conntrack ?? state.conntrack,
    conntrackMax: conntrackMax ?? state.conntrackMax,
    series: conntrack === undefined ? series : { ...series, conntrack: appendPoint(series.conntrack, time, conntrack) },
  }
}

// 100 200 300
function readNumber(text: string | null | undefined, position: number): number | undefined {
  const word = text?.trim().split(/\s+/)[position]
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined
}

// TCP: inuse 4 orphan 0 tw 0 alloc 6 mem 1
/** Parses the counts. @throws ParseError if no line can be parsed */
export function parseSockstat(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const line of splitLines(text)) {
    const [, protocol, rest] = /^(\w+): (\w.*)$/.exec(line) ?? []
    const words = rest?.split(' ') ?? []
    for (let i = 0; i + 1 < words.length; i += 2) counts.set(`${protocol} ${words[i]}`, Number(words[i + 1]))
  }
  if (counts.size === 0) throw new ParseError(PATH, 1, 'TCP: inuse 4 orphan 0 …', text)
  return counts
}
