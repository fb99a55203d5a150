// The output of `kmemtop info`: one value, as JSON or as text.
import { formatBytes, formatCount, formatDuration, formatPlural } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { ClockStep, RecordingHeader } from '../collectors/collector.ts'
import { type Alert, findEarlierTime, formatOccurrences, getEndTime } from '../detectors/alerts.ts'
import type { Inventory, RecordingGap } from './inventory.ts'
import { formatSessionDate, formatSessionTime, toIso, toIsoOrNull } from './session-time.ts'
import { alignColumns } from './table.ts'

/** A damaged place in a recording. Offsets are bytes in the file. */
export interface Damage {
  readonly text: string
  readonly offset?: number
  readonly length?: number
  /** session time up to which it could be read */
  readonly readTo?: number
}

/** Everything that is printed. Times are session milliseconds. */
export interface RecordingInfo {
  readonly file: string
  readonly bytes: number
  readonly session: RecordingHeader
  /** sessions that follow it in the same recording; their times are converted to its times */
  readonly later: readonly RecordingHeader[]
  readonly begin: number
  readonly end: number
  readonly parts: number
  /** the recorder finished it */
  readonly complete: boolean
  readonly inventory: Inventory
  readonly kernelLog: { readonly read: number; readonly lost: number }
  readonly damage: readonly Damage[]
  /** in the order they were raised: alert number n is at index n - 1 */
  readonly alerts: readonly Alert[]
  /** how many more there are: of each kind and severity only the first are kept */
  readonly alertsLeftOut: number
}

/** Returns JSON: times ISO 8601, durations in milliseconds, sizes in bytes. */
export function toInfoJson(info: RecordingInfo): Readonly<Record<string, unknown>> {
  const { session, inventory, damage, alerts } = info
  const formatIso = (time: number): string => toIso(session, time)
  const { host, kernel, bootId, interval, pageSize, cpus = null } = session
  return {
    file: info.file,
    bytes: info.bytes,
    session: { host, kernel, bootId, interval, pageSize, cpus },
    laterSessions: info.later.map(later => ({ host: later.host, kernel: later.kernel, bootId: later.bootId })),
    begin: formatIso(info.begin),
    end: formatIso(info.end),
    duration: info.end - info.begin,
    parts: info.parts,
    complete: info.complete,
    samples: inventory.sampleCount,
    looks: inventory.sampleCount, // its name in earlier versions
    collectors: inventory.listTotals(),
    clockSteps: (session.clockSteps ?? []).map(({ time, kind, by }) => ({ time: formatIso(time), kind, by })),
    gaps: inventory.gaps.map(({ from, until }) => ({
      from: formatIso(from),
      until: formatIso(until),
      length: until - from,
    })),
    kernelLog: info.kernelLog,
    damage: damage.map(({ text, offset = null, length = null, readTo }) => ({
      text,
      offset,
      length,
      readTo: toIsoOrNull(session, readTo),
    })),
    marks: inventory.marks.map(({ time, text }) => ({ time: formatIso(time), text })),
    alertsLeftOut: info.alertsLeftOut,
    alerts: alerts.map(({ detector, subject, severity, title, summary, count: times = 1, ...alert }, i) => ({
      number: i + 1,
      raisedAt: formatIso(alert.raisedAt),
      criticalAt: toIsoOrNull(session, alert.criticalAt),
      acknowledgedAt: toIsoOrNull(session, alert.acknowledgedAt),
      endedAt: toIsoOrNull(session, getEndTime(alert)),
      resolvedAt: toIsoOrNull(session, alert.resolvedAt),
      ...{ detector, subject, severity, title, summary, count: times },
    })),
  }
}

/** Formats lines without color, safe for a terminal. */
export function formatInfo(info: RecordingInfo): string {
  const { session, inventory, kernelLog } = info
  const { gaps, marks } = inventory
  const formatTime = createTimeFormatter(info)
  const facts: readonly (readonly [string, string])[] = [
    ['recording', `${info.file}, ${formatBytes(info.bytes)}, ${info.parts} part${info.parts === 1 ? '' : 's'}`],
    ['host', `${session.host}, Linux ${session.kernel}${session.cpus ? `, ${session.cpus} CPUs` : ''}`],
    ['boot', session.bootId],
    ...info.later.map(({ host, kernel, bootId }) => ['then', `${host}, Linux ${kernel}, boot ${bootId}`] as const),
    ['begin', formatDate(session, info.begin)],
    ['end', formatDate(session, info.end)],
    [
      'duration',
      `${formatDuration(info.end - info.begin)}, ${formatCount(inventory.sampleCount)} samples, one every ${formatInterval(session)}`,
    ],
    ['completed', info.complete ? 'yes' : 'no: still being written, or the recorder was killed'],
    ['kernel log', `${formatCount(kernelLog.read)} records, ${formatCount(kernelLog.lost)} lost`],
    ...(session.clockSteps ?? []).map(step => ['clock', formatClockStep(session, step)] as const),
    ['gaps', listSome(gaps.map(gap => formatGap(gap, formatTime)))],
    ['marks', listSome(marks.map(({ time, text }) => `${formatTime(time)} ${text}`))],
  ]
  const damage = info.damage.map(({ text }) => ['damage', text])
  const blocks = [
    alignColumns([...facts, ...damage]),
    alignColumns(buildTotalsRows(inventory), 'lrrr'),
    formatAlerts(info),
  ]
  return `${blocks.map(lines => lines.map(escapeControls).join('\n')).join('\n\n')}\n`
}

const MAX_LISTED = 1000

/** The first of a list in one line. */
function listSome(items: readonly string[]): string {
  if (items.length === 0) return 'none'
  const rest = items.length - MAX_LISTED
  const more = rest > 0 ? [`and ${formatCount(rest)} more: --json lists all`] : []
  return [...items.slice(0, MAX_LISTED), ...more].join('; ')
}

const formatDate = (session: RecordingHeader, time: number): string =>
  `${formatSessionDate(session, time)} local, ${toIso(session, time)}`

function formatClockStep(session: RecordingHeader, { time, by, kind }: ClockStep): string {
  const at = formatSessionDate(session, time)
  if (kind === 'suspend') return `suspended for ${formatDuration(by)} until ${at}`
  return `set ${by < 0 ? 'back' : 'forward'} by ${formatDuration(Math.abs(by))} to ${at}`
}

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

// With the date where the recording has more than one day, or an alert is older than the recording.
function createTimeFormatter({ session, begin, end, alerts }: RecordingInfo): (time: number) => string {
  const times = [begin, end, ...alerts.map(alert => findEarlierTime(alert) ?? alert.raisedAt)]
  const days = new Set(times.map(time => formatSessionDate(session, time).slice(0, -8)))
  return time => (days.size > 1 ? formatSessionDate(session, time) : formatSessionTime(session, time))
}

function formatEarlierTime(alert: Alert, formatTime: (time: number) => string): string {
  const at = findEarlierTime(alert)
  return at === undefined ? '' : ` (happened ${formatTime(at)})`
}

function formatAlerts(info: RecordingInfo): readonly string[] {
  const { alerts } = info
  if (alerts.length === 0) return ['no alerts']
  const formatTime = createTimeFormatter(info)
  const formatOptional = (time: number | undefined, other: string): string =>
    time === undefined ? other : formatTime(time)
  const rows = alerts.map((alert, i) => [
    `${i + 1}`,
    formatTime(alert.raisedAt),
    formatOptional(alert.criticalAt, '-'),
    formatOptional(getEndTime(alert), 'open'),
    alert.severity,
    `${alert.title}${formatOccurrences(alert)}  ${alert.summary}${formatEarlierTime(alert, formatTime)}`,
  ])
  const more = info.alertsLeftOut === 0 ? [] : [`and ${formatPlural(info.alertsLeftOut, 'more alert')}, not listed`]
  return [...alignColumns([['alert', 'raised', 'critical', 'ended', 'severity', ''], ...rows], 'r'), ...more]
}
