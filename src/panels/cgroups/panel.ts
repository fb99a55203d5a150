// The cgroups panel: how many cgroups the kernel holds, how many are dying, and which use the memory.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import type { History } from '../../history.ts'
import { drawTable, findFirstRow } from '../../widgets/table.ts'
import type { Panel, PanelArea } from '../panel.ts'
import { selectCgroupColumns, toTableRow } from './columns.ts'
import { drawCounts, drawShortCounts } from './counts.ts'
import { buildCgroupDetail } from './detail.ts'
import { CGROUP_COLUMNS, listCgroupRows } from './rows.ts'

export const cgroupsPanel: Panel = {
  id: 'cgroups',
  title: 'Cgroups',
  key: '2',
  name: 'Cgroups',
  filterable: true,
  detectors: ['frozen-cgroup', 'cgroup-limit', 'throttled-cgroup', 'dying-cgroups', 'memcg-ids', 'kmem-leak'],
  sortColumns: CGROUP_COLUMNS,
  getNote: state => `${state.ui.panels.cgroups?.tree ? 'tree · ' : ''}${describeMode(getVisibleHistory(state))}`,
  listKeys: state => listCgroupRows(getVisibleHistory(state), state.ui.panels.cgroups).map(({ key }) => key),
  draw: (state, area) => {
    const counts =
      area.height < 7 ? [drawShortCounts(getVisibleHistory(state), area)] : drawCounts(getVisibleHistory(state), area)
    return [...counts, ...drawList(state, area, area.height - counts.length)].slice(0, area.height)
  },
  getDetail: buildCgroupDetail,
}

// The mode explains missing counts: dying cgroups outside the mounted part of the tree cannot be counted.
function describeMode({ cgroups: { mode, mounts, enabled }, sources }: History): string {
  if (sources.cgroups?.okAt == null) return 'not read'
  if (!enabled) return 'memory controller off: cgroup_disable=memory'
  if (mode === 'none') return 'no cgroup tree with the memory controller is mounted'
  const part = mounts.memory?.root === '/' ? '' : ` · part of the tree: ${mounts.memory?.root}`
  return `${mode === 'hybrid' ? `hybrid, memory on v${mounts.memory?.version}` : mode}${part}`
}

// Only visible rows are built: there may be ten thousand cgroups.
function drawList(state: AppState, { pen, width, full, focused }: PanelArea, height: number): readonly string[] {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.cgroups
  const rows = listCgroupRows(history, ui)
  const source = history.sources.cgroups
  const empty = ui?.filter
    ? ` no cgroup matches “${ui.filter}”`
    : ` ${source?.error ?? 'no memory cgroups'}${source?.hint ? `: ${source.hint}` : ''}`
  const selected = focused ? ui?.selected : undefined
  const room = Math.max(0, height - 1)
  const first = findFirstRow(rows, selected, room)
  const visibleRows = rows.slice(first, first + room)
  const sortedBy = ui?.column ?? 'memory'
  return drawTable(
    pen,
    {
      columns: selectCgroupColumns(full, sortedBy),
      rows: visibleRows.map(row => toTableRow(row, history, pen, full ? width : 0, ui?.tree ?? false)),
      selected,
      sortedBy,
      empty,
    },
    width,
    height,
  )
}
