// Check: a verdict for scripts. The first line has at most 80 bytes, where node-problem-detector cuts what a plugin prints; the
// evidence follows.
import { formatAge, formatDateTime, formatDuration } from '../base/format.ts'
import type { JsonObject } from '../base/json.ts'
import { escapeControls } from '../base/text.ts'
import { SECOND } from '../base/units.ts'
import type { CollectorId } from '../collectors/index.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import { type Alert, findCriticalTurn, getAlertKey, getEndTime, getEventTime } from '../detectors/alerts.ts'
import { SEVERITY_RANK } from '../detectors/detector.ts'
import { formatEvidence, listKnownEvidence } from '../detectors/evidence.ts'
import { formatHolder } from '../detectors/holders/format-holder.ts'
import { countForgottenKills, describeForgottenKills } from '../detectors/oom/forgotten-kills.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import { formatRemedy } from '../detectors/remedies/format-remedy.ts'
import type { History } from '../history.ts'
import { toAlertJson, toKillJson, toSourcesJson } from './state-json.ts'

/** What is checked. `past`: a recording, in which alerts that are over count too. */
export interface CheckInput {
  readonly history: History
  readonly alerts: readonly Alert[]
  readonly past: boolean
  /** collectors that the user switched off */
  readonly off: readonly CollectorId[]
  /** the parts of a recording that could not be read, in words */
  readonly damage?: readonly string[]
}

/** The answer of `check`: exit code 0, 1 or 2. */
export type Verdict = 'ok' | 'problem' | 'unknown'

/** If one of these cannot be read and nothing is found, the verdict is unknown. */
const REQUIRED_SOURCES: readonly CollectorId[] = ['meminfo', 'vmstat', 'cgroups', 'slabinfo', 'kmsg']

const LINE_LENGTH = 80

/** Lists required sources that could not be read, with the reason and what would help. */
function listUnreadable({ history, off }: CheckInput): readonly { readonly id: CollectorId; readonly why: string }[] {
  return REQUIRED_SOURCES.filter(id => !off.includes(id)).flatMap(id => {
    const source = history.sources[id]
    if (source && source.error === undefined) return []
    const why = source?.error ?? 'it was not read'
    return [{ id, why: source?.hint === undefined ? why : `${why}; ${source.hint}` }]
  })
}

/** Selects the alerts that count: warning and above, most severe first. */
function selectAlerts({ alerts, past }: CheckInput): readonly Alert[] {
  const relevant = alerts.filter(
    ({ severity, resolvedAt }) =>
      SEVERITY_RANK[severity] >= SEVERITY_RANK.warning && (past || resolvedAt === undefined),
  )
  return [...Map.groupBy(relevant, getAlertKey).values()]
    .map(getMostSevere)
    .sort(
      (a, b) =>
        SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
        rankCause(a) - rankCause(b) ||
        getEventTime(b) - getEventTime(a),
    )
}

// A repeated alert counts once: its most severe occurrence, then its latest.
const getMostSevere = (same: readonly Alert[]): Alert =>
  same.reduce((a, b) => (SEVERITY_RANK[b.severity] >= SEVERITY_RANK[a.severity] ? b : a))

// A cause comes before its effects.
const rankCause = ({ detector }: Alert): number => (detector === 'kmem-leak' || detector === 'memcg-ids' ? 0 : 1)

const isDamaged = ({ damage = [] }: CheckInput): boolean => damage.length > 0

/** Returns `problem` if an alert counts, `unknown` if something required could not be read, else `ok`. */
export function computeVerdict(input: CheckInput): Verdict {
  if (selectAlerts(input).length > 0) return 'problem'
  return listUnreadable(input).length > 0 || isDamaged(input) ? 'unknown' : 'ok'
}

/** Formats the verdict in one line of at most 80 bytes, safe for a terminal. */
export function formatVerdict(input: CheckInput): string {
  const found = selectAlerts(input)
  const missing = listUnreadable(input)
  const [first] = found
  if (first) {
    const more = found.length > 1 ? ` (+${found.length - 1})` : ''
    return truncate(`${first.title}${more}: ${first.short ?? first.summary}`)
  }
  if (isDamaged(input)) return 'unknown: the recording is damaged; no problem in the readable part'
  if (missing.length > 0) {
    const rest = missing.some(({ id }) => id === 'meminfo') ? '' : '; no problem in the rest'
    return truncate(`unknown: ${missing.map(({ id }) => id).join(', ')} not readable${rest}`)
  }
  return input.past ? 'ok: no kernel-memory problem in this recording' : 'ok: no kernel-memory problem found'
}

// By bytes of UTF-8: node-problem-detector cuts there, also within a character.
function truncate(text: string): string {
  const escaped = escapeControls(text)
  if (countBytes(escaped) <= LINE_LENGTH) return escaped
  let kept = ''
  let bytes = countBytes(ELLIPSIS)
  for (const character of escaped) {
    bytes += countBytes(character)
    if (bytes > LINE_LENGTH) break
    kept += character
  }
  return `${kept}${ELLIPSIS}`
}

const ELLIPSIS = '…'
const encoder = new TextEncoder()
const countBytes = (text: string): number => encoder.encode(text).length

/** Formats the verdict, then each alert with evidence and remedies, then what could not be read. Safe for a terminal. */
export function formatCheck(input: CheckInput): string {
  const lines = [
    ...selectAlerts(input).flatMap(alert => ['', ...formatAlert(alert, input)]),
    ...formatSection('could not be read', listUnread(input)),
    ...formatSection('not known', listUnknown(input)),
  ]
  return `${[formatVerdict(input), ...lines.map(escapeControls)].join('\n')}\n`
}

function formatAlert(alert: Alert, input: CheckInput): readonly string[] {
  const { title, severity, summary, confidence, confirm, cost, evidence, remedy } = alert
  const { history } = input
  return [
    `${title} (${severity}) ${describeTimes(alert, input)}`,
    `  ${summary}`,
    ...(confidence === undefined ? [] : [`  confidence: ${confidence}`]),
    `  evidence: ${listKnownEvidence(evidence)
      .map(fact => `${fact.name} ${formatEvidence(fact)}`)
      .join(', ')}`,
    ...(alert.holders ?? []).map(holder => `  held by: ${formatHolder(history, holder)}`),
    ...(cost === undefined ? [] : [`  impact: ${cost}`]),
    ...(confirm === undefined ? [] : [`  verify: ${formatRemedy(confirm)}`]),
    ...remedy.map((step, i) => `  ${i + 1}. ${formatRemedy(step)}`),
  ]
}

// `raised 2026-11-28 03:43:27, for 2 min`; `happened 2026-11-28 03:40:16, 7 min ago, 3 times`.
function describeTimes(alert: Alert, { history: { session, time }, past, alerts }: CheckInput): string {
  const formatTime = (at: number): string => formatDateTime(toWallTime(session, at))
  const { raisedAt, kind, at, since, count = 1 } = alert
  const endTime = getEndTime(alert)
  const raised = `raised ${formatTime(raisedAt)}`
  const turn = findCriticalTurn(alert)
  const critical = turn === undefined ? [] : [`critical ${formatTime(turn)}`]
  const ended = endTime === undefined ? [] : [`ended ${formatTime(endTime)}`]
  const open = past && endTime === undefined ? ['open at the end'] : []
  const repeated = alerts.filter(one => getAlertKey(one) === getAlertKey(alert)).length
  const again = repeated > 1 ? [`raised ${repeated} times in all`] : []
  if (kind === 'event') {
    const happened = [`happened ${formatTime(at)}`, ...(past ? [] : [formatAge(time - at)])]
    return [...happened, ...(count > 1 ? [`${count} times`] : []), ...critical, ...ended, ...open, ...again].join(', ')
  }
  const lasted = formatDuration((endTime ?? time) - since)
  return [
    raised,
    ...critical,
    ...ended,
    ...open,
    `${endTime === undefined ? 'for' : 'after'} ${lasted}`,
    ...again,
  ].join(', ')
}

const listUnread = (input: CheckInput): readonly string[] => [
  ...listUnreadable(input).map(({ id, why }) => `${id}: ${why}`),
  ...(input.damage ?? []),
]

const GROWTH_TIME = 30 * SECOND // a shorter time shows levels and events only

function listUnknown({ history, past }: CheckInput): readonly string[] {
  const { time, session } = history
  const watched = time < session.interval / 2 ? 'one sample was taken' : `only ${formatDuration(time)} were watched`
  const growth = `what grows: ${watched}${past ? '' : '; check --for 1m takes more'}`
  return [...(time < GROWTH_TIME ? [growth] : []), describeForgottenKills(history) ?? []].flat()
}

const formatSection = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map(line => `  ${line}`)]

/** Returns the output of `check --json`: verdict, alerts, OOM kills, sources. */
export function toCheckJson(input: CheckInput): JsonObject {
  const { history, alerts } = input
  return {
    verdict: computeVerdict(input),
    message: formatVerdict(input),
    host: history.session.host,
    kernel: history.session.kernel,
    alerts: alerts.map(alert => toAlertJson(history, alert)),
    oomKills: getCorrelatedKills(history).map(seen => toKillJson(history, seen)),
    oomKillsWithoutRecord: countForgottenKills(history),
    watchedMs: Math.round(history.time),
    sources: toSourcesJson(history),
    ...(isDamaged(input) ? { damage: input.damage } : {}),
  }
}
