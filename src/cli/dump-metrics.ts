// A recording as OpenMetrics text. All samples of a metric stand together, so they wait in a spool: memory is bounded by the number of metrics.

import { UserError } from '../base/errors.ts'
import type { MonitorState } from '../detectors/watch.ts'
import type { Field } from '../export/fields.ts'
import { END, type MetricFamily, formatFamilyHead, formatMetric, formatPoint, collectSamples } from '../export/openmetrics.ts'
import { toStateJson } from '../export/state-json.ts'
import { write } from './recordings.ts'
import { Spool } from './spool.ts'

/** Parts of the state that have numbers over time. */
const SECTIONS: ReadonlySet<string> = new Set([
  'memory',
  'vmstat',
  'pressure',
  'cgroup',
  'slab',
  'cgroups',
  'kernelLog',
])

/** @throws UserError for a field that is no number over time */
export async function dumpMetrics(watches: Iterable<MonitorState>, fields: readonly Field[] | undefined): Promise<void> {
  const wanted = (field: string): boolean => fields?.some(({ text }) => isWithin(field, text)) ?? true
  const families = new Map<MetricFamily, Set<string>>()
  const spool = new Spool()
  const met = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  try {
    for (const { history, alerts } of watches) {
      const wall = Math.round(history.session.wallClock + history.time)
      if (wall <= last) continue // two samples of a metric may not have one time
      last = wall
      for (const sample of collectSamples(toStateJson(history, alerts, SECTIONS))) {
        if (!wanted(sample.field)) continue
        for (const { text } of fields ?? []) if (isWithin(sample.field, text)) met.add(text)
        const metric = formatMetric(sample, history.session.host)
        families.set(sample.family, (families.get(sample.family) ?? new Set()).add(metric))
        spool.put(metric, formatPoint(sample.value, wall))
      }
    }
    const missing = fields?.find(({ text }) => !met.has(text))
    if (missing) throw new UserError(`--fields ${missing.text}: no number over time; OpenMetrics holds nothing else`)
    for (const [family, metrics] of families) {
      await write(formatFamilyHead(family))
      for (const metric of metrics)
        for (const points of spool.read(metric)) await write(points.replace(/^(?=.)/gm, () => `${metric} `))
    }
    await write(END)
  } finally {
    spool.close()
  }
}

const isWithin = (field: string, wanted: string): boolean =>
  field === wanted || field.startsWith(`${wanted}.`) || field.startsWith(`${wanted}[`)
