// The columns of the list of cgroups, and a cgroup as a row of them.
import { formatCount, formatPercent, formatShortBytes, formatShortDuration, formatSignedBytes } from '../../base/format.ts'
import { estimateTimeToLimit } from '../../collectors/cgroups/census.ts'
import { formatLeafName, formatCgroupName, findOwner } from '../../collectors/names.ts'
import type { History } from '../../history.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { sparkOf } from '../../widgets/sparkline.ts'
import type { Cell, Column, Row } from '../../widgets/table.ts'
import { spanOf } from '../panel.ts'
import { type CgroupRow, growthOf, kernelOf, shareOfLimit } from './view.ts'

const right = (id: string, title: string, width: number, rank: number): Column => ({
  id,
  title,
  width,
  align: 'right',
  rank,
})
const NAME: Column = { id: 'name', title: ' NAME', least: 20, cut: 'middle' }
const MEMORY: Column = { id: 'memory', title: 'MEMORY', width: 7, align: 'right' }

const COLUMNS: readonly Column[] = [
  NAME,
  MEMORY,
  right('limit', 'LIMIT', 6, 4),
  right('of limit', '%', 5, 3),
  right('kernel', 'KERNEL', 7, 2),
  right('growth', 'PER HOUR', 9, 5),
  right('oom', 'OOM', 4, 1),
]
const FULL: readonly Column[] = [
  { ...NAME, least: 32 },
  ...COLUMNS.slice(1, 5),
  right('anon', 'ANON', 6, 6),
  right('file', 'FILE', 6, 7),
  right('sock', 'SOCK', 6, 12),
  right('percpu', 'PERCPU', 7, 13),
  right('swap', 'SWAP', 6, 14),
  { id: 'course', title: 'COURSE', width: 20, rank: 9 },
  right('growth', 'PER HOUR', 9, 5),
  right('left', 'LEFT', 6, 11),
  right('psi', 'PSI', 5, 15),
  right('dying', 'DYING', 6, 10),
  right('failcnt', 'FAILCNT', 8, 8),
  right('oom', 'OOM', 4, 1),
]

/** The columns of this view; the one that is sorted by is always there. */
export function cgroupColumns(full: boolean, sortedBy: string): readonly Column[] {
  const columns = full ? FULL : COLUMNS
  const wanted = columns.some(({ id }) => id === sortedBy) ? [] : FULL.filter(({ id }) => id === sortedBy)
  return [...columns, ...wanted].map(column => (column.id === sortedBy ? { ...column, rank: 0 } : column))
}

const number = (value: number | null | undefined): Cell => ({ text: value === null ? '–' : formatShortBytes(value) })
const counted = (value: number | null): Cell => ({ text: value === null ? '–' : formatCount(value), tone: 'muted' })

/** @param wide cells of the view; whole paths are shown from 140 on, courses where there is any width */
export function cgroupRow(row: CgroupRow, history: History, pen: Pen, wide: number, tree: boolean): Row {
  const { cgroup } = row
  const share = shareOfLimit(cgroup)
  const killed = (cgroup.oomKill ?? 0) > 0
  const tone: Tone = cgroup.underOom ? 'critical' : (share ?? 0) > 0.95 ? 'warning' : 'normal'
  const left = estimateTimeToLimit(history.cgroups, cgroup.path, history.time)
  const growth = growthOf(cgroup, history)
  const psi = cgroup.pressure?.some.avg10
  return {
    key: cgroup.path,
    cells: {
      name: { text: ` ${title(row, history, wide, tree)}${cgroup.underOom ? ' STOPPED BY OOM' : ''}`, tone },
      memory: { ...number(cgroup.current), tone },
      limit: number(cgroup.limit),
      'of limit': { text: share === undefined ? '' : formatPercent(share), tone },
      kernel: number(kernelOf(cgroup)),
      anon: number(cgroup.anon),
      file: number(cgroup.file),
      sock: number(cgroup.sock),
      percpu: number(cgroup.percpu),
      swap: number(cgroup.swap),
      course: {
        text: wide > 0 ? sparkOf(cgroup.series, history.time, spanOf(history), 20, pen.glyphs, 2 ** 20) : '',
        tone: 'accent',
      },
      growth: { text: growth === undefined ? '' : formatSignedBytes(growth), tone: 'muted' },
      left: { text: left === undefined ? '' : `~${formatShortDuration(left)}`, tone: 'warning' },
      psi: { text: psi === undefined ? '–' : formatPercent(psi / 100), tone: (psi ?? 0) >= 5 ? 'warning' : 'muted' },
      dying: counted(cgroup.dying),
      failcnt: counted(cgroup.failcnt),
      oom: {
        text: killed ? `${pen.glyphs.critical}${cgroup.oomKill}` : cgroup.oomKill === null ? '–' : '',
        tone: killed ? 'critical' : 'muted',
      },
    },
  }
}

function title({ cgroup: { path }, depth, folded }: CgroupRow, history: History, wide: number, tree: boolean): string {
  if (tree) return `${'  '.repeat(depth)}${formatLeafName(history, path)}${folded > 0 ? ` (+${formatCount(folded)})` : ''}`
  return wide < 140 || findOwner(history.names, path) ? formatCgroupName(history, path) : path
}
