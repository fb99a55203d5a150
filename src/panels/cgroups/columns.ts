// Columns of the cgroup list, and the conversion of a cgroup to a row.

import {
  formatCount,
  formatPercent,
  formatShortBytes,
  formatShortDuration,
  formatSignedBytes,
} from '../../base/format.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { formatCgroupName, formatLeafName } from '../../collectors/container-names.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { History } from '../../history.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import type { TableCell, TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { getCgroupTone } from '../alert-tones.ts'
import { formatOrDash } from '../format-missing.ts'
import { computeTimeToLimit } from '../hourly-rate.ts'
import { formatWindow } from '../time-window.ts'
import { countCgroupKills } from './kill-counts.ts'
import { type CgroupRow, computeShownGrowth, getKernelMemory } from './rows.ts'
import { computeLimitShare } from './trouble-rank.ts'

const createRightColumn = (id: string, title: string, width: number, rank: number): TableColumn => ({
  id,
  title,
  width,
  align: 'right',
  rank,
})
const NAME: TableColumn = { id: 'name', title: ' NAME', minWidth: 16, isAscending: true, truncateAt: 'middle' }
const MEMORY: TableColumn = { id: 'memory', title: 'MEMORY', width: 7, align: 'right' }

const COLUMNS: readonly TableColumn[] = [
  NAME,
  MEMORY,
  createRightColumn('limit', 'LIMIT', 6, 4),
  createRightColumn('of limit', '%', 5, 2),
  createRightColumn('kernel', 'KERNEL', 7, 5),
  createRightColumn('growth', 'PER HOUR', 9, 3),
  createRightColumn('oom', 'OOM', 4, 1),
]
const createTrendColumn = (span: number): TableColumn => ({
  id: 'trend',
  title: formatWindow(span),
  width: 8,
  grow: 60,
  rank: 6,
})
const buildFullColumns = (span: number): readonly TableColumn[] => [
  NAME,
  ...COLUMNS.slice(1, 5),
  createRightColumn('anon', 'ANON', 6, 9),
  createRightColumn('file', 'FILE', 6, 10),
  createRightColumn('sock', 'SOCK', 6, 12),
  createRightColumn('percpu', 'PERCPU', 7, 13),
  createRightColumn('swap', 'SWAP', 6, 14),
  createTrendColumn(span),
  createRightColumn('growth', 'PER HOUR', 9, 3),
  { ...createRightColumn('left', 'LEFT', 6, 7), isAscending: true },
  createRightColumn('psi', 'PSI', 5, 15),
  createRightColumn('dying', 'DYING', 6, 11),
  createRightColumn('failcnt', 'FAILCNT', 8, 8),
  createRightColumn('oom', 'OOM', 4, 1),
]

/** What decides about the columns. */
interface ColumnChoice {
  readonly full: boolean
  readonly sortedBy: string
  readonly span: number
  /** set: growth since then takes the place of the rate */
  readonly baseline: number | undefined
}

/** Returns the columns of this view; the sort column is always included. */
export function selectCgroupColumns({ full, sortedBy, span, baseline }: ColumnChoice): readonly TableColumn[] {
  const all = buildFullColumns(span)
  const [oom, ...others] = [COLUMNS.at(-1)!, ...COLUMNS.slice(0, -1)]
  const columns = full ? all : [...others, createTrendColumn(span), oom]
  const extra = columns.some(({ id }) => id === sortedBy) ? [] : all.filter(({ id }) => id === sortedBy)
  return [...columns, ...extra].map(column => ({
    ...column,
    ...(column.id === sortedBy ? { rank: 0 } : {}),
    ...(column.id === 'growth' && baseline !== undefined ? { title: 'GROWTH' } : {}),
  }))
}

const toBytesCell = (value: number | null | undefined): TableCell => ({ text: formatOrDash(value, formatShortBytes) })
const toCountCell = (value: number | null): TableCell => ({ text: formatOrDash(value, formatCount), tone: 'muted' })

// The color of the most severe alert about it; without one, that of what its own numbers say.
function getRowTone({ path, underOom }: Cgroup, share: number | undefined, alerts: readonly Alert[]): Tone {
  const alerted = getCgroupTone(alerts, path)
  if (underOom || alerted === 'critical') return 'critical'
  return alerted === 'normal' && (share ?? 0) > 0.95 ? 'warning' : alerted
}

// The sign says it without color.
const getSign = (tone: Tone, { glyphs }: Pen): string =>
  tone === 'critical' || tone === 'warning' ? glyphs[tone] : ' '

/** How rows are drawn. */
export interface CgroupRowView {
  readonly pen: Pen
  /** the time window in ms, and its part after the newest sample */
  readonly span: number
  readonly ahead?: number
  /** bytes that the sparklines of all rows share as their height */
  readonly minRange: number
  readonly tree: boolean
  readonly alerts: readonly Alert[]
  readonly baseline?: number | undefined
}

/** Converts a cgroup to a row of the table. */
export function toTableRow(
  row: CgroupRow,
  history: History,
  { pen, span, ahead = 0, minRange, tree, alerts, baseline }: CgroupRowView,
): TableRow {
  const { cgroup } = row
  const share = computeLimitShare(cgroup)
  const kills = countCgroupKills(cgroup, history)
  const tone = getRowTone(cgroup, share, alerts)
  const left = computeTimeToLimit(history, cgroup.path)
  const growth = computeShownGrowth(cgroup, history, baseline)
  const psi = cgroup.pressure?.some.avg10
  return {
    key: cgroup.path,
    cells: {
      name: {
        text: `${getSign(tone, pen)}${formatRowName(row, history, tree)}${cgroup.underOom ? ' STALLED IN OOM' : ''}`,
        tone,
      },
      memory: { ...toBytesCell(cgroup.current), tone },
      limit: toBytesCell(cgroup.limit),
      'of limit': { text: share === undefined ? '' : formatPercent(share), tone },
      kernel: toBytesCell(getKernelMemory(cgroup)),
      anon: toBytesCell(cgroup.anon),
      file: toBytesCell(cgroup.file),
      sock: toBytesCell(cgroup.sock),
      percpu: toBytesCell(cgroup.percpu),
      swap: toBytesCell(cgroup.swap),
      trend: {
        text: width =>
          drawSeriesSparkline(cgroup.series, { now: history.time, span, ahead, width, glyphs: pen.glyphs, minRange }),
        tone: 'accent',
      },
      growth: { text: growth === undefined ? '' : formatSignedBytes(growth), tone: 'muted' },
      left: { text: left === undefined ? '' : `~${formatShortDuration(left)}`, tone: 'warning' },
      psi: {
        text: formatOrDash(psi, value => formatPercent(value / 100)),
        tone: (psi ?? 0) >= 5 ? 'warning' : 'muted',
      },
      dying: toCountCell(cgroup.dying),
      failcnt: toCountCell(cgroup.failcnt),
      oom: {
        text: kills ? `${pen.glyphs.critical}${kills}` : formatOrDash(kills, () => ''),
        tone: kills ? 'critical' : 'muted',
      },
    },
  }
}

// Names of pods and containers at every width; the whole path is on the page of the cgroup and in the footer.
function formatRowName({ cgroup: { path }, depth, folded }: CgroupRow, history: History, tree: boolean): string {
  if (!tree) return formatCgroupName(history, path)
  const hidden = folded > 0 ? ` (+${formatCount(folded)})` : ''
  return `${'  '.repeat(depth)}${formatLeafName(history, path)}${hidden}`
}
