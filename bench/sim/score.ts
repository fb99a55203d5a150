// Scores a detector on a case: its alerts compared with the known truth.
import type { Alert } from '../../src/detectors/alerts.ts'
import { computeHeadroom } from '../../src/detectors/growth/forecast.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { BASELINES, type Baseline, type NodeSample } from './baselines.ts'
import { type CorpusCase, findTime } from './corpus.ts'
import { createSimSession, generateReadings } from './node.ts'
import { DAY, MINUTE } from './signals.ts'

/** An alert: from raised to resolved (or the end), and whether it was critical. */
export interface AlertSpan {
  readonly raised: number
  readonly over: number
  readonly critical: boolean
}

/** The score of one detector on one case. Times are ms. */
export interface Score {
  /** the kind of leak */
  readonly leak?: string
  readonly found: boolean
  /** time from the start of the leak to its alert, and that as a share of the time until memory is used up */
  readonly delay?: number
  readonly used?: number
  /** error of the predicted time left as a share of the true one, half-way (or at the end of the session) */
  readonly leftError?: number
  /** the same error for an oracle that knows when the leak began and divides the leaked bytes by the time */
  readonly oracleError?: number
  readonly named?: boolean
  readonly falseAlarms: number
  readonly criticalOnGrowth: number
  readonly shown: number
  readonly days: number
}

const GRACE = 20 * MINUTE

/** Scores kmemtop and each baseline on a case, and measures the CPU time of kmemtop. */
export function scoreCase(one: CorpusCase): {
  readonly scores: Readonly<Record<string, Score>>
  readonly samples: number
  readonly cpu: number
  readonly alerts: readonly Alert[]
  /** detectors that raised an alert before anything leaked */
  readonly others: readonly string[]
} {
  const judges = Object.entries(BASELINES).map(([name, make]) => ({ name, judge: make(), said: [] as AlertSpan[] }))
  let watch: MonitorState = createMonitorState(createSimSession(one.name))
  const seen = new Map<string, Alert & { criticalAt?: number }>()
  let [samples, cpu] = [0, 0]
  const halfway = one.leak && Math.min(one.samples.at(-1)!, (one.leak.begin + one.leak.gone) / 2)
  let [left, trueLeft, oracle, base] = [undefined as number | undefined, 0, 0, 0]
  for (const readings of generateReadings(one.node, one.samples)) {
    const begun = performance.now()
    for (const reading of readings) watch = applyReading(watch, reading, defaultThresholds)
    cpu += performance.now() - begun
    samples++
    for (const alert of watch.alerts) {
      const key = `${alert.detector} ${alert.subject} ${alert.raisedAt}`
      const before = seen.get(key)
      const criticalAt = before?.criticalAt ?? (alert.severity === 'critical' ? watch.history.time : undefined)
      seen.set(key, { ...alert, ...(criticalAt === undefined ? {} : { criticalAt }) })
    }
    if (one.leak && watch.history.time <= one.leak.begin) base = getLeakedBytes(one, watch)
    else if (one.leak && halfway !== undefined && watch.history.time <= halfway) {
      left = getPredictedTimeLeft(watch.alerts.filter(matchOwnAlerts(one))) ?? left
      trueLeft = computeTimeLeft(one.leak, watch)
      const gained = getLeakedBytes(one, watch) - base
      oracle = ((computeHeadroom(watch.history) ?? 0) / Math.max(1, gained)) * (watch.history.time - one.leak.begin)
    }
    const numbers = toNodeSample(watch)
    for (const { judge, said } of judges) recordVerdict(judge, numbers, said)
    if (one.leak && watch.history.time > one.leak.gone) break
  }
  const end = watch.history.time
  const isOwn = matchOwnAlerts(one)
  const own = [...seen.values()].filter(alert => isOwn(alert) && alert.severity !== 'info')
  const said = own.map(alert => ({
    raised: alert.raisedAt,
    over: alert.resolvedAt ?? end,
    critical: alert.criticalAt !== undefined && alert.criticalAt < (one.leak?.begin ?? Number.POSITIVE_INFINITY),
  }))
  const begin = one.leak?.begin ?? Number.POSITIVE_INFINITY
  const others = [...seen.values()].filter(
    alert =>
      !isOwn(alert) &&
      alert.severity !== 'info' &&
      alert.raisedAt < begin &&
      !(alert.detector === 'slab-growth' && isExcused(one, alert.raisedAt)),
  )
  const extra = {
    ...(one.leak && halfway !== undefined && left !== undefined
      ? { leftError: Math.abs(left - trueLeft) / trueLeft, oracleError: Math.abs(oracle - trueLeft) / trueLeft }
      : {}),
    ...(one.leak && !one.leak.gauge ? { named: getNamedCache(own.at(-1)) === one.leak.cache } : {}),
  }
  const mine = { ...computeScore(one, said, end), ...extra }
  const scores = {
    kmemtop: { ...mine, falseAlarms: mine.falseAlarms + others.length },
    ...Object.fromEntries(judges.map(judge => [judge.name, computeScore(one, judge.said, end)])),
  }
  return { scores, samples, cpu, alerts: [...seen.values()], others: others.map(({ detector }) => detector) }
}

function computeTimeLeft({ taken, begin }: NonNullable<CorpusCase['leak']>, { history }: MonitorState): number {
  const all = taken(history.time) + (computeHeadroom(history) ?? 0)
  return findTime(taken, all, begin) - history.time
}

/** The alerts that should report the leak. */
const matchOwnAlerts =
  ({ leak }: CorpusCase) =>
  ({ detector, subject }: Alert): boolean =>
    leak?.gauge === undefined ? detector === 'slab-growth' : detector === 'kernel-memory' && subject === leak.gauge

/** The number that leaks. */
const getLeakedBytes = ({ leak }: CorpusCase, { history }: MonitorState): number =>
  history.meminfo.values.get(leak?.gauge ?? 'SUnreclaim') ?? 0

const getPredictedTimeLeft = (alerts: readonly Alert[]): number | undefined => {
  const open = alerts.find(({ resolvedAt }) => resolvedAt === undefined)
  return open?.forecast?.timeLeft
}

const getNamedCache = (alert: Alert | undefined): string | undefined => alert?.caches?.[0]

function toNodeSample({ history }: MonitorState): NodeSample {
  const { values } = history.meminfo
  const of = (name: string): number => values.get(name) ?? 0
  return { time: history.time, total: of('MemTotal'), available: of('MemAvailable'), unreclaimable: of('SUnreclaim') }
}

// An alert of a baseline ends after ten minutes without a verdict.
function recordVerdict(judge: Baseline, sample: NodeSample, spans: AlertSpan[]): void {
  if (!judge(sample)) return
  const last = spans.at(-1)
  if (last && sample.time - last.over < 10 * MINUTE) spans[spans.length - 1] = { ...last, over: sample.time }
  else spans.push({ raised: sample.time, over: sample.time, critical: true })
}

/** Whether an alert was raised during a real growth that later levelled off. */
const isExcused = ({ growths }: CorpusCase, raised: number): boolean =>
  growths.some(([from, to]) => raised >= from && raised <= to + GRACE)

function computeScore(one: CorpusCase, spans: readonly AlertSpan[], end: number): Score {
  const { leak } = one
  const begin = leak?.begin ?? Number.POSITIVE_INFINITY
  const hit = spans
    .filter(({ raised, over }) => raised >= begin || over > begin + 2 * GRACE || over >= end)
    .sort((a, b) => a.raised - b.raised)[0]
  const before = spans.filter(({ raised }) => raised < begin)
  const delay = hit && leak ? Math.max(0, hit.raised - begin) : undefined
  return {
    ...(leak ? { leak: leak.kind } : {}),
    found: hit !== undefined && leak !== undefined,
    ...(delay === undefined || !leak ? {} : { delay, used: delay / (leak.gone - begin) }),
    falseAlarms: before.filter(({ raised }) => !isExcused(one, raised)).length,
    criticalOnGrowth: before.filter(({ raised, critical }) => critical && isExcused(one, raised)).length,
    shown: before.filter(({ raised }) => isExcused(one, raised)).length,
    days: Math.min(begin, end) / DAY,
  }
}
