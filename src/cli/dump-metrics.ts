// A recording as OpenMetrics text. All samples of a metric stand together, so they wait in a spool: memory is bounded by the number of metrics.

import { UserError } from '../base/errors.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { Field } from '../export/fields.ts'
import {
  collectSamples,
  END,
  formatFamilyHead,
  formatMetric,
  formatPoint,
  type MetricFamily,
} from '../export/openmetrics.ts'
import { toStateJson } from '../export/state-json.ts'
import { writeStdout } from './recordings.ts'
import { SpillBuffer } from './spill-buffer.ts'

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
export async function dumpMetrics(states: Iterable<MonitorState>, fields: readonly Field[] | undefined): Promise<void> {
  const isWanted = (field: string): boolean => fields?.some(({ text }) => isWithin(field, text)) ?? true
  const families = new Map<MetricFamily, Set<string>>()
  const spillBuffer = new SpillBuffer()
  const matchedFields = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  try {
    for (const { history, alerts } of states) {
      const wallClock = Math.round(history.session.wallClock + history.time)
      if (wallClock <= last) continue // two samples of a metric may not have one time
      last = wallClock
      for (const sample of collectSamples(toStateJson(history, alerts, SECTIONS))) {
        if (!isWanted(sample.field)) continue
        for (const { text } of fields ?? []) if (isWithin(sample.field, text)) matchedFields.add(text)
        const metric = formatMetric(sample, history.session.host)
        families.set(sample.family, (families.get(sample.family) ?? new Set()).add(metric))
        spillBuffer.append(metric, formatPoint(sample.value, wallClock))
      }
    }
    const missing = fields?.find(({ text }) => !matchedFields.has(text))
    if (missing) throw new UserError(`--fields ${missing.text}: no number over time; OpenMetrics holds nothing else`)
    for (const [family, metrics] of families) {
      await writeStdout(formatFamilyHead(family))
      for (const metric of metrics)
        for (const points of spillBuffer.read(metric)) await writeStdout(points.replace(/^(?=.)/gm, () => `${metric} `))
    }
    await writeStdout(END)
  } finally {
    spillBuffer.close()
  }
}

const isWithin = (field: string, selector: string): boolean =>
  field === selector || field.startsWith(`${selector}.`) || field.startsWith(`${selector}[`)
