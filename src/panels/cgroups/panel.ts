// The Cgroups panel: how many the kernel carries, how many are dead, and who uses the memory.
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import { firstRow, table } from '../../widgets/table.ts'
import type { Panel, Place } from '../panel.ts'
import { cgroupColumns, cgroupRow } from './columns.ts'
import { countLines, shortCounts } from './counts.ts'
import { cgroupDetail } from './detail.ts'
import { CGROUP_COLUMNS, cgroupRows } from './view.ts'

export const cgroupsPanel: Panel = {
  id: 'cgroups',
  title: 'Cgroups',
  columns: CGROUP_COLUMNS,
  note: state => `${state.ui.panels.cgroups?.tree ? 'tree · ' : ''}${modeOf(getVisibleHistory(state))}`,
  keys: state => cgroupRows(getVisibleHistory(state), state.ui.panels.cgroups).map(({ key }) => key),
  draw: (state, place) => {
    const counts = place.height < 7 ? [shortCounts(getVisibleHistory(state), place)] : countLines(getVisibleHistory(state), place)
    return [...counts, ...list(state, place, place.height - counts.length)].slice(0, place.height)
  },
  detail: cgroupDetail,
}

// What follows from the mode is said with it: dead cgroups of a part of the tree cannot be counted.
function modeOf({ cgroups: { mode, mounts, enabled }, sources }: History): string {
  if (sources.cgroups?.okAt == null) return 'not read'
  if (!enabled) return 'memory controller off: cgroup_disable=memory'
  if (mode === 'none') return 'no tree with the memory controller is mounted here'
  const part = mounts.memory?.root === '/' ? '' : ` · a part of the tree: ${mounts.memory?.root}`
  return `${mode === 'hybrid' ? `hybrid, memory on v${mounts.memory?.version}` : mode}${part}`
}

// Only the rows that are seen are made: there may be ten thousand.
function list(state: AppState, { pen, width, full, focused }: Place, height: number): readonly string[] {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.cgroups
  const rows = cgroupRows(history, ui)
  const source = history.sources.cgroups
  const empty = ui?.filter
    ? ` no cgroup matches “${ui.filter}”`
    : ` ${source?.error ?? 'no memory cgroups'}${source?.hint ? `: ${source.hint}` : ''}`
  const selected = focused ? ui?.selected : undefined
  const room = Math.max(0, height - 1)
  const first = firstRow(rows, selected, room)
  const seen = rows.slice(first, first + room)
  const sortedBy = ui?.column ?? 'memory'
  return table(
    pen,
    {
      columns: cgroupColumns(full, sortedBy),
      rows: seen.map(row => cgroupRow(row, history, pen, full ? width : 0, ui?.tree ?? false)),
      selected,
      sortedBy,
      empty,
    },
    width,
    height,
  )
}
