// Limits of the network stack: TCP memory (tcp_mem) and the table of tracked connections. From counters, and from the kernel log.
import { formatBytes, formatCount, formatPercent, formatTimes } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import type { EventKind, MemoryEvent } from '../collectors/kmsg/memory-event.ts'
import type { History } from '../history.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

const THRESHOLDS = {
  warningLevel: [0.9, 'share of the limit', 'TCP memory or tracked connections: warning'],
  criticalLevel: [1, 'share of the limit', 'TCP memory or tracked connections: critical'],
  least: [3, 'lines', 'lines of the kernel log that raise an alert …'],
  minutes: [10, 'minutes', '… within this time'],
} as const satisfies ThresholdTable
type NetworkThresholds = ThresholdValues<typeof THRESHOLDS>

interface NetworkLimit {
  readonly subject: string
  readonly title: string
  /** lines of the kernel log that report it */
  readonly kind: EventKind
  readonly getUse: (sockstat: History['sockstat'], pageSize: number) => number | null
  readonly getLimit: (sockstat: History['sockstat']) => number | null
  readonly unit: 'bytes' | 'count'
  /** what is used up, and by what limit */
  readonly what: string
  readonly limitName: string
  readonly cost: string
  readonly command: string
  readonly evidenceSeries: string
  readonly advice: readonly string[]
}

/** What each limit is, what it costs to reach it, and what helps. */
export const NETWORK_LIMITS: readonly NetworkLimit[] = [
  {
    subject: 'TCP memory',
    title: 'TCP MEMORY',
    kind: 'tcp-memory',
    getUse: ({ counts }, pageSize) => (counts.has('TCP mem') ? counts.get('TCP mem')! * pageSize : null),
    getLimit: ({ tcpLimit }) => tcpLimit,
    unit: 'bytes',
    what: 'TCP buffers use',
    limitName: 'net.ipv4.tcp_mem',
    cost: 'the kernel drops received data and resets connections; services on the node stall',
    command: 'cat /proc/net/sockstat /proc/sys/net/ipv4/tcp_mem; ss -tmn | sort -rn -k2 | head',
    evidenceSeries: 'sockstat bytes',
    advice: [
      'find the process whose sockets hold data that is not read or acknowledged',
      'raise net.ipv4.tcp_mem if the load needs it',
    ],
  },
  {
    subject: 'conntrack',
    title: 'CONNTRACK FULL',
    kind: 'conntrack-full',
    getUse: ({ conntrack }) => conntrack,
    getLimit: ({ conntrackMax }) => conntrackMax,
    unit: 'count',
    what: 'connection tracking uses',
    limitName: 'nf_conntrack_max',
    cost: 'packets of new connections are dropped: connects time out at random',
    command: 'cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max',
    evidenceSeries: 'sockstat conntrack',
    advice: [
      'find what opens the connections (conntrack -L shows their addresses)',
      'raise nf_conntrack_max, or shorten the timeouts of closed connections',
    ],
  },
]

export const networkLimits: Detector<typeof THRESHOLDS> = {
  title: 'TCP memory or the connection table is full',
  topic: 'log',
  alerts: [
    {
      titles: ['TCP MEMORY', 'CONNTRACK FULL'],
      meaning:
        'TCP buffers use 90 % of the third number of `tcp_mem`, or 90 % of `nf_conntrack_max` connections are tracked; or the kernel log reports it three times within ten minutes.',
      lasts: 'while it holds, or ten minutes',
      response: 'find who keeps the connections or the unread data; raise the limit if the load needs it',
    },
  ],
  collectors: ['sockstat', 'kmsg'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) =>
    NETWORK_LIMITS.flatMap(limit => detectLimit(history, limit, thresholds, open?.get(limit.subject)) ?? []),
}

function detectLimit(
  history: History,
  limit: NetworkLimit,
  thresholds: NetworkThresholds,
  open: Finding | undefined,
): Finding | undefined {
  const { warningLevel, criticalLevel, least, minutes } = thresholds
  const use = limit.getUse(history.sockstat, history.session.pageSize)
  const max = limit.getLimit(history.sockstat)
  const share = use !== null && max !== null && max > 0 ? use / max : undefined
  const lines = history.kmsg.events.filter(
    ({ kind, time }) => kind === limit.kind && time >= history.time - minutes * MINUTE,
  )
  const isFull = share !== undefined && share >= warningLevel * (open ? 0.95 : 1)
  if (!isFull && lines.length < least) return undefined
  const isCritical = isFull && share >= criticalLevel
  return {
    ...describeLimit(limit, { use, max, share, lines }),
    // without a level it is the log's word: an event that ends some minutes after the last line
    kind: isFull ? 'condition' : 'event',
    severity: isCritical ? 'critical' : 'warning',
    since: isFull ? history.time : lines[0]!.time,
    at: isFull ? history.time : lines.at(-1)!.time,
    ...(isFull ? {} : { count: lines.length }),
  }
}

interface LimitUse {
  readonly use: number | null
  readonly max: number | null
  readonly share: number | undefined
  readonly lines: readonly MemoryEvent[]
}

function describeLimit(limit: NetworkLimit, { use, max, share, lines }: LimitUse) {
  const { subject, title, what, limitName, unit, cost, command, evidenceSeries, advice } = limit
  const format = unit === 'bytes' ? formatBytes : formatCount
  const level =
    share === undefined
      ? `the kernel log reports that ${limitName} is exceeded`
      : `${what} ${format(use!)} of ${format(max!)} (${formatPercent(share)} of ${limitName})`
  const logged = lines.length === 0 ? '' : `; logged by the kernel ${formatTimes(lines.length)}`
  return {
    subject,
    title,
    summary: `${level}${logged}`,
    ...(share === undefined ? {} : { peak: { magnitude: share, summary: `${level} at the peak` } }),
    confidence: share === undefined ? 'high: reported by the kernel log' : 'high: counted by the kernel',
    confirm: { text: 'use and limit', command },
    cost,
    evidenceSeries: [evidenceSeries],
    evidence: listEvidence(
      ['in use', use, unit, 'use'],
      ['limit', max, unit],
      ['share of the limit', share, 'share', 'share'],
      ['lines in the kernel log', lines.length, 'count', 'lines'],
    ),
    remedy: [
      { text: advice[0]!, command, risk: 'none' as const },
      { text: advice[1]!, risk: 'low' as const },
    ],
  }
}
