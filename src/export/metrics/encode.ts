// Metrics as text: OpenMetrics 1.0 and the Prometheus text format 0.0.4. https://prometheus.io/docs/specs/om/open_metrics_spec/
import type { MetricsInput } from './collect.ts'
import { FAMILIES, type Family } from './families.ts'
import type { Exemplar, Sample } from './sample.ts'

/** The two formats of the exposition of Prometheus. */
export type MetricsFormat = 'openmetrics' | 'text'

/** The Content-Type of each format. */
export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
}

/** All families that have a sample. */
export function encodeMetrics(input: MetricsInput, format: MetricsFormat): string {
  const blocks = FAMILIES.flatMap(family => {
    const samples = family.collect(input)
    return samples.length === 0 ? [] : [encodeFamily(family, samples, format)]
  })
  return blocks.join('') + (format === 'openmetrics' ? '# EOF\n' : '')
}

// Samples of a counter end in `_total`, of an info in `_info`. The text format names them so in HELP and TYPE too.
const SUFFIXES = { gauge: '', counter: '_total', info: '_info' }

function encodeFamily({ name, type, unit, help }: Family, samples: readonly Sample[], format: MetricsFormat): string {
  const sampleName = `${name}${SUFFIXES[type]}`
  const isText = format === 'text'
  const headName = isText ? sampleName : name
  const head = [
    `# HELP ${headName} ${escapeHelp(help)}`,
    `# TYPE ${headName} ${isText && type === 'info' ? 'gauge' : type}`,
    ...(unit === undefined || isText ? [] : [`# UNIT ${name} ${unit}`]),
  ]
  const lines = samples.map(
    ({ labels, value, exemplar }) =>
      `${sampleName}${encodeLabels(labels)} ${value}${isText || !exemplar ? '' : encodeExemplar(exemplar)}`,
  )
  return `${[...head, ...lines].join('\n')}\n`
}

const encodeExemplar = ({ labels, value, time }: Exemplar): string =>
  ` # ${encodeLabels(labels) || '{}'} ${value} ${time.toFixed(3)}`

function encodeLabels(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** Backslash, quote and line feed as the formats require; other control characters are written out, invalid UTF-16 is replaced. */
export const escapeLabel = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\\"\n]/g, character => (character === '\n' ? '\\n' : `\\${character}`))
    .replace(/[\x00-\x1f\x7f-\x9f]/g, character => `\\\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

/** The format that an Accept header asks for; OpenMetrics only where it is named. */
export const pickFormat = (accept: string | undefined): MetricsFormat =>
  accept !== undefined && /\bapplication\/openmetrics-text\b/.test(accept.slice(0, 1000)) ? 'openmetrics' : 'text'
