// Check: a verdict for scripts. One line of 80 characters first, the contract of node-problem-detector's plugins; then all that speaks for it.

import { formatDateTime, formatDuration } from '../base/format.ts'
import type { JsonObject } from '../base/json.ts'
import { escapeControls } from '../base/text.ts'
import type { CollectorId } from '../collectors/index.ts'
import { type Alert, getAlertKey } from '../detectors/alerts.ts'
import { SEVERITY_RANK } from '../detectors/detector.ts'
import { formatEvidence } from '../detectors/evidence-text.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import type { History } from '../history.ts'
import { toAlertJson, toKillJson, toSourcesJson } from './state-json.ts'

/** What was looked at: `past`: a recording, whose alerts count though they are over. */
export interface CheckInput {
  readonly history: History
  readonly alerts: readonly Alert[]
  readonly past: boolean
  /** collectors that were not wanted */
  readonly off: readonly CollectorId[]
  /** what of a recording could not be read, in words */
  readonly damage?: readonly string[]
}

export type Verdict = 'ok' | 'problem' | 'unknown'

/** Without one of these, nothing found is no answer. */
const REQUIRED_SOURCES: readonly CollectorId[] = ['meminfo', 'vmstat', 'cgroups', 'slabinfo', 'kmsg']

const LINE_LENGTH = 80

/** Important sources that could not be read, with why and what would help. */
function listUnreadable({ history, off }: CheckInput): readonly { readonly id: CollectorId; readonly why: string }[] {
  return REQUIRED_SOURCES.filter(id => !off.includes(id)).flatMap(id => {
    const source = history.sources[id]
    if (source && source.error === undefined) return []
    const why = source?.error ?? 'it was not read'
    return [{ id, why: source?.hint === undefined ? why : `${why}; ${source.hint}` }]
  })
}

/** The alerts that count: those of warning and above, loudest first. */
function selectAlerts({ alerts, past }: CheckInput): readonly Alert[] {
  const relevant = alerts.filter(
    ({ severity, resolvedAt }) =>
      SEVERITY_RANK[severity] >= SEVERITY_RANK.warning && (past || resolvedAt === undefined),
  )
  return [...Map.groupBy(relevant, getAlertKey).values()]
    .map(getMostSevere)
    .sort(
      (a, b) =>
        SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] || rankCause(a) - rankCause(b) || b.raisedAt - a.raisedAt,
    )
}

// What came again and again is one: its loudest, then its last.
const getMostSevere = (same: readonly Alert[]): Alert =>
  same.reduce((a, b) => (SEVERITY_RANK[b.severity] >= SEVERITY_RANK[a.severity] ? b : a))

// A cause stands before what follows from it.
const rankCause = ({ detector }: Alert): number => (detector === 'kmem-leak' || detector === 'memcg-ids' ? 0 : 1)

const isDamaged = ({ damage = [] }: CheckInput): boolean => damage.length > 0

/** A problem was found; nothing was, and all that matters could be read; or nothing was found in the part that could be. */
export function computeVerdict(input: CheckInput): Verdict {
  if (selectAlerts(input).length > 0) return 'problem'
  return listUnreadable(input).length > 0 || isDamaged(input) ? 'unknown' : 'ok'
}

/** The verdict in one line of at most 80 characters, safe for a terminal. */
export function formatVerdict(input: CheckInput): string {
  const found = selectAlerts(input)
  const missing = listUnreadable(input)
  const [first] = found
  if (first) {
    const more = found.length > 1 ? ` (+${found.length - 1})` : ''
    return truncate(`${first.title}${more}: ${first.short ?? first.summary}`)
  }
  if (isDamaged(input)) return 'cannot tell: the recording is damaged; what was read is fine'
  if (missing.length > 0) {
    const rest = missing.some(({ id }) => id === 'meminfo') ? '' : '; the rest is fine'
    return truncate(`cannot tell: ${missing.map(({ id }) => id).join(', ')} not readable${rest}`)
  }
  return input.past ? 'ok: no kernel-memory problem in this recording' : 'ok: no kernel-memory problem found'
}

// By code points: what follows is read by programs that count characters.
function truncate(text: string): string {
  const codePoints = [...escapeControls(text)]
  return codePoints.length <= LINE_LENGTH ? codePoints.join('') : `${codePoints.slice(0, LINE_LENGTH - 1).join('')}…`
}

/** The verdict's line, then each alert with its evidence and remedies, then what could not be read. Safe for a terminal. */
export function formatCheck(input: CheckInput): string {
  const lines = [
    ...selectAlerts(input).flatMap(alert => ['', ...formatAlert(alert, input)]),
    ...formatUnreadable(input),
  ]
  return `${[formatVerdict(input), ...lines.map(escapeControls)].join('\n')}\n`
}

function formatAlert(
  alert: Alert,
  { history: { session, time }, past, alerts: allAlerts }: CheckInput,
): readonly string[] {
  const { title, severity, summary, confidence, confirm, cost, evidence, remedy, raisedAt, resolvedAt } = alert
  const formatTime = (at: number): string => formatDateTime(session.wallClock + at)
  const times = allAlerts.filter(one => getAlertKey(one) === getAlertKey(alert)).length
  const repeated = times > 1 ? `, ${times} times in all` : ''
  const life = resolvedAt === undefined ? (past ? ', open at the end' : '') : `, over ${formatTime(resolvedAt)}`
  const facts = Object.entries(evidence).filter(([, value]) => value !== null)
  return [
    `${title} (${severity}) raised ${formatTime(raisedAt)}${life}, since ${formatDuration((resolvedAt ?? time) - alert.since)}${repeated}`,
    `  ${summary}`,
    ...(confidence === undefined ? [] : [`  confidence: ${confidence}`]),
    `  evidence: ${facts.map(([name, value]) => `${name} ${formatEvidence(name, value)}`).join(', ')}`,
    ...(cost === undefined ? [] : [`  cost: ${cost}`]),
    ...(confirm === undefined
      ? []
      : [`  confirm: ${confirm.text}${confirm.command === undefined ? '' : `: $ ${confirm.command}`}`]),
    ...remedy.map(
      ({ text, command, risk }, i) =>
        `  ${i + 1}. ${text}${command === undefined ? '' : `: $ ${command}`}${risk === 'none' ? '' : ` (risk: ${risk})`}`,
    ),
  ]
}

function formatUnreadable(input: CheckInput): readonly string[] {
  const missing = listUnreadable(input).map(({ id, why }) => `${id}: ${why}`)
  const all = [...missing, ...(input.damage ?? [])]
  return all.length === 0 ? [] : ['', 'could not be read:', ...all.map(text => `  ${text}`)]
}

/** As DESIGN's `check --json`: verdict, alerts, OOM kills, sources. */
export function toCheckJson(input: CheckInput): JsonObject {
  const { history, alerts } = input
  return {
    verdict: computeVerdict(input),
    message: formatVerdict(input),
    host: history.session.host,
    kernel: history.session.kernel,
    alerts: alerts.map(alert => toAlertJson(history, alert)),
    oomKills: getCorrelatedKills(history).map(seen => toKillJson(history, seen)),
    sources: toSourcesJson(history),
    ...(isDamaged(input) ? { damage: input.damage } : {}),
  }
}
