// What `kmemtop info` tells of a recording: one value, as JSON or as text.
import { formatBytes, formatCount, formatDateTime, formatDuration, formatTimeOfDay } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Inventory, RecordingGap } from './inventory.ts'
import { alignColumns } from './table.ts'

/** A place in a recording that is not as it was written. Byte offsets in the file. */
export interface Damage {
  readonly text: string
  readonly offset?: number
  readonly length?: number
  /** session time up to which it could be read */
  readonly readTo?: number
}

/** All that is told. Times are session milliseconds. */
export interface RecordingInfo {
  readonly file: string
  readonly bytes: number
  readonly session: RecordingHeader
  /** others that follow it in the same recording, told in its times */
  readonly later: readonly RecordingHeader[]
  readonly begin: number
  readonly end: number
  readonly parts: number
  /** the recorder ended it itself */
  readonly complete: boolean
  readonly inventory: Inventory
  readonly kernelLog: { readonly read: number; readonly lost: number }
  readonly damage: readonly Damage[]
  /** in the order they were raised: number n stands at n - 1 */
  readonly alerts: readonly Alert[]
}

/** As JSON: times ISO 8601, lengths in milliseconds, sizes in bytes. */
export function toInfoJson(info: RecordingInfo): Readonly<Record<string, unknown>> {
  const { session, inventory, damage, alerts } = info
  const toIso = (time: number): string => new Date(session.wallClock + time).toISOString()
  const toIsoOrNull = (time: number | undefined): string | null => (time === undefined ? null : toIso(time))
  const { host, kernel, bootId, interval, pageSize, cpus = null } = session
  return {
    file: info.file,
    bytes: info.bytes,
    session: { host, kernel, bootId, interval, pageSize, cpus },
    laterSessions: info.later.map(later => ({ host: later.host, kernel: later.kernel, bootId: later.bootId })),
    begin: toIso(info.begin),
    end: toIso(info.end),
    duration: info.end - info.begin,
    parts: info.parts,
    complete: info.complete,
    looks: inventory.sampleCount,
    collectors: inventory.listTotals(),
    gaps: inventory.gaps.map(({ from, until }) => ({ from: toIso(from), until: toIso(until), length: until - from })),
    kernelLog: info.kernelLog,
    damage: damage.map(({ text, offset = null, length = null, readTo }) => ({
      text,
      offset,
      length,
      readTo: toIsoOrNull(readTo),
    })),
    marks: inventory.marks.map(({ time, text }) => ({ time: toIso(time), text })),
    alerts: alerts.map(({ detector, subject, severity, title, summary, count: times = 1, ...alert }, i) => ({
      number: i + 1,
      raisedAt: toIso(alert.raisedAt),
      resolvedAt: toIsoOrNull(alert.resolvedAt),
      ...{ detector, subject, severity, title, summary, count: times },
    })),
  }
}

/** As text: lines without colour, safe for a terminal. */
export function formatInfo(info: RecordingInfo): string {
  const { session, inventory, kernelLog } = info
  const { gaps, marks } = inventory
  const formatTime = (time: number): string => formatTimeOfDay(session.wallClock + time)
  const facts: readonly (readonly [string, string])[] = [
    ['recording', `${info.file}, ${formatBytes(info.bytes)}, ${info.parts} part${info.parts === 1 ? '' : 's'}`],
    ['host', `${session.host}, Linux ${session.kernel}${session.cpus ? `, ${session.cpus} CPUs` : ''}`],
    ['boot', session.bootId],
    ...info.later.map(({ host, kernel, bootId }) => ['then', `${host}, Linux ${kernel}, boot ${bootId}`] as const),
    ['begin', formatDate(session, info.begin)],
    ['end', formatDate(session, info.end)],
    [
      'duration',
      `${formatDuration(info.end - info.begin)}, ${formatCount(inventory.sampleCount)} looks, one each ${formatInterval(session)}`,
    ],
    ['completed', info.complete ? 'yes' : 'no: still being written, or its recorder was ended'],
    ['kernel log', `${formatCount(kernelLog.read)} records, ${formatCount(kernelLog.lost)} lost`],
    ['gaps', gaps.length === 0 ? 'none' : gaps.map(gap => formatGap(gap, formatTime)).join('; ')],
    ['marks', marks.length === 0 ? 'none' : marks.map(({ time, text }) => `${formatTime(time)} ${text}`).join('; ')],
  ]
  const damage = info.damage.map(({ text }) => ['damage', text])
  const blocks = [
    alignColumns([...facts, ...damage]),
    alignColumns(buildTotalsRows(inventory), 'lrrr'),
    formatAlerts(info),
  ]
  return `${blocks.map(lines => lines.map(escapeControls).join('\n')).join('\n\n')}\n`
}

const formatDate = ({ wallClock }: RecordingHeader, time: number): string =>
  `${formatDateTime(wallClock + time)} local, ${new Date(wallClock + time).toISOString()}`

const formatInterval = ({ interval }: RecordingHeader): string =>
  interval < 1000 ? `${interval} ms` : `${interval / 1000} s`

const formatGap = ({ from, until }: RecordingGap, formatTime: (time: number) => string): string =>
  `${formatTime(from)} to ${formatTime(until)} (${formatDuration(until - from)})`

function buildTotalsRows(inventory: Inventory): readonly (readonly string[])[] {
  const rows = inventory
    .listTotals()
    .map(({ collector, readings, bytes: size, errors }) => [
      collector,
      formatCount(readings),
      formatBytes(size),
      formatCount(errors),
    ])
  return [['collector', 'readings', 'text', 'errors'], ...rows]
}

function formatAlerts({ alerts, session }: RecordingInfo): readonly string[] {
  if (alerts.length === 0) return ['no alerts']
  const formatTime = (time: number): string => formatTimeOfDay(session.wallClock + time)
  const rows = alerts.map(({ raisedAt, resolvedAt, severity, title, summary, count: times = 1 }, i) => [
    `${i + 1}`,
    formatTime(raisedAt),
    resolvedAt === undefined ? 'open' : formatTime(resolvedAt),
    severity,
    `${title}${times > 1 ? ` ×${times}` : ''}  ${summary}`,
  ])
  return alignColumns([['alert', 'raised', 'resolved', 'severity', ''], ...rows], 'r')
}
