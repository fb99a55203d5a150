// The report of a load test as text for a terminal: the verdict first, then what proves it.
import { formatBytes, formatCount, formatPercent, formatPlural, formatTimeTaken } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import { type AppLogSummary, describeAppLog, describePattern } from '../export/app-logs.ts'
import { alignColumns } from '../export/table.ts'
import { formatChange, formatGrowth } from './format-growth.ts'
import { NO_PRESSURE } from './gates.ts'
import type { JudgedQuantity } from './judge-all.ts'
import { countKills, type RunReport } from './report.ts'
import type { QuantityRow } from './rows.ts'
import { describeSettles } from './settle-text.ts'
import { drawTroughs } from './trough-chart.ts'
import { describeDetectable } from './verdict.ts'

/** Lines of text; nothing in them can reach the terminal as an escape sequence. */
export function formatReport(report: RunReport): string {
  const { verdict } = report
  const blocks = [
    [
      `${OUTCOME_SIGNS[verdict.outcome]}  ${verdict.summary}`,
      ...verdict.reasons.slice(1).map(reason => `  also: ${reason}`),
    ],
    listFacts(report),
    report.gates.map(({ gate, failed, detail }) => `${formatGateState(failed)}  ${gate.kind}: ${detail}`),
    formatLeaks(verdict.leaks),
    formatTable(report.rows),
    formatLogs(report.logs),
  ]
  const text = blocks.filter(lines => lines.length > 0).map(lines => lines.join('\n'))
  return `${escapeLines(text.join('\n\n'))}\n`
}

const OUTCOME_SIGNS = { returned: '✔', leaks: '✖', 'cannot tell': '?' }

const escapeLines = (text: string): string => text.split('\n').map(escapeControls).join('\n')

function formatGateState(failed: boolean | null): string {
  if (failed === null) return '?'
  return failed ? '✖' : '✔'
}

function listFacts({
  command,
  observations,
  settleLimit,
  oomKills,
  alerts,
  pressure,
  commandExitCode,
  isInterrupted,
  verdict,
}: RunReport): readonly string[] {
  const { iterations, warmup } = observations
  const judged = Math.max(0, iterations.length - warmup)
  const kills = countKills(oomKills)
  const victims = [
    ...new Set(
      oomKills.flatMap(({ victim, cgroup }) => (victim === null ? [] : [`${victim}${cgroup ? ` in ${cgroup}` : ''}`])),
    ),
  ]
  const facts: readonly (readonly [string, string])[] = [
    ['command', command.join(' ')],
    [
      'executions',
      `${formatPlural(iterations.length, 'execution')}, ${judged} judged${isInterrupted ? ', interrupted' : ''}`,
    ],
    ['lasted', iterations.map(({ lasted }) => formatTimeTaken(lasted)).join(', ') || 'none'],
    ['settled', describeSettles(iterations, settleLimit)],
    ['exit code', describeExitCode(iterations.length, commandExitCode, isInterrupted)],
    ['smallest leak', describeDetectable(verdict)],
    [
      'OOM kills',
      kills === 0 ? 'none' : `${formatCount(kills)}${victims.length > 0 ? `: ${victims.slice(0, 5).join(', ')}` : ''}`,
    ],
    [
      'stalled on memory',
      pressure.full === null
        ? NO_PRESSURE
        : `all tasks ${formatPercent(pressure.full)}, some ${formatPercent(pressure.some ?? undefined)} of the time`,
    ],
    ['alerts', alerts.length === 0 ? 'none raised' : alerts.map(({ title }) => title).join(', ')],
  ]
  return alignColumns(facts.map(([name, text]) => [name, text]))
}

function describeExitCode(executions: number, code: number, isInterrupted: boolean): string {
  if (executions === 0) return 'none: the command was not executed'
  if (code === 0) return '0'
  return `${code}: the command ${isInterrupted ? 'was interrupted' : 'failed'}`
}

const MAX_LEAKS = 10

function formatLeaks(leaks: readonly JudgedQuantity[]): readonly string[] {
  if (leaks.length === 0) return []
  const shown = leaks.slice(0, MAX_LEAKS)
  const rows = shown.map(leak => [
    `${leak.quantity.group} ${leak.quantity.name}`,
    formatGrowth(leak),
    `${formatChange(leak.low, leak.quantity.unit)} to ${formatChange(leak.high, leak.quantity.unit)}`,
    drawTroughs(leak.troughs),
  ])
  const more = leaks.length > MAX_LEAKS ? [`${leaks.length - MAX_LEAKS} more`] : []
  return [
    ...alignColumns([['GROWS', 'PER ITERATION', '90 % INTERVAL', 'AFTER EACH ITERATION'], ...rows], 'lrll'),
    ...more,
  ]
}

const formatLogs = (logs: readonly AppLogSummary[]): readonly string[] =>
  logs.flatMap(log => [describeAppLog(log), ...log.patterns.map(one => `  ${describePattern(one)}`)])

const MAX_ROWS = 20

// Memory and counts always; of caches and cgroups those that changed most.
function formatTable(rows: readonly QuantityRow[]): readonly string[] {
  const fixed = rows.filter(({ group }) => group === 'memory' || group === 'count')
  const others = rows
    .filter(({ group, remains }) => (group === 'cache' || group === 'cgroup') && remains !== 0)
    .sort((a, b) => Math.abs(b.remains) - Math.abs(a.remains))
    .slice(0, MAX_ROWS)
  const lines = [...fixed, ...others].map(({ group, name, unit, before, peak, end, remains }) => [
    group === 'memory' || group === 'count' ? name : `${group} ${name}`,
    formatValue(before, unit),
    formatValue(peak, unit),
    formatValue(end, unit),
    formatChange(remains, unit),
  ])
  return lines.length === 0 ? [] : alignColumns([['', 'BEFORE', 'PEAK', 'END', 'REMAINS'], ...lines], 'lrrrr')
}

/** `1.2 GiB` or `1,204`; `n/a` for null. */
export function formatValue(value: number | null, unit: 'bytes' | 'count'): string {
  if (value === null) return 'n/a'
  return unit === 'bytes' ? formatBytes(value) : formatCount(value)
}
