// The answers of Prometheus' HTTP API, and of what answers like it: vectors and matrices. https://prometheus.io/docs/prometheus/latest/querying/api/
import { UserError } from '../base/errors.ts'

/** One row: its labels and its value. */
export interface Row {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One series: points of seconds since 1970 and value. */
export interface Range {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [seconds: number, value: number])[]
}

const MAX_ROWS = 100_000
const MAX_MESSAGE = 300 // characters of an error

type Labels = Readonly<Record<string, string>>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function requireResult(answer: unknown, type: string): readonly unknown[] {
  if (!isRecord(answer)) throw new UserError('the answer is no JSON object: is this the URL of a Prometheus?')
  if (answer.status === 'error')
    throw new UserError(`Prometheus refuses: ${String(answer.error).slice(0, MAX_MESSAGE)}`)
  const { data } = answer
  if (!isRecord(data) || data.resultType !== type || !Array.isArray(data.result))
    throw new UserError(`the answer has no ${type}: is this the URL of a Prometheus?`)
  return data.result.slice(0, MAX_ROWS)
}

function toLabels(metric: unknown): Labels {
  const entries = isRecord(metric) ? Object.entries(metric) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

const toPoint = (value: unknown): readonly [number, number] | undefined => {
  if (!Array.isArray(value)) return undefined
  const [seconds, number] = [Number(value[0]), Number(value[1])]
  return Number.isFinite(seconds) && Number.isFinite(number) ? [seconds, number] : undefined
}

/** What an answer warns of, as Thanos does where a store is away and rows are therefore missing. What PromQL says of an expression is left out. */
export function listWarnings(answer: unknown): readonly string[] {
  const warnings = isRecord(answer) && Array.isArray(answer.warnings) ? answer.warnings : []
  return warnings
    .filter((warning): warning is string => typeof warning === 'string' && !warning.startsWith('PromQL '))
    .map(warning => warning.slice(0, MAX_MESSAGE))
}

/** Parses the answer to an instant query. Rows without a finite value are left out. @throws UserError */
export function parseVector(answer: unknown): readonly Row[] {
  return requireResult(answer, 'vector').flatMap(item => {
    const point = isRecord(item) ? toPoint(item.value) : undefined
    return point && isRecord(item) ? [{ labels: toLabels(item.metric), value: point[1] }] : []
  })
}

/** Parses the answer to a range query. @throws UserError */
export function parseMatrix(answer: unknown): readonly Range[] {
  return requireResult(answer, 'matrix').flatMap(item => {
    if (!isRecord(item) || !Array.isArray(item.values)) return []
    const points = item.values.slice(0, MAX_ROWS).flatMap(value => {
      const point = toPoint(value)
      return point ? [point] : []
    })
    return [{ labels: toLabels(item.metric), points }]
  })
}
