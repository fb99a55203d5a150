// The alerts in a recording's summaries. `evidence` is an object of key and value, `facts` beside it is the list with units. Records are
// validated: a summary comes from a file, and every field of an alert reaches the screen.
import * as v from 'valibot'
import { MAX_SESSION_TIME } from '../base/bounds.ts'
import type { Alert } from '../detectors/alerts.ts'
import { EVIDENCE_UNITS, type Evidence, type EvidenceUnit, toEvidenceObject } from '../detectors/evidence.ts'
import { detectorIds } from '../detectors/index.ts'
import type { AlertRecord } from './frame-index.ts'

const time = v.pipe(v.number(), v.minValue(-2 * MAX_SESSION_TIME), v.maxValue(2 * MAX_SESSION_TIME))
const text = v.pipe(v.string(), v.maxLength(100_000))
const number = v.pipe(v.number(), v.finite())
const value = v.nullable(v.union([number, text]))
const remedy = v.object({ text, command: v.optional(text), risk: v.picklist(['none', 'low', 'high']) })
const facts = v.array(v.object({ name: text, value, unit: v.picklist(EVIDENCE_UNITS), key: v.optional(text) }))

const alertSchema = v.object({
  detector: v.picklist(detectorIds),
  subject: text,
  kind: v.picklist(['event', 'condition']),
  severity: v.picklist(['info', 'warning', 'critical']),
  title: text,
  summary: text,
  short: v.optional(text),
  since: time,
  at: time,
  count: v.optional(number),
  isCountMinimum: v.optional(v.literal(true)),
  confidence: v.optional(text),
  confirm: v.optional(v.object({ text, command: v.optional(text) })),
  cost: v.optional(text),
  courses: v.optional(v.array(text)),
  foundBy: v.optional(v.array(v.picklist(['spike', 'trend', 'level']))),
  caches: v.optional(v.array(text)),
  unattributed: v.optional(v.literal(true)),
  forecast: v.optional(
    v.object({
      perHour: v.optional(number),
      span: v.optional(number),
      levelFor: v.optional(number),
      timeLeft: v.optional(number),
    }),
  ),
  notice: v.optional(number),
  peak: v.optional(v.object({ magnitude: number, summary: text })),
  causedBy: v.optional(v.array(text)),
  evidence: v.record(v.string(), value),
  facts: v.optional(facts),
  peakEvidence: v.optional(facts),
  remedy: v.array(remedy),
  raisedAt: time,
  criticalAt: v.optional(time),
  seenAt: time,
  overAt: v.optional(time),
  resolvedAt: v.optional(time),
  acknowledgedAt: v.optional(time),
})

/** The record of an alert. */
export const toAlertRecord = ({ evidence, evidenceSeries, ...alert }: Alert): AlertRecord => ({
  ...alert,
  courses: evidenceSeries,
  evidence: toEvidenceObject(evidence),
  facts: evidence,
})

/** Returns the alerts of records that are valid; others, of a later version or damaged, are left out. */
export const selectAlerts = (records: readonly AlertRecord[]): readonly Alert[] =>
  records.flatMap(record => (v.is(alertSchema, record) ? [toAlert(record)] : []))

function toAlert({ evidence, facts: list, courses, ...alert }: v.InferOutput<typeof alertSchema>): Alert {
  const evidenceSeries = courses === undefined ? {} : { evidenceSeries: courses }
  return { ...alert, ...evidenceSeries, evidence: list ?? listOldEvidence(evidence) } as Alert
}

// A record without `facts` is of an older version, whose numbers were bytes unless their name was one of these.
const listOldEvidence = (evidence: Readonly<Record<string, Evidence['value']>>): readonly Evidence[] =>
  Object.entries(evidence).map(([name, fact]) => ({
    name,
    value: fact,
    unit: typeof fact === 'number' ? (OLD_UNITS[name] ?? 'bytes') : 'text',
  }))

const OLD_COUNTS = [
  'used',
  'numCgroups',
  'directories',
  'dying',
  'made since the start',
  'removed since the start',
  'dead copies of a cache',
  'slab caches',
  'throttled in all',
  'SLUB failures',
  'times',
  'lost',
  'read',
  'kills',
  'free blocks of order 3',
  'failcnt',
]
const OLD_UNITS: Readonly<Record<string, EvidenceUnit>> = {
  ...Object.fromEntries(OLD_COUNTS.map(name => [name, 'count' as const])),
  timeLeft: 'ms',
  share: 'share',
  perHour: 'bytesPerHour',
}
