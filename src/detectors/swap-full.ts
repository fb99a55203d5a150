// Swap that is full or fills up: then anonymous memory cannot be reclaimed any more, and the next shortage kills processes.
import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../base/format.ts'
import { HOUR, MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding, Severity } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { measureGrowth } from './growth/growth-rate.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

const THRESHOLDS = {
  full: [0.9, 'share of swap', 'used swap that raises an alert'],
  minutesLeft: [60, 'minutes', 'swap that fills up within this time raises one …'],
  fillingFrom: [0.5, 'share of swap', '… if at least this share is used'],
  roomy: [0.2, 'share of RAM', 'only a note if more memory than this is available'],
  scarce: [0.05, 'share of RAM', 'critical if less memory than this is available'],
} as const satisfies ThresholdTable
type SwapThresholds = ThresholdValues<typeof THRESHOLDS>

const RATE_WINDOW = 15 * MINUTE

export const swapFull: Detector<typeof THRESHOLDS> = {
  title: 'swap is full or fills up',
  topic: 'memory',
  alerts: [
    {
      titles: ['SWAP FULL'],
      meaning:
        '90 % of swap is used, or it fills up within the hour. A note while more than 20 % of RAM is available, critical below 5 %.',
      lasts: 'while it holds',
      response: 'find the processes with most memory in swap; add swap, or give the largest a limit',
    },
  ],
  collectors: ['meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) => {
    const { values, series } = history.meminfo
    const total = values.get('SwapTotal') ?? 0
    const used = values.get('SwapUsed') ?? 0
    if (total <= 0 || used < 0 || used > total) return []
    const growth = measureGrowth(series.SwapUsed, history.time - RATE_WINDOW, history.time)
    const perHour = growth?.perHour ?? 0
    const timeLeft = perHour > 0 ? ((total - used) / perHour) * HOUR : undefined
    const share = used / total
    const isFilling =
      share >= thresholds.fillingFrom && timeLeft !== undefined && timeLeft < thresholds.minutesLeft * MINUTE
    if (share < thresholds.full * (open?.size ? 0.95 : 1) && !isFilling) return []
    return [buildFinding(history, { total, used, share, perHour, timeLeft }, getSeverity(history, thresholds))]
  },
}

// Full swap alone is no trouble: what counts is whether memory is short as well.
function getSeverity({ meminfo }: History, { roomy, scarce }: SwapThresholds): Severity {
  const room = (meminfo.values.get('MemAvailable') ?? Number.NaN) / (meminfo.values.get('MemTotal') ?? Number.NaN)
  if (room > roomy) return 'info'
  return room < scarce ? 'critical' : 'warning'
}

interface SwapUse {
  readonly total: number
  readonly used: number
  readonly share: number
  readonly perHour: number
  readonly timeLeft: number | undefined
}

function buildFinding(history: History, use: SwapUse, severity: Severity): Finding {
  const { total, used, share, perHour, timeLeft } = use
  const available = history.meminfo.values.get('MemAvailable')
  const level = `${formatBytes(used)} of ${formatBytes(total)} swap used (${formatPercent(share)})`
  const rate = perHour > 0 ? `, ${formatSignedBytes(perHour)}/h` : ''
  const end = timeLeft === undefined ? '' : `; full in ~${formatDuration(timeLeft)}`
  return buildCondition(history, {
    subject: 'SwapUsed',
    severity,
    title: 'SWAP FULL',
    summary: `${level}${rate}${end}; ${formatBytes(available)} of memory available`,
    forecast: { perHour, span: RATE_WINDOW, timeLeft },
    peak: { magnitude: share, summary: `${level} at the peak` },
    confidence: 'high: counted by the kernel',
    confirm: { text: 'swap areas and their use', command: 'cat /proc/swaps; grep -i swap /proc/meminfo' },
    cost: 'anonymous memory cannot be reclaimed any more: the next shortage ends in OOM kills',
    causedBy: ['mem-available'],
    evidenceSeries: ['meminfo SwapUsed', 'meminfo MemAvailable'],
    evidence: listEvidence(
      ['swap used', used, 'bytes', 'SwapUsed'],
      ['swap', total, 'bytes', 'SwapTotal'],
      ['share of swap', share, 'share', 'share'],
      ['growth per hour', perHour, 'bytesPerHour', 'perHour'],
      ['time until it is full', timeLeft, 'ms', 'timeLeft'],
      ['MemAvailable', available, 'bytes'],
    ),
    remedy: [
      {
        text: 'find the processes with most memory in swap',
        command: 'grep -H VmSwap /proc/[0-9]*/status | sort -k2 -n | tail',
        risk: 'none',
      },
      { text: 'add swap, or give the largest of them a limit', risk: 'low' },
      { text: 'restart the process that grows', risk: 'high' },
    ],
  })
}
