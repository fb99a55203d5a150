// Report of a load test: everything that its outputs (text, JSON, JUnit, Markdown) show, as one value.
import { toWallTime } from '../collectors/wall-clock.ts'
import type { Alert } from '../detectors/alerts.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import { type AppLogSummary, summarizeAppLogs } from '../export/app-logs.ts'
import type { History } from '../history.ts'
import { type BaselineDrift, type BaselineGrowth, compareWithBaseline, evaluateBaseline } from './baseline.ts'
import { evaluateGates, type Gate, type GateResult, type PressureShares } from './gates.ts'
import type { Tolerances } from './judge-all.ts'
import type { Observations } from './observations.ts'
import { listRows, type QuantityRow } from './rows.ts'
import { judgeRun, type RunVerdict } from './verdict.ts'

/** OOM kills of one moment; victim and cgroup are null where only a counter reported them. */
export interface RunKill {
  /** session time, ms */
  readonly time: number
  readonly count: number
  readonly victim: string | null
  readonly cgroup: string | null
}

/** A finished run: what was executed, what was measured, and the verdict. */
export interface RunReport {
  readonly command: readonly string[]
  readonly host: string
  readonly kernel: string
  /** milliseconds since 1970 when the first execution began */
  readonly startedAt: number
  readonly observations: Observations
  /** milliseconds that each settle lasted at most */
  readonly settleLimit: number
  readonly verdict: RunVerdict
  readonly rows: readonly QuantityRow[]
  /** since the first execution began: the kernel's counters run since boot */
  readonly oomKills: readonly RunKill[]
  /** raised during the run */
  readonly alerts: readonly Alert[]
  readonly pressure: PressureShares
  /** since the control period began */
  readonly logs: readonly AppLogSummary[]
  readonly gates: readonly GateResult[]
  readonly baselineDrifts: readonly BaselineDrift[]
  /** exit code of the first execution that failed; 0 if none did */
  readonly commandExitCode: number
  readonly isInterrupted: boolean
}

/** What a report is made of: `begin` is the history when the first execution began. */
export interface RunInput {
  readonly command: readonly string[]
  readonly observations: Observations
  readonly settleLimit: number
  readonly begin: History
  readonly end: History
  readonly alerts: readonly Alert[]
  readonly tolerances: Tolerances
  readonly gates: readonly Gate[]
  readonly baseline: BaselineGrowth | undefined
  readonly isInterrupted: boolean
}

/** Judges a run that has ended or was interrupted, and collects what its report shows. */
export function buildReport(input: RunInput): RunReport {
  const { command, observations, begin, end, tolerances, gates, baseline, isInterrupted } = input
  const verdict = judgeRun(observations, tolerances)
  const rows = listRows(observations, verdict)
  const pressure = measurePressure(begin, end)
  const oomKills = listKills(end, begin.time)
  const comparison = baseline && compareWithBaseline(verdict, observations.scope, baseline)
  return {
    command,
    host: end.session.host,
    kernel: end.session.kernel,
    startedAt: toWallTime(end.session, begin.time),
    observations,
    settleLimit: input.settleLimit,
    verdict,
    rows,
    oomKills,
    alerts: input.alerts.filter(({ raisedAt }) => raisedAt >= begin.time),
    pressure,
    logs: summarizeAppLogs(end.applog),
    gates: [
      ...evaluateGates(gates, { verdict, rows, kills: countKills(oomKills), pressure }),
      ...(comparison ? [evaluateBaseline(comparison)] : []),
    ],
    baselineDrifts: comparison?.drifts ?? [],
    commandExitCode: observations.iterations.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0,
    isInterrupted,
  }
}

/** Returns how many processes were killed. */
export const countKills = (kills: readonly RunKill[]): number => kills.reduce((sum, { count }) => sum + count, 0)

const listKills = (history: History, begin: number): readonly RunKill[] =>
  getCorrelatedKills(history)
    .filter(({ time }) => time >= begin)
    .map(({ time, count, kill, cgroup }) => ({ time, count, victim: kill?.victim?.comm ?? null, cgroup }))

function measurePressure(begin: History, end: History): PressureShares {
  const elapsed = (end.time - begin.time) * 1000 // microseconds, as PSI counts
  const compute = (field: 'some' | 'full'): number | null => {
    const [from, to] = [begin.pressure[field]?.total, end.pressure[field]?.total]
    return from === undefined || to === undefined || elapsed <= 0 ? null : Math.max(0, to - from) / elapsed
  }
  return { some: compute('some'), full: compute('full') }
}
