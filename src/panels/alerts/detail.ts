// The page of an alert: why to believe it, when it turned, who holds the memory, and the charts that prove it.
import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import { type Alert, findCriticalTurn, formatOccurrences, getEndTime } from '../../detectors/alerts.ts'
import { formatEvidence, listKnownEvidence } from '../../detectors/evidence.ts'
import { findEvidenceSeries } from '../../detectors/evidence-series.ts'
import { formatHolder } from '../../detectors/holders/format-holder.ts'
import type { History } from '../../history.ts'
import { insertKillMoments } from '../kill-moments.ts'
import { listAlertLinks } from '../links.ts'
import type { Detail, Graph, TimeRange } from '../panel.ts'
import { getChartRange, getTimeWindow, roundUpWindow } from '../time-window.ts'
import { BYTES, COUNTS, PERCENTS } from '../value-formats.ts'
import { listCgroupParents } from './cgroup-parents.ts'
import { describeAge, formatWhen, getAlertTone, getStateLabel } from './format.ts'

/** Returns the page of an alert. */
export function buildAlertDetail(alert: Alert, state: AppState): Detail {
  const history = getVisibleHistory(state)
  const last = (alert.count ?? 1) > 1 ? 'last ' : ''
  const label = getStateLabel(alert)
  const age = describeAge(alert, history.time)
  return {
    title: [
      `${alert.title}${formatOccurrences(alert)}`,
      ...(age.startsWith(label) ? [] : [label]),
      `${last}${age}`,
    ].join(' · '),
    tone: getAlertTone(alert),
    introduction: [`${alert.summary}.`],
    graphs: listGraphs(history, alert),
    range: getAlertRange(alert, state),
    links: listAlertLinks(history, alert),
    facts: [
      ...listReasons(alert),
      ...listTurns(alert, history),
      ...listHolders(history, alert),
      ...listCgroupParents(alert, history),
      ...listKnownEvidence(alert.evidence).map(fact => [fact.name, formatEvidence(fact)] as const),
    ],
    remedies: alert.remedy,
  }
}

// Why to believe the alert, how to verify it, and its impact.
const listReasons = ({ confidence, confirm, cost }: Alert): readonly (readonly [string, string])[] =>
  [
    ['confidence', confidence],
    ['impact', cost],
    ['verify', confirm && (confirm.command === undefined ? confirm.text : `${confirm.text}: $ ${confirm.command}`)],
  ].flatMap(([name, text]) => (text === undefined ? [] : [[name!, text] as const]))

// When it happened, was raised, became critical, was acknowledged and ended.
function listTurns(alert: Alert, { session, time }: History): readonly (readonly [string, string])[] {
  const turns: readonly (readonly [string, number | undefined])[] = [
    [(alert.count ?? 1) > 1 ? 'last happened' : 'happened', alert.kind === 'event' ? alert.at : undefined],
    ['raised', alert.raisedAt],
    ['critical', findCriticalTurn(alert)],
    ['acknowledged', alert.acknowledgedAt],
    ['ended', getEndTime(alert)],
  ]
  return turns.flatMap(([name, at]) =>
    at === undefined ? [] : [[name, formatWhen(toWallTime(session, at), toWallTime(session, time))] as const],
  )
}

// Who holds the memory, with how sure that is.
function listHolders(history: History, { holders }: Alert): readonly (readonly [string, string])[] {
  if (holders === undefined) return []
  if (holders.length === 0) return [['held by', 'not found: no process, cgroup or tmpfs mount has a good part of it']]
  return holders.map((holder, i) => [i === 0 ? 'held by' : '', formatHolder(history, holder)])
}

// The window of the screen, or as much more as shows the beginning of the alert; up to its end where it is over.
function getAlertRange(alert: Alert, state: AppState): TimeRange {
  const { since } = alert
  const { time } = getVisibleHistory(state)
  const endTime = getEndTime(alert)
  const end = Math.min(time, endTime === undefined ? time : endTime + (endTime - since) / 4)
  const span = roundUpWindow(Math.min(Math.max(time, 1), 1.25 * (end - since)))
  const range = getChartRange(state, state.ui.window ?? Math.max(getTimeWindow(state), span))
  return end < time ? { begin: end - (time - range.begin), end } : range
}

function listGraphs(history: History, alert: Alert): readonly Graph[] {
  const graphs = (alert.evidenceSeries ?? []).flatMap(name => buildGraph(history, name) ?? [])
  const available = graphs.find(({ name }) => name === 'MemAvailable')
  return available && isAboutNode(alert) ? [{ ...available, name: 'all RAM', isRam: true }, ...graphs] : graphs
}

// Where the whole node has no memory left, what took it is seen in all RAM.
const isAboutNode = ({ subject, title }: Alert): boolean => subject === 'MemAvailable' || title === 'GLOBAL OOM KILL'

// The counter of kills only repeats the signs on the axis.
const MINOR_SERIES = 'vmstat oom_kill'

const FORMATS = { bytes: BYTES, count: COUNTS, percent: PERCENTS } as const

function buildGraph(history: History, name: string): Detail['graphs'][number] | undefined {
  const evidenceSeries = findEvidenceSeries(history, name)
  const total = history.meminfo.values.get('MemTotal')
  const path = name.startsWith('cgroup ') ? name.slice('cgroup '.length) : undefined
  const limit = path === undefined ? undefined : history.cgroups.cgroups.get(path)?.limit
  return (
    evidenceSeries && {
      name: evidenceSeries.name,
      series: path === undefined ? evidenceSeries.series : insertKillMoments(history, path, evidenceSeries.series),
      format: FORMATS[evidenceSeries.unit],
      ...(evidenceSeries.name === 'MemAvailable' && total !== undefined ? { top: total } : {}),
      ...(limit != null && Number.isFinite(limit) ? { limit } : {}),
      ...(name === MINOR_SERIES ? { isMinor: true } : {}),
    }
  )
}
