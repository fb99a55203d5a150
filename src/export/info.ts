// What `kmemtop info` tells of a recording: one value, as JSON or as text.
import { formatBytes, formatCount, formatDateTime, formatDuration, formatTimeOfDay } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Gap, Inventory } from './inventory.ts'
import { columns } from './table.ts'

/** A place in a recording that is not as it was written. Byte offsets in the file. */
export interface Damage {
  readonly text: string
  readonly offset?: number
  readonly length?: number
  /** session time up to which it could be read */
  readonly readTo?: number
}

/** All that is told. Times are session milliseconds. */
export interface Info {
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
export function infoJson(info: Info): Readonly<Record<string, unknown>> {
  const { session, inventory, damage, alerts } = info
  const iso = (time: number): string => new Date(session.wallClock + time).toISOString()
  const isoOr = (time: number | undefined): string | null => (time === undefined ? null : iso(time))
  const { host, kernel, bootId, interval, pageSize, cpus = null } = session
  return {
    file: info.file,
    bytes: info.bytes,
    session: { host, kernel, bootId, interval, pageSize, cpus },
    laterSessions: info.later.map(later => ({ host: later.host, kernel: later.kernel, bootId: later.bootId })),
    begin: iso(info.begin),
    end: iso(info.end),
    duration: info.end - info.begin,
    parts: info.parts,
    complete: info.complete,
    looks: inventory.looks,
    collectors: inventory.shares(),
    gaps: inventory.gaps.map(({ from, until }) => ({ from: iso(from), until: iso(until), length: until - from })),
    kernelLog: info.kernelLog,
    damage: damage.map(({ text, offset = null, length = null, readTo }) => ({
      text,
      offset,
      length,
      readTo: isoOr(readTo),
    })),
    marks: inventory.marks.map(({ time, text }) => ({ time: iso(time), text })),
    alerts: alerts.map(({ detector, subject, severity, title, summary, count: times = 1, ...alert }, i) => ({
      number: i + 1,
      raisedAt: iso(alert.raisedAt),
      resolvedAt: isoOr(alert.resolvedAt),
      ...{ detector, subject, severity, title, summary, count: times },
    })),
  }
}

/** As text: lines without colour, safe for a terminal. */
export function infoText(info: Info): string {
  const { session, inventory, kernelLog } = info
  const { gaps, marks } = inventory
  const at = (time: number): string => formatTimeOfDay(session.wallClock + time)
  const facts: readonly (readonly [string, string])[] = [
    ['recording', `${info.file}, ${formatBytes(info.bytes)}, ${info.parts} part${info.parts === 1 ? '' : 's'}`],
    ['host', `${session.host}, Linux ${session.kernel}${session.cpus ? `, ${session.cpus} CPUs` : ''}`],
    ['boot', session.bootId],
    ...info.later.map(({ host, kernel, bootId }) => ['then', `${host}, Linux ${kernel}, boot ${bootId}`] as const),
    ['begin', wall(session, info.begin)],
    ['end', wall(session, info.end)],
    ['duration', `${formatDuration(info.end - info.begin)}, ${formatCount(inventory.looks)} looks, one each ${every(session)}`],
    ['completed', info.complete ? 'yes' : 'no: still being written, or its recorder was ended'],
    ['kernel log', `${formatCount(kernelLog.read)} records, ${formatCount(kernelLog.lost)} lost`],
    ['gaps', gaps.length === 0 ? 'none' : gaps.map(gap => gapWords(gap, at)).join('; ')],
    ['marks', marks.length === 0 ? 'none' : marks.map(({ time, text }) => `${at(time)} ${text}`).join('; ')],
  ]
  const damage = info.damage.map(({ text }) => ['damage', text])
  const blocks = [columns([...facts, ...damage]), columns(shareRows(inventory), 'lrrr'), alertLines(info)]
  return `${blocks.map(lines => lines.map(escapeControls).join('\n')).join('\n\n')}\n`
}

const wall = ({ wallClock }: RecordingHeader, time: number): string =>
  `${formatDateTime(wallClock + time)} local, ${new Date(wallClock + time).toISOString()}`

const every = ({ interval }: RecordingHeader): string => (interval < 1000 ? `${interval} ms` : `${interval / 1000} s`)

const gapWords = ({ from, until }: Gap, at: (time: number) => string): string =>
  `${at(from)} to ${at(until)} (${formatDuration(until - from)})`

function shareRows(inventory: Inventory): readonly (readonly string[])[] {
  const rows = inventory
    .shares()
    .map(({ collector, readings, bytes: size, errors }) => [collector, formatCount(readings), formatBytes(size), formatCount(errors)])
  return [['collector', 'readings', 'text', 'errors'], ...rows]
}

function alertLines({ alerts, session }: Info): readonly string[] {
  if (alerts.length === 0) return ['no alerts']
  const at = (time: number): string => formatTimeOfDay(session.wallClock + time)
  const rows = alerts.map(({ raisedAt, resolvedAt, severity, title, summary, count: times = 1 }, i) => [
    `${i + 1}`,
    at(raisedAt),
    resolvedAt === undefined ? 'open' : at(resolvedAt),
    severity,
    `${title}${times > 1 ? ` ×${times}` : ''}  ${summary}`,
  ])
  return columns([['alert', 'raised', 'resolved', 'severity', ''], ...rows], 'r')
}
