// Columns of the cgroup list, and the conversion of a cgroup to a row.

import {
  formatCount,
  formatPercent,
  formatShortBytes,
  formatShortDuration,
  formatSignedBytes,
} from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { estimateTimeToLimit } from '../../collectors/cgroups/tree-queries.ts'
import { findOwner, formatCgroupName, formatLeafName } from '../../collectors/container-names.ts'
import type { History } from '../../history.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import type { TableCell, TableColumn, TableRow } from '../../widgets/table.ts'
import { formatOrDash } from '../format-missing.ts'
import { getSparklineSpan } from '../panel.ts'
import { type CgroupRow, computeHourlyGrowth, computeLimitShare, getKernelMemory } from './rows.ts'

const createRightColumn = (id: string, title: string, width: number, rank: number): TableColumn => ({
  id,
  title,
  width,
  align: 'right',
  rank,
})
const NAME: TableColumn = { id: 'name', title: ' NAME', minWidth: 20, truncateAt: 'middle' }
const MEMORY: TableColumn = { id: 'memory', title: 'MEMORY', width: 7, align: 'right' }

const COLUMNS: readonly TableColumn[] = [
  NAME,
  MEMORY,
  createRightColumn('limit', 'LIMIT', 6, 4),
  createRightColumn('of limit', '%', 5, 3),
  createRightColumn('kernel', 'KERNEL', 7, 2),
  createRightColumn('growth', 'PER HOUR', 9, 5),
  createRightColumn('oom', 'OOM', 4, 1),
]
const FULL_COLUMNS: readonly TableColumn[] = [
  { ...NAME, minWidth: 32 },
  ...COLUMNS.slice(1, 5),
  createRightColumn('anon', 'ANON', 6, 6),
  createRightColumn('file', 'FILE', 6, 7),
  createRightColumn('sock', 'SOCK', 6, 12),
  createRightColumn('percpu', 'PERCPU', 7, 13),
  createRightColumn('swap', 'SWAP', 6, 14),
  { id: 'course', title: 'TREND', width: 20, rank: 9 },
  createRightColumn('growth', 'PER HOUR', 9, 5),
  createRightColumn('left', 'LEFT', 6, 11),
  createRightColumn('psi', 'PSI', 5, 15),
  createRightColumn('dying', 'DYING', 6, 10),
  createRightColumn('failcnt', 'FAILCNT', 8, 8),
  createRightColumn('oom', 'OOM', 4, 1),
]

/** Returns the columns of this view; the sort column is always included. */
export function selectCgroupColumns(full: boolean, sortedBy: string): readonly TableColumn[] {
  const columns = full ? FULL_COLUMNS : COLUMNS
  const extra = columns.some(({ id }) => id === sortedBy) ? [] : FULL_COLUMNS.filter(({ id }) => id === sortedBy)
  return [...columns, ...extra].map(column => (column.id === sortedBy ? { ...column, rank: 0 } : column))
}

const toBytesCell = (value: number | null | undefined): TableCell => ({ text: formatOrDash(value, formatShortBytes) })
const toCountCell = (value: number | null): TableCell => ({ text: formatOrDash(value, formatCount), tone: 'muted' })

function getCgroupTone({ underOom }: Cgroup, share: number | undefined): Tone {
  if (underOom) return 'critical'
  return (share ?? 0) > 0.95 ? 'warning' : 'normal'
}

/** @param wide cells of the full view, 0 on the overview */
export function toTableRow(row: CgroupRow, history: History, pen: Pen, wide: number, tree: boolean): TableRow {
  const { cgroup } = row
  const share = computeLimitShare(cgroup)
  const killed = (cgroup.oomKill ?? 0) > 0
  const tone = getCgroupTone(cgroup, share)
  const left = estimateTimeToLimit(history.cgroups, cgroup.path, history.time)
  const growth = computeHourlyGrowth(cgroup, history)
  const psi = cgroup.pressure?.some.avg10
  return {
    key: cgroup.path,
    cells: {
      name: { text: ` ${formatRowName(row, history, wide, tree)}${cgroup.underOom ? ' STALLED IN OOM' : ''}`, tone },
      memory: { ...toBytesCell(cgroup.current), tone },
      limit: toBytesCell(cgroup.limit),
      'of limit': { text: share === undefined ? '' : formatPercent(share), tone },
      kernel: toBytesCell(getKernelMemory(cgroup)),
      anon: toBytesCell(cgroup.anon),
      file: toBytesCell(cgroup.file),
      sock: toBytesCell(cgroup.sock),
      percpu: toBytesCell(cgroup.percpu),
      swap: toBytesCell(cgroup.swap),
      course: {
        text:
          wide > 0
            ? drawSeriesSparkline(cgroup.series, history.time, getSparklineSpan(history), 20, pen.glyphs, MiB)
            : '',
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
        text: killed ? `${pen.glyphs.critical}${cgroup.oomKill}` : formatOrDash(cgroup.oomKill, () => ''),
        tone: killed ? 'critical' : 'muted',
      },
    },
  }
}

function formatRowName(
  { cgroup: { path }, depth, folded }: CgroupRow,
  history: History,
  wide: number,
  tree: boolean,
): string {
  if (tree)
    return `${'  '.repeat(depth)}${formatLeafName(history, path)}${folded > 0 ? ` (+${formatCount(folded)})` : ''}`
  return wide < 140 || findOwner(history.names, path) ? formatCgroupName(history, path) : path
}
