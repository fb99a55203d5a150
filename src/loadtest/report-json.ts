// The report of a load test as JSON, and its schema: what `--baseline` reads back. Sizes in bytes, times ISO 8601, unknown is null.

import * as v from 'valibot'
import { UserError } from '../base/errors.ts'
import { parseForeignJson } from '../base/foreign-json.ts'
import { type BaselineGrowth, nameByScope } from './baseline.ts'
import type { RunReport } from './report.ts'

const number = v.nullable(v.number())

/** The stable shape of `kmemtop run --json`. Keys are added, never changed. */
export const runReportSchema = v.object({
  kmemtopRun: v.literal(1),
  command: v.array(v.string()),
  host: v.string(),
  kernel: v.string(),
  startedAt: v.string(),
  outcome: v.picklist(['returned', 'leaks', 'cannot tell']),
  summary: v.string(),
  reasons: v.array(v.string()),
  smallestDetectable: number,
  /** absent in reports of earlier versions */
  smallestUserDetectable: v.optional(number),
  commandExitCode: v.number(),
  interrupted: v.boolean(),
  warmup: v.number(),
  /** `--cgroup`; absent in reports of earlier versions */
  cgroups: v.optional(v.array(v.string())),
  /** absent in reports of earlier versions */
  settleLimitSeconds: v.optional(v.number()),
  iterations: v.array(
    v.object({
      beginSeconds: v.number(),
      endSeconds: v.number(),
      settledSeconds: v.number(),
      /** what still went back when the settle ended; null: too few samples to say. Absent in reports of earlier versions */
      unsettled: v.optional(v.nullable(v.array(v.string()))),
      exitCode: v.number(),
      /** absent in reports of earlier versions */
      commandSeconds: v.optional(v.number()),
    }),
  ),
  leaks: v.array(v.string()),
  quantities: v.array(
    v.object({
      id: v.string(),
      group: v.picklist(['memory', 'cache', 'cgroup', 'count']),
      name: v.string(),
      unit: v.picklist(['bytes', 'count']),
      before: number,
      peak: number,
      end: number,
      remains: v.number(),
      judgement: v.nullable(v.picklist(['grows', 'steady', 'accepted', 'noisy', 'rising', 'slowing', 'too few'])),
      growthPerIteration: number,
      low: number,
      high: number,
      detectable: number,
      troughs: v.array(v.number()),
    }),
  ),
  oomKills: v.array(
    v.object({
      seconds: v.number(),
      count: v.number(),
      victim: v.nullable(v.string()),
      cgroup: v.nullable(v.string()),
    }),
  ),
  alerts: v.array(v.object({ detector: v.string(), severity: v.string(), title: v.string(), summary: v.string() })),
  pressure: v.object({ some: number, full: number }),
  /** `--log` and `--log-command`, since the control period began; absent in reports of earlier versions */
  logs: v.optional(
    v.array(
      v.object({
        name: v.string(),
        lines: v.number(),
        errors: v.number(),
        errorsWithPattern: v.number(),
        skippedBytes: v.number(),
        patterns: v.array(v.object({ pattern: v.string(), count: v.number(), text: v.nullable(v.string()) })),
      }),
    ),
  ),
  gates: v.array(v.object({ kind: v.string(), failed: v.nullable(v.boolean()), detail: v.string() })),
  baselineDrifts: v.array(v.object({ id: v.string(), unit: v.string(), before: v.number(), now: v.number() })),
})

/** The report of a run, as `--json` writes it. */
export type RunReportJson = v.InferOutput<typeof runReportSchema>

/** Returns the report of a run as `--json` writes it. */
export function toReportJson(report: RunReport): RunReportJson {
  const { verdict, observations } = report
  return {
    kmemtopRun: 1,
    command: [...report.command],
    host: report.host,
    kernel: report.kernel,
    startedAt: new Date(report.startedAt).toISOString(),
    outcome: verdict.outcome,
    summary: verdict.summary,
    reasons: [...verdict.reasons],
    smallestDetectable: verdict.smallestDetectable,
    smallestUserDetectable: verdict.smallestUserDetectable,
    commandExitCode: report.commandExitCode,
    interrupted: report.isInterrupted,
    warmup: observations.warmup,
    cgroups: [...observations.scope],
    settleLimitSeconds: report.settleLimit / 1000,
    iterations: observations.iterations.map(({ begin, end, settledAt, unsettled, exitCode, lasted }) => ({
      beginSeconds: begin / 1000,
      endSeconds: end / 1000,
      settledSeconds: settledAt / 1000,
      unsettled: unsettled ? [...unsettled] : null,
      exitCode,
      commandSeconds: lasted / 1000,
    })),
    leaks: verdict.leaks.map(({ quantity }) => quantity.id),
    quantities: report.rows.map(({ judged, ...row }) => ({
      ...row,
      judgement: judged?.judgement ?? null,
      growthPerIteration: toFinite(judged?.growth),
      low: toFinite(judged?.low),
      high: toFinite(judged?.high),
      detectable: toFinite(judged?.detectable),
      troughs: [...(judged?.troughs ?? [])],
    })),
    oomKills: report.oomKills.map(({ time, ...kill }) => ({ seconds: time / 1000, ...kill })),
    alerts: report.alerts.map(({ detector, severity, title, summary }) => ({ detector, severity, title, summary })),
    pressure: report.pressure,
    logs: report.logs.map(({ patterns, ...log }) => ({ ...log, patterns: patterns.map(one => ({ ...one })) })),
    gates: report.gates.map(({ gate, failed, detail }) => ({ kind: gate.kind, failed, detail })),
    baselineDrifts: report.baselineDrifts.map(drift => ({ ...drift })),
  }
}

const toFinite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null

/**
 * The growth per iteration of an earlier run, from its JSON.
 * @throws UserError when it is no report of `kmemtop run --json`
 */
export function parseBaseline(text: string, path: string): BaselineGrowth {
  let value: unknown
  try {
    value = parseForeignJson(text)
  } catch {
    throw new UserError(`${path} is not JSON: --baseline expects what kmemtop run --json printed`)
  }
  const result = v.safeParse(runReportSchema, value)
  if (!result.success) {
    const where = result.issues[0].path?.map(({ key }) => String(key)).join('.') ?? 'the whole'
    throw new UserError(`${path} is no report of kmemtop run --json: ${where}: ${result.issues[0].message}`)
  }
  const { quantities, cgroups = [] } = result.output
  const judged = quantities.filter(({ growthPerIteration }) => growthPerIteration !== null)
  return new Map(
    judged.map(({ id, growthPerIteration, detectable }) => [
      nameByScope(id, cgroups),
      { growth: growthPerIteration!, detectable },
    ]),
  )
}
