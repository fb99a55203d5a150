// Writes deploy/grafana/kmemtop.json, the dashboard of Grafana: panels of the metrics in src/export/metrics/families.ts.
import { readFileSync, writeFileSync } from 'node:fs'
import { VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { FAMILIES, type Family } from '../../src/export/metrics/families.ts'

const FILE = new URL('../../deploy/grafana/kmemtop.json', import.meta.url)

/** A panel of one metric. Its unit and description are those of the metric. */
interface PanelSpec {
  readonly title: string
  readonly metric: string
  /** of PromQL, where not every series is wanted */
  readonly matchers?: string
  /** the labels that its lines differ in, besides the instance */
  readonly by: readonly string[]
  /** only so many lines, the largest; by default all */
  readonly top?: number
}

/** The rows of the dashboard. Every metric but those of NOT_SHOWN is in one. */
const ROWS: Readonly<Record<string, readonly PanelSpec[]>> = {
  Alerts: [
    { title: 'Alerts', metric: 'kmemtop_alerts', by: ['severity'] },
    { title: 'Severity of alerts', metric: 'kmemtop_alert_severity', by: ['detector'] },
    { title: 'Time left', metric: 'kmemtop_alert_time_left_seconds', by: ['detector', 'subject'] },
    { title: 'OOM kills', metric: 'kmemtop_oom_kills', by: ['namespace', 'pod'] },
  ],
  Memory: [
    { title: 'Memory by kind', metric: 'kmemtop_meminfo_bytes', by: ['name'] },
    {
      title: 'Memory of the kernel',
      metric: 'kmemtop_meminfo_bytes',
      matchers: 'name=~"SUnreclaim|SReclaimable|KernelStack|PageTables|Percpu|VmallocUsed|unaccounted"',
      by: ['name'],
    },
    { title: 'Slab caches', metric: 'kmemtop_slab_cache_bytes', by: ['cache'], top: 20 },
    { title: 'Memory pressure', metric: 'kmemtop_pressure_stalled_seconds', by: ['kind'] },
    { title: 'Reclaim, swap, kills of the kernel', metric: 'kmemtop_vmstat_events', by: ['name'] },
  ],
  Cgroups: [
    { title: 'Cgroups', metric: 'kmemtop_cgroups', by: ['state'] },
    {
      title: 'Memory of cgroups that an alert is about',
      metric: 'kmemtop_cgroup_memory_bytes',
      by: ['cgroup', 'pod', 'kind'],
      top: 40,
    },
    { title: 'Memory cgroup IDs used, of 65535', metric: 'kmemtop_memcg_ids_used', by: [] },
  ],
  'kmemtop itself': [
    { title: 'CPU', metric: 'kmemtop_process_cpu_seconds', by: [] },
    { title: 'Resident memory', metric: 'kmemtop_process_resident_memory_bytes', by: [] },
    { title: 'Cost of a sample', metric: 'kmemtop_source_cost_seconds', by: ['source'] },
    { title: 'Sources that can be read', metric: 'kmemtop_source_up', by: ['source'] },
    { title: 'Lost kernel-log records', metric: 'kmemtop_kernel_log_lost_records', by: [] },
    { title: 'A recording is written', metric: 'kmemtop_recording_up', by: [] },
  ],
}

/** Metrics without a panel: labels for joins, and the time of the last sample, which the rules watch. */
export const NOT_SHOWN = ['kmemtop_build', 'kmemtop_last_sample_timestamp_seconds']

const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
const SELECTOR = 'job=~"$job",instance=~"$instance"'
const UNITS = { bytes: 'bytes', seconds: 's', ratio: 'percentunit' }
const WIDTH = 24

function findFamily(metric: string): Family {
  const family = FAMILIES.find(({ name }) => name === metric)
  if (!family) throw new Error(`no metric ${metric}`)
  return family
}

// A counter of pods begins with its first kill, which rate() does not see: it is drawn as it is.
const isDrawnAsRate = ({ type, name }: Family): boolean => type === 'counter' && name !== 'kmemtop_oom_kills'

function buildQuery({ metric, matchers, by, top }: PanelSpec): string {
  const family = findFamily(metric)
  const { type } = family
  const selector = `${metric}${type === 'counter' ? '_total' : ''}{${[SELECTOR, matchers].filter(Boolean).join(',')}}`
  const isRate = isDrawnAsRate(family)
  const query = `max by (${['instance', ...by].join(', ')}) (${isRate ? `rate(${selector}[$__rate_interval])` : selector})`
  return top === undefined ? query : `topk(${top}, ${query})`
}

// Seconds per second are a share.
function findUnit(family: Family): string {
  if (isDrawnAsRate(family)) return family.unit === 'seconds' ? 'percentunit' : 'short'
  return family.unit === undefined ? 'short' : UNITS[family.unit]
}

function buildPanel(spec: PanelSpec, id: number, width: number): PanelBuilder {
  const family = findFamily(spec.metric)
  const isRate = isDrawnAsRate(family)
  const legend = ['instance', ...spec.by].map(label => `{{${label}}}`).join(' ')
  const query = new DataqueryBuilder().refId('A').expr(buildQuery(spec)).legendFormat(legend).range()
  return new PanelBuilder()
    .id(id)
    .title(spec.title)
    .description(isRate ? `${family.help} Per second.` : family.help)
    .datasource(DATASOURCE)
    .unit(findUnit(family))
    .min(0)
    .span(width)
    .height(8)
    .legend(new VizLegendOptionsBuilder().showLegend(true))
    .withTarget(query)
}

const buildVariable = (name: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name).datasource(DATASOURCE).query(query).multi(true).includeAll(true).allValue('.+')

/** Returns the text of the file. */
export function formatDashboard(): string {
  const builder = new DashboardBuilder('Kernel memory (kmemtop)')
    .uid('kmemtop')
    .tags(['kmemtop'])
    .description('Generated by `npm run docs` from the metrics of kmemtop serve.')
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withVariable(buildVariable('job', 'label_values(kmemtop_build_info, job)'))
    .withVariable(buildVariable('instance', 'label_values(kmemtop_build_info{job=~"$job"}, instance)'))
  let id = 0
  for (const [title, panels] of Object.entries(ROWS)) {
    builder.withRow(new RowBuilder(title).id(++id))
    for (const spec of panels)
      builder.withPanel(buildPanel(spec, ++id, panels.length % 3 === 0 ? WIDTH / 3 : WIDTH / 2))
  }
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`
}

/** A query without the variables of Grafana, as Prometheus takes it. */
export const resolveVariables = (query: string): string =>
  query.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:job|instance)/g, '.+')

/** Returns the file as it is on disk. */
export const readDashboard = (): string => readFileSync(FILE, 'utf8')

if (import.meta.main) writeFileSync(FILE, formatDashboard())
