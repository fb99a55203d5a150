// OpenMetrics 1.0 text. All samples of a metric must follow each other, so they wait in a buffer until the end.
import { UserError } from '../base/errors.ts'
import { escapeControls } from '../base/text.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { DumpFormat, TextBuffer } from './dump-format.ts'
import type { Field } from './fields.ts'
import { collectSamples, type MetricFamily, type MetricSample } from './metric-samples.ts'
import { toStateJson } from './state-json.ts'

/** Sections of the state that hold numbers over time. */
const SECTIONS: ReadonlySet<string> = new Set([
  'memory',
  'vmstat',
  'pressure',
  'cgroup',
  'slab',
  'cgroups',
  'kernelLog',
])

type MetricsByFamily = Map<MetricFamily, Set<string>>

/** The output format `openmetrics`. */
export const formatOpenMetrics: DumpFormat = function* (states, { fields, openBuffer }) {
  const buffer = openBuffer()
  try {
    const families = collectMetrics(states, fields, buffer)
    for (const [family, metrics] of families) {
      yield formatFamilyHead(family)
      for (const metric of metrics)
        for (const points of buffer.read(metric)) yield points.replace(/^(?=.)/gm, () => `${metric} `)
    }
    yield END
  } finally {
    buffer.close()
  }
}

function collectMetrics(
  states: Iterable<MonitorState>,
  fields: readonly Field[] | undefined,
  buffer: TextBuffer,
): MetricsByFamily {
  const families: MetricsByFamily = new Map()
  const matchedFields = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  for (const { history, alerts } of states) {
    const wallClock = Math.round(toWallTime(history.session, history.time))
    if (wallClock <= last) continue // a metric may not have two samples at one time
    last = wallClock
    for (const sample of collectSamples(toStateJson(history, alerts, SECTIONS))) {
      const selectors = fields?.filter(({ text }) => isWithin(sample.field, text))
      if (selectors?.length === 0) continue
      for (const { text } of selectors ?? []) matchedFields.add(text)
      const metric = formatMetric(sample, history.session.host)
      families.set(sample.family, (families.get(sample.family) ?? new Set()).add(metric))
      buffer.append(metric, formatPoint(sample.value, wallClock))
    }
  }
  const missing = fields?.find(({ text }) => !matchedFields.has(text))
  if (missing) throw new UserError(`--fields ${missing.text}: not a number over time, OpenMetrics holds nothing else`)
  return families
}

const isWithin = (field: string, selector: string): boolean =>
  field === selector || field.startsWith(`${selector}.`) || field.startsWith(`${selector}[`)

/** Formats the lines before the samples of a family. */
export const formatFamilyHead = ({ name, type, unit, help }: MetricFamily): string =>
  `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}`

/** Formats the name and labels of a sample: samples of one metric have the same. */
export function formatMetric({ family: { name, type }, labels }: MetricSample, instance: string): string {
  const pairs = Object.entries({ instance, ...labels }).map(([label, value]) => `${label}="${escapeText(value)}"`)
  return `${name}${type === 'counter' ? '_total' : ''}{${pairs.join(',')}}`
}

/** Formats a sample without its metric: the value, and seconds since 1970. */
export const formatPoint = (value: number, wallClock: number): string =>
  `${value === Number.POSITIVE_INFINITY ? '+Inf' : value} ${(Math.round(wallClock) / 1000).toFixed(3)}\n`

// Control characters would reach a terminal: they are written out first.
const escapeText = (text: string): string => escapeControls(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')

const END = '# EOF\n'
