// Alerts in the words of Alertmanager: what its receivers get (webhook payload, version 4), and what its API takes (v2).
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
import type { JsonObject } from '../base/json.ts'
import { MINUTE } from '../base/units.ts'
import type { Alert } from '../detectors/alerts.ts'
import { formatEvidence, listKnownEvidence } from '../detectors/evidence.ts'
import type { History } from '../history.ts'
import { toIso } from './session-time.ts'

type Labels = Readonly<Record<string, string>>

/** An open alert ends unless it is sent again before: a node that dies leaves no alert behind. */
const END_AFTER = 5 * MINUTE
const NEVER = '0001-01-01T00:00:00Z' // Go's zero time: still firing

const isFiring = ({ resolvedAt }: Alert): boolean => resolvedAt === undefined

function toLabels({ session }: History, { detector, subject, severity }: Alert): Labels {
  return { alertname: toAlertName(detector), detector, severity, subject, instance: session.host, job: 'kmemtop' }
}

const toAlertName = (detector: string): string =>
  `Kmemtop${detector.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`

function toAnnotations({ title, summary, evidence, remedy, confidence = '' }: Alert): Labels {
  const facts = listKnownEvidence(evidence).map(fact => `${fact.name} ${formatEvidence(fact)}`)
  return { title, summary, confidence, evidence: facts.join(', '), remedy: remedy.map(({ text }) => text).join('\n') }
}

/** The payload that Alertmanager sends to a webhook receiver, for one alert. */
export function toWebhookPayload(history: History, alert: Alert): JsonObject {
  const labels = toLabels(history, alert)
  const annotations = toAnnotations(alert)
  const status = isFiring(alert) ? 'firing' : 'resolved'
  const { alertname = '', instance = '' } = labels
  const one = {
    status,
    labels,
    annotations,
    startsAt: toIso(history.session, alert.raisedAt),
    endsAt: alert.resolvedAt === undefined ? NEVER : toIso(history.session, alert.resolvedAt),
    generatorURL: '',
    fingerprint: computeFingerprint(labels),
  }
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(alertname)}, instance=${JSON.stringify(instance)}}`,
    truncatedAlerts: 0,
    status,
    receiver: 'kmemtop',
    groupLabels: { alertname, instance },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [one],
  }
}

/** The body of `POST /api/v2/alerts`: Alertmanager groups, silences and routes them. */
export const toApiAlerts = (history: History, alerts: readonly Alert[]): readonly JsonObject[] =>
  alerts.map(alert => ({
    labels: toLabels(history, alert),
    annotations: toAnnotations(alert),
    startsAt: toIso(history.session, alert.raisedAt),
    endsAt: toIso(history.session, alert.resolvedAt ?? history.time + END_AFTER),
  }))

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n
const SEPARATOR = '\xff'

// FNV-1a over names and values in order, as Prometheus computes it (LabelSet.Fingerprint in prometheus/common).
function computeFingerprint(labels: Labels): string {
  const names = Object.keys(labels).sort()
  const text = names.map(name => `${name}${SEPARATOR}${labels[name]}${SEPARATOR}`).join('')
  let sum = FNV_OFFSET
  for (const character of text) sum = ((sum ^ BigInt(character.codePointAt(0)!)) * FNV_PRIME) & 0xffffffffffffffffn
  return sum.toString(16).padStart(16, '0')
}
