// Error storms: an application log that suddenly fills with errors, and the memory that grows in the same minutes.

import { findAgreement } from '../base/cross-correlation.ts'
import { formatCount, formatDuration, formatRate, formatSignedBytes } from '../base/format.ts'
import { getFirstTime, getValueAt, type Series } from '../base/series.ts'
import { pickMedian } from '../base/slope-interval.ts'
import { MINUTE, MiB } from '../base/units.ts'
import type { AppLog } from '../collectors/applog/index.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'

const defaults = {
  /** errors per second over half a minute */
  perSecond: 5,
  /** times the usual rate of this log */
  factor: 10,
  /** correlation from which a growth is said to go with the errors */
  agreement: 0.6,
  /** MiB that memory must have grown meanwhile */
  growth: 16,
}

const WINDOW = 30_000
const BASELINE = 15 * MINUTE
const STEP = 5000
const MAX_LAG = 12 // steps

export const errorStorm: Detector<typeof defaults> = {
  title: 'an application log fills with errors',
  collectors: ['applog', 'meminfo'],
  defaults,
  detect: (history, thresholds, open) =>
    [...history.applog].flatMap(([name, log]) => {
      const rate = computeErrorRate(log.errors, history.time, WINDOW)
      const usual = computeUsualRate(log.errors, history.time)
      if (rate === undefined || usual === undefined) return []
      const hysteresis = open?.has(name) ? 0.5 : 1
      const isStorm =
        rate >= thresholds.perSecond * hysteresis && rate >= thresholds.factor * hysteresis * Math.max(usual, 0.05)
      return isStorm
        ? [buildFinding(history, name, log, { rate, usual, companion: findCompanion(history, log, thresholds) })]
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

/** A kind of memory that grew in the same minutes. */
interface Companion {
  /** name as in `findEvidenceSeries` */
  readonly name: string
  readonly label: string
  readonly growth: number
  readonly r: number
  /** ms that memory follows the errors; negative: it came first */
  readonly lag: number
}

const MEMORY = [
  'SUnreclaim',
  'SReclaimable',
  'AnonPages',
  'Shmem',
  'KernelStack',
  'PageTables',
  'Percpu',
  'unaccounted',
] as const

function findCompanion(history: History, log: AppLog, { agreement, growth }: typeof defaults): Companion | undefined {
  const { time } = history
  const span = Math.min(BASELINE, time)
  const errors = computeRates(log.errors, time, span)
  const candidates = [
    ...MEMORY.map(name => ({ name: `meminfo ${name}`, label: name, series: history.meminfo.series[name] })),
    ...[...history.cgroups.cgroups.values()].map(({ path, series }) => ({
      name: `cgroup ${path}`,
      label: path,
      series,
    })),
  ]
  const found = candidates.flatMap(({ name, label, series }): readonly Companion[] => {
    if (!series || series.length < 3 || label === '/') return []
    const grown = (getValueAt(series, time) ?? 0) - (getValueAt(series, time - span) ?? series.values[0]!)
    if (grown < growth * MiB) return []
    const best = findAgreement(errors, computeRates(series, time, span), MAX_LAG)
    return best && computeScore(best.r, best.lag * STEP) >= agreement
      ? [{ name, label, growth: grown, r: best.r, lag: best.lag * STEP }]
      : []
  })
  return found.sort((a, b) => computeScore(b.r, b.lag) - computeScore(a.r, a.lag))[0]
}

// Of many curves one agrees by chance at some lag: the longer the lag, the better the agreement must be.
const computeScore = (r: number, lag: number): number => r * (1 - Math.abs(lag) / (4 * MINUTE))

// Change per step, smoothed over three: samples of memory and of logs do not come at the same moments.
function computeRates(series: Series, time: number, span: number): readonly number[] {
  const steps = Math.floor(span / STEP)
  const values = Array.from(
    { length: steps + 1 },
    (_, i) => getValueAt(series, time - (steps - i) * STEP) ?? series.values[0] ?? 0,
  )
  const changes = values.slice(1).map((value, i) => value - values[i]!)
  return changes.map((change, i) => (change + (changes[i - 1] ?? change) + (changes[i + 1] ?? change)) / 3)
}

interface StormFacts {
  readonly rate: number
  readonly usual: number
  readonly companion: Companion | undefined
}

function buildFinding(history: History, name: string, log: AppLog, { rate, usual, companion }: StormFacts): Finding {
  const [top] = [...log.patterns].sort((a, b) => b[1] - a[1])
  const pattern = top ? `: "${top[0]}"` : ''
  const together = companion ? `; ${describeCompanion(companion)}` : ''
  return buildCondition(history, {
    subject: name,
    severity: companion ? 'warning' : 'info',
    title: 'ERROR STORM',
    summary: `${name} has errors at ${formatRate(rate)} (usually ${formatRate(usual)})${pattern}${together}`,
    confidence: companion
      ? `medium: the curves of errors and of ${companion.label} agree with r = ${companion.r.toFixed(2)}; what causes what, they do not say`
      : 'high: counted in the log',
    cost: 'each failed request may leave memory behind; logs fill the disk',
    evidenceSeries: [`log ${name}`, ...(companion ? [companion.name] : ['meminfo MemAvailable'])],
    evidence: listEvidence(
      ['errors', rate, 'perSecond'],
      ['usual errors', usual, 'perSecond'],
      ['errors so far', log.errors.values[log.errors.length - 1], 'count'],
      ['most frequent error', top ? `${formatCount(top[1])} times: ${top[0]}` : null, 'text'],
      ['grows with it', companion?.label, 'text'],
      ['growth meanwhile', companion?.growth, 'bytes'],
      ['agreement (r)', companion ? companion.r.toFixed(2) : null, 'text'],
      ['lag', companion ? Math.abs(companion.lag) : null, 'ms'],
    ),
    remedy: [
      { text: 'read the log around the time the storm began', risk: 'none' },
      { text: 'stop the retries: the caller of the failing operation, a circuit breaker, less traffic', risk: 'low' },
    ],
  })
}

function describeCompanion({ label, growth, r, lag }: Companion): string {
  const order = lag === 0 ? 'at the same time' : `${formatDuration(Math.abs(lag))} ${lag > 0 ? 'later' : 'earlier'}`
  return `${label} grew ${formatSignedBytes(growth)} in step (r = ${r.toFixed(2)}, ${order})`
}
