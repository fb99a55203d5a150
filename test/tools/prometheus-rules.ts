// Writes the alerts of detectors into deploy/prometheus/kmemtop.rules.yml: what each means and what to do, as its detector says.
import type { DetectorId } from '../../src/detectors/index.ts'
import { detectorIds, detectors } from '../../src/detectors/index.ts'
import { joinGenerated, readGenerated, toYamlComment, writeGenerated } from './generated-part.ts'

const FILE = new URL('../../deploy/prometheus/kmemtop.rules.yml', import.meta.url)

/** The alerts of one severity. */
const KINDS = [
  { alert: 'KernelMemoryCritical', value: 3, wait: '1m', severity: 'critical', verb: 'is critical' },
  { alert: 'KernelMemoryWarning', value: 2, wait: '10m', severity: 'warning', verb: 'warns' },
] as const

/** A rule, with what Prometheus sends. */
export interface DetectorRule {
  readonly detector: DetectorId
  readonly alert: (typeof KINDS)[number]['alert']
  readonly severity: string
  readonly lines: readonly string[]
  /** with `{{ $labels.instance }}` in it */
  readonly summary: string
  readonly description: string
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Lists the rules of all detectors. */
export const listDetectorRules = (): readonly DetectorRule[] =>
  detectorIds.flatMap(detector => KINDS.map(kind => buildRule(detector, kind)))

function buildRule(detector: DetectorId, { alert, value, wait, severity, verb }: (typeof KINDS)[number]): DetectorRule {
  const { title, alerts } = detectors[detector]
  const summary = `{{ $labels.instance }}: ${detector} ${verb} (${title})`
  const description = alerts
    .map(
      ({ titles, meaning, response }) =>
        `${titles.join(', ')}: ${endSentence(meaning)} What to do: ${endSentence(response)}`,
    )
    .concat('kmemtop check on the node gives cause, evidence and commands.')
    .join(' ')
    .replaceAll('`', '')
  const lines = [
    `      - alert: ${alert}`,
    `        expr: kmemtop_alert_severity{detector="${detector}"} == ${value}`,
    `        for: ${wait}`,
    `        labels: { severity: ${severity} }`,
    '        annotations:',
    `          summary: ${quote(summary)}`,
    `          description: ${quote(description)}`,
  ]
  return { detector, alert, severity, lines, summary, description }
}

const endSentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

/** Formats the generated part. */
export const formatDetectorRules = (): string =>
  joinGenerated(
    listDetectorRules().flatMap(({ lines }) => lines),
    toYamlComment,
  )

/** Returns the generated part as it is on disk. */
export const readDetectorRules = (): string => readGenerated(FILE, toYamlComment)

if (import.meta.main) writeGenerated(FILE, formatDetectorRules(), toYamlComment)
