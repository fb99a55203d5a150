// The table of metrics as OpenTelemetry's data: https://opentelemetry.io/docs/specs/otel/metrics/data-model/
import { ValueType } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { MetricsInput } from '../../export/metrics/collect.ts'
import { FAMILIES, type Family } from '../../export/metrics/families.ts'
import type { Sample } from '../../export/metrics/sample.ts'
import type { History } from '../../history.ts'

/** Units of UCUM, from which receivers build the endings of Prometheus. */
const UNITS: Readonly<Record<NonNullable<Family['unit']>, string>> = { bytes: 'By', seconds: 's', ratio: '1' }

/**
 * Describes the node, as the job and instance of Prometheus are made from it. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME
 * come before.
 */
export function describeResource({ session: { host } }: History, version: string): Resource {
  const node = { 'service.instance.id': host, 'host.name': host }
  const own = resourceFromAttributes({ 'service.name': 'kmemtop', 'service.version': version, ...node })
  return own.merge(detectResources({ detectors: [envDetector] }))
}

/** Converts all metrics that have a sample. */
export function toResourceMetrics(input: MetricsInput, resource: Resource): ResourceMetrics {
  const metrics = FAMILIES.flatMap(family => {
    const samples = family.collect(input)
    return samples.length === 0 ? [] : [toMetric(family, samples, input.history)]
  })
  return { resource, scopeMetrics: [{ scope: { name: 'kmemtop', version: input.version }, metrics }] }
}

function toMetric({ name, type, unit, help, since }: Family, samples: readonly Sample[], history: History): MetricData {
  const [startTime, endTime] = [millisToHrTime(findStart(history, since)), millisToHrTime(findNow(history))]
  const dataPoints = samples.map(
    ({ labels, value }): DataPoint<number> => ({ startTime, endTime, attributes: labels, value }),
  )
  const descriptor = {
    name: type === 'info' ? `${name}_info` : name,
    description: help,
    unit: unit === undefined ? '' : UNITS[unit],
    valueType: ValueType.DOUBLE,
  }
  const common = { descriptor, dataPoints, aggregationTemporality: AggregationTemporality.CUMULATIVE }
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE }
}

const findNow = ({ session, time }: History): number => toWallTime(session, time)

// Where the boot is unknown a counter began no later than the session.
const findStart = ({ session }: History, since: Family['since']): number =>
  toWallTime(session, 0) - (since === 'boot' ? (session.monotonic ?? 0) : 0)
