// The alerts of a report: a line for each, then a section with what proves it and what to do.
import { formatDuration } from '../../base/format.ts'
import { type Alert, findCriticalTurn, findEarlierTime, getAlertKey, getEndTime } from '../../detectors/alerts.ts'
import { formatEvidence, listKnownEvidence } from '../../detectors/evidence.ts'
import { formatRemedy } from '../../detectors/remedies/format-remedy.ts'
import { type Block, formatTime } from './block.ts'
import type { ReportAlert, ReportData } from './report-data.ts'

/** Returns a line for each alert, or that there is none. */
export function listAlertSummaries(data: ReportData): readonly Block[] {
  const { alerts, damage } = data
  if (alerts.length === 0)
    return [
      {
        kind: 'text',
        text:
          damage.length === 0
            ? 'No alert was raised in this recording.'
            : 'No alert was raised in the part that could be read.',
      },
    ]
  return groupAlerts(alerts).map(([{ alert }, count]): Block => {
    const { severity, title, summary } = alert
    const times = count === 1 ? '' : ` (raised ${count} times)`
    return { kind: 'text', tone: severity, text: `${title}${times}${describeBefore(alert, data)}: ${summary}` }
  })
}

// A kill of yesterday is not taken for one of this report.
function describeBefore(alert: Alert, { span }: ReportData): string {
  const time = findEarlierTime(alert)
  return time === undefined || time >= span.begin
    ? ''
    : ` (${formatDuration(span.begin - time)} before this report begins)`
}

// An alert that was raised, resolved and raised again is one line and one section: that of its last time.
function groupAlerts(alerts: readonly ReportAlert[]): readonly (readonly [ReportAlert, count: number])[] {
  const groups = new Map<string, readonly [ReportAlert, number]>()
  for (const one of alerts) {
    const key = getAlertKey(one.alert)
    groups.set(key, [one, (groups.get(key)?.[1] ?? 0) + 1])
  }
  return [...groups.values()]
}

function buildSection({ alert, charts, holders }: ReportAlert, data: ReportData): readonly Block[] {
  const { summary, severity, raisedAt, evidence, remedy, confidence, cost, confirm } = alert
  const endTime = getEndTime(alert)
  const until = endTime === undefined ? 'still open at the end' : `ended ${formatTime(data, endTime)}`
  const earlierTime = findEarlierTime(alert)
  const happened = earlierTime === undefined ? '' : `happened ${formatTime(data, earlierTime)}, `
  const turn = findCriticalTurn(alert)
  const turned = turn === undefined ? '' : `, critical ${formatTime(data, turn)}`
  return [
    { kind: 'heading', level: 2, text: nameAlert(alert, data) },
    { kind: 'text', tone: severity, text: summary },
    {
      kind: 'text',
      text: `${severity}, ${happened}raised ${formatTime(data, raisedAt)}${turned}, ${until}.${confidence ? ` Confidence: ${confidence}.` : ''}`,
    },
    ...charts.map((chart): Block => ({ kind: 'chart', chart })),
    {
      kind: 'table',
      caption: 'Evidence',
      head: ['fact', 'value'],
      rows: listKnownEvidence(evidence).map(one => [{ text: one.name }, { text: formatEvidence(one) }]),
    },
    ...listText('Held by', holders),
    ...listText('Impact', cost === undefined ? [] : [cost]),
    ...listText('Verify', confirm === undefined ? [] : [formatRemedy(confirm)]),
    ...listText('What to do, safest first', remedy.map(formatRemedy)),
  ]
}

const listText = (heading: string, items: readonly string[]): readonly Block[] =>
  items.length === 0
    ? []
    : [
        { kind: 'heading', level: 3, text: heading },
        { kind: 'list', items },
      ]

// If there are several alerts of a kind, each says what it is about.
function nameAlert({ title, short, subject }: Alert, { alerts }: ReportData): string {
  const isAlone = alerts.every(({ alert }) => alert.title !== title || alert.subject === subject)
  return isAlone ? title : `${title}: ${short ?? subject}`
}

/** Returns a section for each alert. */
export const listAlertBlocks = (data: ReportData): readonly Block[] =>
  groupAlerts(data.alerts).flatMap(([first]) => buildSection(first, data))
