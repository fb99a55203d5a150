// Check: a verdict for scripts. One line of 80 characters first, the contract of node-problem-detector's plugins; then all that speaks for it.
import { formatDateTime, formatDuration } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import type { CollectorId } from '../collectors/index.ts'
import { type Alert, getAlertKey } from '../detectors/alerts.ts'
import { SEVERITY_RANK } from '../detectors/detector.ts'
import { formatEvidence } from '../detectors/evidence.ts'
import { getCorrelatedKills } from '../detectors/witnesses.ts'
import type { History } from '../history.ts'
import { alertJson, killJson, sourcesJson } from './state-json.ts'

type Json = Readonly<Record<string, unknown>>

/** What was looked at: `past`: a recording, whose alerts count though they are over. */
export interface Checked {
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
const IMPORTANT: readonly CollectorId[] = ['meminfo', 'vmstat', 'cgroups', 'slabinfo', 'kmsg']

const LINE = 80

/** Important sources that could not be read, with why and what would help. */
function unread({ history, off }: Checked): readonly { readonly id: CollectorId; readonly why: string }[] {
  return IMPORTANT.filter(id => !off.includes(id)).flatMap(id => {
    const source = history.sources[id]
    if (source && source.error === undefined) return []
    const why = source?.error ?? 'it was not read'
    return [{ id, why: source?.hint === undefined ? why : `${why}; ${source.hint}` }]
  })
}

/** The alerts that count: those of warning and above, loudest first. */
function counted({ alerts, past }: Checked): readonly Alert[] {
  const matter = alerts.filter(
    ({ severity, resolvedAt }) => SEVERITY_RANK[severity] >= SEVERITY_RANK.warning && (past || resolvedAt === undefined),
  )
  return [...Map.groupBy(matter, getAlertKey).values()]
    .map(loudestOf)
    .sort((a, b) => SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] || weight(a) - weight(b) || b.raisedAt - a.raisedAt)
}

// What came again and again is one: its loudest, then its last.
const loudestOf = (same: readonly Alert[]): Alert =>
  same.reduce((a, b) => (SEVERITY_RANK[b.severity] >= SEVERITY_RANK[a.severity] ? b : a))

// A cause stands before what follows from it.
const weight = ({ detector }: Alert): number => (detector === 'kmem-leak' || detector === 'memcg-ids' ? 0 : 1)

const isDamaged = ({ damage = [] }: Checked): boolean => damage.length > 0

/** A problem was found; nothing was, and all that matters could be read; or nothing was found in the part that could be. */
export function verdictOf(checked: Checked): Verdict {
  if (counted(checked).length > 0) return 'problem'
  return unread(checked).length > 0 || isDamaged(checked) ? 'unknown' : 'ok'
}

/** The verdict in one line of at most 80 characters, safe for a terminal. */
export function verdictLine(checked: Checked): string {
  const found = counted(checked)
  const missing = unread(checked)
  const [first] = found
  if (first) {
    const more = found.length > 1 ? ` (+${found.length - 1})` : ''
    return cut(`${first.title}${more}: ${first.short ?? first.summary}`)
  }
  if (isDamaged(checked)) return 'cannot tell: the recording is damaged; what was read is fine'
  if (missing.length > 0) {
    const rest = missing.some(({ id }) => id === 'meminfo') ? '' : '; the rest is fine'
    return cut(`cannot tell: ${missing.map(({ id }) => id).join(', ')} not readable${rest}`)
  }
  return checked.past ? 'ok: no kernel-memory problem in this recording' : 'ok: no kernel-memory problem found'
}

// By code points: what follows is read by programs that count characters.
function cut(text: string): string {
  const signs = [...escapeControls(text)]
  return signs.length <= LINE ? signs.join('') : `${signs.slice(0, LINE - 1).join('')}…`
}

/** The verdict's line, then each alert with its evidence and remedies, then what could not be read. Safe for a terminal. */
export function checkText(checked: Checked): string {
  const lines = [...counted(checked).flatMap(alert => ['', ...alertLines(alert, checked)]), ...missingLines(checked)]
  return `${[verdictLine(checked), ...lines.map(escapeControls)].join('\n')}\n`
}

function alertLines(alert: Alert, { history: { session, time }, past, alerts: again }: Checked): readonly string[] {
  const { title, severity, summary, confidence, confirm, cost, evidence, remedy, raisedAt, resolvedAt } = alert
  const wall = (at: number): string => formatDateTime(session.wallClock + at)
  const times = again.filter(one => getAlertKey(one) === getAlertKey(alert)).length
  const often = times > 1 ? `, ${times} times in all` : ''
  const life = resolvedAt === undefined ? (past ? ', open at the end' : '') : `, over ${wall(resolvedAt)}`
  const facts = Object.entries(evidence).filter(([, value]) => value !== null)
  return [
    `${title} (${severity}) raised ${wall(raisedAt)}${life}, since ${formatDuration((resolvedAt ?? time) - alert.since)}${often}`,
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

function missingLines(checked: Checked): readonly string[] {
  const missing = unread(checked).map(({ id, why }) => `${id}: ${why}`)
  const all = [...missing, ...(checked.damage ?? [])]
  return all.length === 0 ? [] : ['', 'could not be read:', ...all.map(text => `  ${text}`)]
}

/** As DESIGN's `check --json`: verdict, alerts, OOM kills, sources. */
export function checkJson(checked: Checked): Json {
  const { history, alerts } = checked
  return {
    verdict: verdictOf(checked),
    message: verdictLine(checked),
    host: history.session.host,
    kernel: history.session.kernel,
    alerts: alerts.map(alert => alertJson(history, alert)),
    oomKills: getCorrelatedKills(history).map(seen => killJson(history, seen)),
    sources: sourcesJson(history),
    ...(isDamaged(checked) ? { damage: checked.damage } : {}),
  }
}
