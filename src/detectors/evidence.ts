// Evidence: the measured facts of a finding. Each has its unit, so nothing has to be guessed from its name.
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatSignedBytes,
} from '../base/format.ts'

/** What an evidence value measures: `share` is 0 to 1, `percent` 0 to 100, `ms` a duration. */
export const EVIDENCE_UNITS = [
  'bytes',
  'bytesPerHour',
  'bytesPerMinute',
  'count',
  'countPerHour',
  'share',
  'percent',
  'ms',
  'perSecond',
  'text',
] as const
/** The unit of a value, which decides how it is formatted. */
export type EvidenceUnit = (typeof EVIDENCE_UNITS)[number]

/** One fact. `value` is null where it is unknown. */
export interface Evidence {
  readonly name: string
  readonly value: number | string | null
  readonly unit: EvidenceUnit
  /** its key in `--json` and in recordings, where that is not its name */
  readonly key?: string
}

/** Name, value, unit and key of a fact. */
export type EvidenceRow = readonly [
  name: string,
  value: number | string | null | undefined,
  unit: EvidenceUnit,
  key?: string,
]

/** Facts from rows of name, value, unit and, where it is not the name, the key. */
export const listEvidence = (...rows: readonly EvidenceRow[]): readonly Evidence[] =>
  rows.map(([name, value = null, unit, key]) => ({ name, value, unit, ...(key === undefined ? {} : { key }) }))

const formatByteChange = (value: number): string => (Math.abs(value) < 0.5 ? '0 B' : formatSignedBytes(value))

const FORMATS: Readonly<Record<Exclude<EvidenceUnit, 'text'>, (value: number) => string>> = {
  bytes: formatBytes,
  bytesPerHour: value => `${formatByteChange(value)}/h`,
  bytesPerMinute: value => `${formatByteChange(value)}/min`,
  count: formatCount,
  countPerHour: value => `${formatCount(Math.round(value))}/h`,
  share: formatPercent,
  percent: value => formatPercent(value / 100),
  ms: formatDuration,
  perSecond: formatRate,
}

/** The value of a fact with its unit; `unknown` where it is null. */
export function formatEvidence({ value, unit }: Evidence): string {
  if (value === null) return 'unknown'
  return typeof value === 'string' || unit === 'text' ? String(value) : FORMATS[unit](value)
}

/** Facts whose value is known. */
export const listKnownEvidence = (evidence: readonly Evidence[]): readonly Evidence[] =>
  evidence.filter(({ value }) => value !== null)

/** The value of the fact with a key (its name, where it has no other); undefined when there is none. */
export const getEvidence = (evidence: readonly Evidence[], key: string): Evidence['value'] | undefined =>
  evidence.find(fact => (fact.key ?? fact.name) === key)?.value

/** Facts as an object of key and value, as `--json` and recordings hold them. */
export const toEvidenceObject = (evidence: readonly Evidence[]): Readonly<Record<string, Evidence['value']>> =>
  Object.fromEntries(evidence.map(({ key, name, value }) => [key ?? name, value]))
