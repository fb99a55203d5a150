// Error storms: an application log that suddenly fills with errors, and the memory that grows in the same minutes.

import { formatCount, formatDuration, formatRate, formatSignedBytes } from '../base/format.ts'
import { getFirstTime, getValueAt, type Series } from '../base/series.ts'
import { pickMedian } from '../base/slope-interval.ts'
import { MINUTE } from '../base/units.ts'
import type { AppLog } from '../collectors/applog/index.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { BASELINE, type Companion, type Companions, findCompanions } from './storm-companions.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  perSecond: [5, 'errors per second', 'fewer errors over half a minute raise no alert'],
  factor: [10, 'times', 'errors against the usual rate of this log'],
  agreement: [0.6, 'correlation, 0 to 1', 'from here on a growth is said to go with the errors'],
  growth: [16, 'MiB', 'growth of memory in the same minutes: less is not named'],
} as const satisfies ThresholdTable

const WINDOW = 30_000

export const errorStorm: Detector<typeof THRESHOLDS> = {
  title: 'an application log fills with errors',
  topic: 'log',
  alerts: [
    {
      titles: ['ERROR STORM'],
      meaning:
        'A log named with `--log` or `--log-command` has ten times its usual errors. If memory grew in the same minutes, the alert names it, how well the two curves agree (r) and which came first. It does not claim a cause.',
      lasts: 'while it holds',
      response: 'read the log around the beginning; stop the retries',
    },
  ],
  collectors: ['applog', 'meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) =>
    [...history.applog].flatMap(([name, log]) => {
      const rate = computeErrorRate(log.errors, history.time, WINDOW)
      const usual = computeUsualRate(log.errors, history.time)
      if (rate === undefined || usual === undefined) return []
      const hysteresis = open?.has(name) ? 0.5 : 1
      const isStorm =
        rate >= thresholds.perSecond * hysteresis && rate >= thresholds.factor * hysteresis * Math.max(usual, 0.05)
      return isStorm
        ? [buildFinding(history, name, log, { rate, usual, companions: findCompanions(history, log, thresholds) })]
        : []
    }),
}

function computeErrorRate(errors: Series, time: number, span: number): number | undefined {
  const [from, to] = [getValueAt(errors, time - span) ?? 0, getValueAt(errors, time)]
  return to === undefined ? undefined : ((to - from) * 1000) / span
}

// Median rate before the last minute; a log that is watched for less than two minutes has no usual rate yet.
function computeUsualRate(errors: Series, time: number): number | undefined {
  const first = getFirstTime(errors)
  if (first === undefined || time < 2 * MINUTE) return undefined
  const end = time - MINUTE
  const begin = Math.max(0, end - BASELINE)
  const rates: number[] = []
  for (let at = begin + WINDOW; at <= end; at += WINDOW) rates.push(computeErrorRate(errors, at, WINDOW) ?? 0)
  return rates.length === 0 ? undefined : pickMedian(rates.sort((a, b) => a - b))
}

interface StormFacts {
  readonly rate: number
  readonly usual: number
  readonly companions: Companions
}

function buildFinding(history: History, name: string, log: AppLog, facts: StormFacts): Finding {
  const { rate, usual, companions } = facts
  const found = [companions.memory, companions.cgroup].filter(one => one !== undefined)
  const [main] = found
  const [top] = [...log.patterns].sort((a, b) => b[1] - a[1])
  const pattern = top ? `: "${top[0]}"` : ''
  const together = found.length === 0 ? '' : `; ${found.map(describeCompanion).join(', and ')}`
  return buildCondition(history, {
    subject: name,
    severity: found.length > 0 ? 'warning' : 'info',
    title: 'ERROR STORM',
    summary: `${name} has errors at ${formatRate(rate)} (usually ${formatRate(usual)})${pattern}${together}`,
    confidence: describeConfidence(main),
    cost: 'each failed request may leave memory behind; logs fill the disk',
    evidenceSeries: [`log ${name}`, ...(found.length > 0 ? found.map(one => one.name) : ['meminfo MemAvailable'])],
    evidence: listEvidence(
      ['errors', rate, 'perSecond'],
      ['usual errors', usual, 'perSecond'],
      ['errors so far', log.errors.values[log.errors.length - 1], 'count'],
      ['most frequent error', top ? `${formatCount(top[1])} times: ${top[0]}` : null, 'text'],
      ['the newest of them', (top && log.texts.get(top[0])) ?? null, 'text'],
      ['grows with it', main?.label, 'text'],
      ['growth meanwhile', main?.growth, 'bytes'],
      ['agreement (r)', main ? main.r.toFixed(2) : null, 'text'],
      ['lag', main ? Math.abs(main.lag) : null, 'ms'],
      ['cgroup that grows with it', companions.cgroup?.label, 'text'],
      ['growth of the cgroup', companions.cgroup?.growth, 'bytes'],
    ),
    remedy: [
      { text: 'read the log around the time the storm began', risk: 'none' },
      { text: 'stop the retries: the caller of the failing operation, a circuit breaker, less traffic', risk: 'low' },
    ],
  })
}

const describeConfidence = (companion: Companion | undefined): string =>
  companion
    ? `medium: the curves of errors and of ${companion.label} agree with r = ${companion.r.toFixed(2)}; what causes what, they do not say`
    : 'high: counted in the log'

function describeCompanion({ label, growth, r, lag }: Companion): string {
  const order = lag === 0 ? 'at the same time' : `${formatDuration(Math.abs(lag))} ${lag > 0 ? 'later' : 'earlier'}`
  return `${label} grew ${formatSignedBytes(growth)} in step (r = ${r.toFixed(2)}, ${order})`
}
