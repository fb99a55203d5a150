// The alerts in a recording's summaries, validated: a summary comes from a file, and every field of an alert reaches the screen.
import * as v from 'valibot'
import { MAX_SESSION_TIME } from '../base/bounds.ts'
import type { Alert } from '../detectors/alerts.ts'
import { detectorIds } from '../detectors/index.ts'
import type { AlertRecord } from './frame-index.ts'

const time = v.pipe(v.number(), v.minValue(-2 * MAX_SESSION_TIME), v.maxValue(2 * MAX_SESSION_TIME))
const text = v.pipe(v.string(), v.maxLength(100_000))
const remedy = v.object({ text, command: v.optional(text), risk: v.picklist(['none', 'low', 'high']) })

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
  count: v.optional(v.pipe(v.number(), v.finite())),
  confidence: v.optional(text),
  confirm: v.optional(v.object({ text, command: v.optional(text) })),
  cost: v.optional(text),
  courses: v.optional(v.array(text)),
  causedBy: v.optional(v.array(text)),
  evidence: v.record(v.string(), v.nullable(v.union([v.pipe(v.number(), v.finite()), text]))),
  remedy: v.array(remedy),
  raisedAt: time,
  criticalAt: v.optional(time),
  seenAt: time,
  overAt: v.optional(time),
  resolvedAt: v.optional(time),
  acknowledgedAt: v.optional(time),
})

/** Returns the records that are alerts of this version; others, of a later version or damaged, are left out. */
export function selectAlerts(records: readonly AlertRecord[]): readonly Alert[] {
  return records.filter(record => v.is(alertSchema, record)) as unknown as readonly Alert[]
}
