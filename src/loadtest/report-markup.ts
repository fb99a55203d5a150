// The report of a load test for build servers: JUnit XML, and Markdown for a pull request. All names are escaped.
import { formatPlural } from '../base/format.ts'
import { type AppLogSummary, describeAppLog, describePattern } from '../export/app-logs.ts'
import { escapeHtml, escapeMarkdown } from '../export/markup-text.ts'
import { formatChange, formatGrowth } from './format-growth.ts'
import { countKills, type RunReport } from './report.ts'
import { formatValue } from './report-text.ts'
import { describeSettles } from './settle-text.ts'
import { drawTroughs } from './trough-chart.ts'

/** One test case for the verdict and one for each gate and baseline drift. */
export function formatJunit(report: RunReport): string {
  const cases = listCases(report)
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const skipped = cases.filter(({ skipped }) => skipped !== undefined).length
  const seconds = (report.observations.iterations.at(-1)?.settledAt ?? 0) / 1000
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="kmemtop run" tests="${cases.length}" failures="${failures}" skipped="${skipped}" time="${seconds.toFixed(1)}">`,
    ...cases.map(
      one => `  <testcase classname="kmemtop" name="${escapeHtml(one.name)}">${formatCaseBody(one)}</testcase>`,
    ),
    '</testsuite>',
    '',
  ].join('\n')
}

function formatCaseBody({ failure, skipped }: TestCase): string {
  if (failure !== undefined) return `<failure message="${escapeHtml(failure)}"/>`
  return skipped === undefined ? '' : `<skipped message="${escapeHtml(skipped)}"/>`
}

interface TestCase {
  readonly name: string
  readonly failure?: string
  readonly skipped?: string
}

function listCases({ verdict, gates, baselineDrifts, commandExitCode }: RunReport): readonly TestCase[] {
  const states = { leaks: { failure: verdict.summary }, 'cannot tell': { skipped: verdict.summary }, returned: {} }
  return [
    { name: 'memory returns after the load', ...states[verdict.outcome] },
    { name: 'the command succeeds', ...(commandExitCode === 0 ? {} : { failure: `exit code ${commandExitCode}` }) },
    ...gates.map(({ gate, failed, detail }) => ({ name: `gate ${gate.kind}`, ...describeGate(failed, detail) })),
    ...baselineDrifts.map(({ id, unit, before, now }) => ({
      name: `no faster growth than the baseline: ${id}`,
      failure: `${formatChange(before, unit)} per iteration before, ${formatChange(now, unit)} now`,
    })),
  ]
}

function describeGate(failed: boolean | null, detail: string): Omit<TestCase, 'name'> {
  if (failed === null) return { skipped: detail }
  return failed ? { failure: detail } : {}
}

const GATE_ICONS: Readonly<Record<string, string>> = { null: '❔', true: '❌', false: '✅' }

/** Markdown for a pull request: verdict, what grows, memory before and after. */
export function formatMarkdown(report: RunReport): string {
  const { rows, oomKills, gates, verdict } = report
  const memory = rows.filter(({ group }) => group === 'memory')
  return [
    formatHeadline(report),
    '',
    `Command: ${quoteMarkdown(report.command.join(' '))} · ${formatPlural(report.observations.iterations.length, 'execution')}, warm-up ${report.observations.warmup} · OOM kills: ${countKills(oomKills)}`,
    `- settled: ${escapeMarkdown(describeSettles(report.observations.iterations, report.settleLimit))}`,
    ...verdict.reasons.map(reason => `- ${escapeMarkdown(reason)}`),
    ...gates.map(
      ({ gate, failed, detail }) => `- ${GATE_ICONS[String(failed)]} ${gate.kind}: ${escapeMarkdown(detail)}`,
    ),
    '',
    ...(verdict.leaks.length === 0
      ? []
      : [
          '| grows | per iteration | after each iteration |',
          '|---|---:|---|',
          ...verdict.leaks
            .slice(0, 10)
            .map(
              leak =>
                `| ${escapeMarkdown(`${leak.quantity.group} ${leak.quantity.name}`)} | ${formatGrowth(leak)} | ${drawTroughs(leak.troughs)} |`,
            ),
          '',
        ]),
    '<details><summary>memory</summary>',
    '',
    '| | before | peak | end | remains |',
    '|---|---:|---:|---:|---:|',
    ...memory.map(
      ({ name, unit, before, peak, end, remains }) =>
        `| ${escapeMarkdown(name)} | ${formatValue(before, unit)} | ${formatValue(peak, unit)} | ${formatValue(end, unit)} | ${formatChange(remains, unit)} |`,
    ),
    '',
    '</details>',
    '',
    ...formatLogs(report.logs),
  ].join('\n')
}

function formatLogs(logs: readonly AppLogSummary[]): readonly string[] {
  if (logs.length === 0) return []
  const items = logs.flatMap(log => [
    `- ${escapeMarkdown(describeAppLog(log))}`,
    ...log.patterns.map(one => `  - ${escapeMarkdown(describePattern(one))}`),
  ])
  return ['<details><summary>application logs</summary>', '', ...items, '', '</details>', '']
}

// Memory may return and the run fail: then what failed comes first.
function formatHeadline({ verdict, gates, commandExitCode }: RunReport): string {
  const failed = gates.find(one => one.failed === true)
  if (verdict.outcome === 'leaks' || (!failed && commandExitCode === 0)) {
    const icon = { returned: '✅', leaks: '❌', 'cannot tell': '❔' }[verdict.outcome]
    return `### ${icon} kmemtop: ${escapeMarkdown(verdict.summary)}`
  }
  const reason = failed ? `${failed.gate.kind}: ${failed.detail}` : `the command failed: exit code ${commandExitCode}`
  return `### ❌ kmemtop: ${escapeMarkdown(`${reason}. ${verdict.summary}`)}`
}

const quoteMarkdown = (text: string): string => `<code>${escapeMarkdown(text)}</code>`
