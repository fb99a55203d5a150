// The parts of a report in their order, independent of HTML or Markdown.

import { formatBytes, formatDateTime, formatDuration, formatPlural, formatSignedBytes } from '../../base/format.ts'
import { listAlertBlocks, listAlertSummaries } from './alert-blocks.ts'
import { type Block, type Cell, formatTime } from './block.ts'
import { listLogBlocks } from './log-blocks.ts'
import { listMarkBlocks } from './mark-blocks.ts'
import type { Growth, ReportData } from './report-data.ts'
import type { ReportKill } from './report-kills.ts'

/** All parts: what is wrong first, then what proves it, then how it was measured. */
export function listBlocks(data: ReportData): readonly Block[] {
  return [
    { kind: 'text', text: describeSpan(data) },
    ...listAlertSummaries(data),
    ...data.overview.map((chart): Block => ({ kind: 'chart', chart })),
    ...listAlertBlocks(data),
    ...listKillBlocks(data),
    ...listMarkBlocks(data),
    ...listLogBlocks(data.logs),
    ...listGrowthBlocks(data),
    ...listMeasurementBlocks(data),
  ]
}

function describeSpan(data: ReportData): string {
  const { host, kernel, span, samples } = data
  return `${host}, Linux ${kernel}. ${formatTime(data, span.begin)} to ${formatTime(data, span.end)} (${formatDuration(span.end - span.begin)}), ${formatPlural(samples, 'sample')}.`
}

const MAX_KILLS = 50
const KILL_COLUMNS = ['time', 'victim', 'RSS', 'limit set on', 'cgroup', 'confirmed by']

function listKillBlocks(data: ReportData): readonly Block[] {
  if (data.kills.length === 0) return []
  const shown = data.kills.slice(-MAX_KILLS)
  const rows = shown.map(one => describeKill(one, data).map(text => ({ text })))
  const left = data.kills.length - shown.length
  const last = shown.findLast(({ tasks }) => tasks.length > 0)
  return [
    { kind: 'heading', level: 2, text: 'OOM kills' },
    ...(left > 0 ? [{ kind: 'text', text: `${formatPlural(left, 'earlier kill')} left out.` } as const] : []),
    { kind: 'table', caption: 'OOM kills', head: KILL_COLUMNS, rows },
    ...(last ? [listTasks(last, data)] : []),
  ]
}

const UNKNOWN = 'unknown'

const describeKill = (
  { time, count, victim, rss, limitSetOn, cgroup, confirmedBy }: ReportKill,
  data: ReportData,
): readonly string[] => [
  formatTime(data, time),
  victim ?? `${formatPlural(count, 'kill')} seen by a counter only`,
  rss === undefined ? UNKNOWN : formatBytes(rss),
  limitSetOn ?? UNKNOWN,
  cgroup ?? UNKNOWN,
  confirmedBy.join(', '),
]

function listTasks({ time, tasks }: ReportKill, data: ReportData): Block {
  const rows = tasks.map(({ name, rss, oomScoreAdj }) => [
    { text: name },
    { text: formatBytes(rss), isNumber: true },
    { text: String(oomScoreAdj ?? UNKNOWN), isNumber: true },
  ])
  return {
    kind: 'table',
    caption: `Largest tasks at the kill of ${formatTime(data, time)}`,
    head: ['task', 'RSS', 'oom_score_adj'],
    rows,
  }
}

function listGrowthBlocks({ memory, caches, cgroups }: ReportData): readonly Block[] {
  const tables = [
    ['Memory', memory],
    ['Slab caches', caches],
    ['Cgroups', cgroups],
  ] as const
  const blocks = tables.flatMap(([caption, rows]): readonly Block[] =>
    rows.length === 0
      ? []
      : [
          {
            kind: 'table',
            caption: `${caption}: largest changes`,
            head: ['name', 'start', 'peak', 'end', 'change'],
            rows: rows.map(toGrowthCells),
          },
        ],
  )
  return blocks.length === 0 ? [] : [{ kind: 'heading', level: 2, text: 'What changed' }, ...blocks]
}

const toGrowthCells = ({ name, before, peak, end }: Growth): readonly Cell[] => [
  { text: name },
  ...[formatBytes(before), formatBytes(peak), formatBytes(end), formatSignedBytes(end - before)].map(text => ({
    text,
    isNumber: true,
  })),
]

// Charts must go on evenly where the clock jumped: their times differ from those of the texts before a step.
function listClockSteps({ span }: ReportData): readonly Block[] {
  const { begin, end, wallClock, clockSteps = [] } = span
  return clockSteps.flatMap((step, i): readonly Block[] => {
    const before = clockSteps[i - 1]?.wallClock ?? wallClock
    const by = step.wallClock - before
    if (step.time <= begin || step.time > end || by === 0) return []
    const jump = `${formatDuration(Math.abs(by))} ${by < 0 ? 'back' : 'forward'}`
    const text = `The wall clock jumped ${jump} at ${formatDateTime(before + step.time)}. Charts have the clock of the end throughout; texts have that of their moment.`
    return [{ kind: 'text', text }]
  })
}

function listMeasurementBlocks(data: ReportData): readonly Block[] {
  const { unseen, damage } = data
  return [
    { kind: 'heading', level: 2, text: 'How it was measured' },
    {
      kind: 'text',
      text: 'kmemtop read the kernel’s own files under /proc and /sys, and the kernel log. It writes nothing to the kernel. Charts keep the least and the most value of each time step.',
    },
    ...listClockSteps(data),
    ...(unseen.length === 0
      ? []
      : [
          {
            kind: 'table',
            caption: 'What could not be seen',
            head: ['source', 'reason'],
            rows: unseen.map(row => row.map(text => ({ text }))),
          } as const,
        ]),
    ...(damage.length === 0 ? [] : [{ kind: 'list', items: damage } as const]),
  ]
}
