// The cgroups panel: how many cgroups the kernel holds, how many are dying, and which use the memory.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatBytes, formatCount } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import { computeVariation } from '../../widgets/sparkline.ts'
import { findFirstRow, type TableOptions } from '../../widgets/table.ts'
import { listLitCgroups } from '../alert-tones.ts'
import { describeNoMatch } from '../filter.ts'
import type { Panel, PanelArea, PlacedTable } from '../panel.ts'
import { listCgroupGraphs } from '../panel-graphs.ts'
import { drawPlacedTable } from '../placed-table.ts'
import { selectCgroupColumns, toTableRow } from './columns.ts'
import { drawCounts, drawShortCounts } from './counts.ts'
import { buildCgroupDetail } from './detail.ts'
import { CGROUP_COLUMNS, type ListedCgroups, listCgroups } from './rows.ts'

const MIN_HEIGHT = 7 // from which each count has a line of its own

export const cgroupsPanel: Panel = {
  id: 'cgroups',
  title: 'Cgroups',
  key: '2',
  beside: 'page',
  name: 'Cgroups',
  filterable: true,
  filterNames: ['memory', 'limit', 'kernel', 'oom', 'dying', 'anon', 'file', 'swap', 'failcnt', 'growth'],
  graphs: listCgroupGraphs,
  detectors: listDetectorsAbout('cgroups'),
  minHeight: MIN_HEIGHT,
  sortColumns: CGROUP_COLUMNS,
  getNote: state =>
    `${describeHidden(state)}${state.ui.panels.cgroups?.tree ? 'tree · ' : ''}${describeMode(getVisibleHistory(state))}`,
  listKeys: state => listRows(state).rows.map(({ key }) => key),
  listLitKeys: ({ alerts }) => listLitCgroups(alerts),
  sortLetters: {
    name: 'E',
    memory: 'M',
    limit: 'I',
    'of limit': '%',
    kernel: 'R',
    file: 'F',
    sock: 'K',
    percpu: 'U',
    swap: 'W',
    growth: 'H',
    left: 'T',
    psi: 'P',
    dying: 'D',
    failcnt: 'C',
    oom: 'O',
  },
  placeTable: (state, area) => placeList(state, area, drawHead(state, area).length),
  draw: (state, area) => {
    const counts = drawHead(state, area)
    const list = drawPlacedTable(area.pen, placeList(state, area, counts.length))
    return [...counts, ...list].slice(0, area.height)
  },
  // a pod has a short name in the list
  findHiddenText: (state, area, key) => {
    const history = getVisibleHistory(state)
    const isShort = formatCgroupName(history, key) !== key || state.ui.panels.cgroups?.tree === true
    return history.cgroups.cgroups.has(key) && (isShort || key.length > MAX_NAME_WIDTH * area.width) ? key : undefined
  },
  describeRow: (state, key) => {
    const { cgroups } = getVisibleHistory(state).cgroups
    const { current, limit } = cgroups.get(key) ?? {}
    return current == null ? key : `${key}  ${formatBytes(current)}${formatLimit(limit)}`
  },
  getDetail: buildCgroupDetail,
}

const MAX_NAME_WIDTH = 0.4 // of the list, from which a path may be cut

const formatLimit = (limit: number | null | undefined): string =>
  limit != null && Number.isFinite(limit) ? ` of ${formatBytes(limit)}` : ''

const drawHead = (state: AppState, area: PanelArea): readonly string[] =>
  area.height < MIN_HEIGHT
    ? [drawShortCounts(getVisibleHistory(state), area)]
    : drawCounts(getVisibleHistory(state), area)

// The mode explains missing counts: dying cgroups outside the mounted part of the tree cannot be counted.
function describeMode({ cgroups: { mode, mounts, enabled }, sources }: History): string {
  if (sources.cgroups?.okAt == null) return 'not read'
  if (!enabled) return 'memory controller off: cgroup_disable=memory'
  if (mode === 'none') return 'no cgroup tree with the memory controller is mounted'
  const part = mounts.memory?.root === '/' ? '' : ` · part of the tree: ${mounts.memory?.root}`
  return `${mode === 'hybrid' ? `hybrid, memory on v${mounts.memory?.version}` : mode}${part}`
}

// Only visible rows are built: there may be ten thousand cgroups.
function placeList(state: AppState, area: PanelArea, top: number): PlacedTable {
  const { pen, width, full, focused, span, ahead = 0 } = area
  const height = area.height - top
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.cgroups
  const { rows } = listRows(state)
  const selected = focused ? ui?.selected : undefined
  const room = Math.max(0, height - 1)
  const first = findFirstRow(rows, selected, room)
  const visibleRows = rows.slice(first, first + room)
  const now = history.time
  const { baseline } = state.ui
  const variations = visibleRows.map(({ cgroup }) => computeVariation(cgroup.series, { now, span }))
  const view = {
    pen,
    span,
    ahead,
    minRange: Math.max(MiB, ...variations),
    tree: ui?.tree ?? false,
    alerts: state.alerts,
    baseline,
  }
  const options: TableOptions = {
    columns: selectCgroupColumns({ full, sortedBy: ui?.column ?? '', span, baseline }),
    rows: visibleRows.map(row => toTableRow(row, history, view)),
    selected,
    sortedBy: ui?.column,
    reverse: ui?.reverse,
    sortLetters: focused ? cgroupsPanel.sortLetters : undefined,
    empty: describeEmpty(history, ui?.filter),
  }
  return { options, top, left: 0, width, height }
}

function describeEmpty({ sources }: History, filter: string | undefined): string {
  if (filter) return ` ${describeNoMatch('cgroup', filter, cgroupsPanel.filterNames)}`
  const { error, hint } = sources.cgroups ?? {}
  return ` ${error ?? 'no memory cgroups'}${hint ? `: ${hint}` : ''}`
}

const listRows = (state: AppState): ListedCgroups =>
  listCgroups(getVisibleHistory(state), state.ui.panels.cgroups, state.ui.baseline)

function describeHidden(state: AppState): string {
  const { hidden } = listRows(state)
  return hidden > 0 ? `${formatCount(hidden)} empty hidden (e) · ` : ''
}
