// The slab panel: which caches hold memory, which grew, and which names share a cache.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { filterMap } from '../../base/filter-map.ts'
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatShortBytes,
  formatShortDuration,
  formatSignedBytes,
} from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { computeVariation, drawSeriesSparkline } from '../../widgets/sparkline.ts'
import type { TableOptions, TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { getCacheTone, listLitCaches } from '../alert-tones.ts'
import { computeSeriesGrowth } from '../baseline.ts'
import { describeNoMatch } from '../filter.ts'
import type { Panel, PanelArea, PlacedTable } from '../panel.ts'
import { listSlabGraphs } from '../panel-graphs.ts'
import { drawPlacedTable } from '../placed-table.ts'
import { formatWindow } from '../time-window.ts'
import { buildSlabDetail } from './detail.ts'
import { computeFill, forecastCache, getGrowthStart, listSlabRows, SLAB_COLUMNS } from './rows.ts'

export const slabPanel: Panel = {
  id: 'slab',
  title: 'Slab',
  key: '3',
  beside: 'page',
  name: 'Slab',
  filterable: true,
  filterNames: ['size', 'objects', 'fill', 'growth'],
  graphs: listSlabGraphs,
  detectors: listDetectorsAbout('slab'),
  sortColumns: SLAB_COLUMNS,
  getNote: state => {
    const history = getVisibleHistory(state)
    if (history.slabinfo.time === null) return formatBytes(history.meminfo.values.get('Slab'))
    return `${formatBytes(history.meminfo.values.get('Slab'))} in ${history.slabinfo.caches.length} caches`
  },
  listKeys: state => listSlabRows(state).map(({ key }) => key),
  listLitKeys: state => {
    const keys = new Map(listSlabRows(state).map(({ name, key }) => [name, key]))
    return filterMap(listLitCaches(state.alerts), name => keys.get(name))
  },
  sortLetters: {
    name: 'C',
    kind: 'P',
    size: 'Z',
    objects: 'O',
    fill: 'F',
    objSize: 'J',
    growth: 'R',
    pace: 'H',
    left: 'T',
  },
  placeTable: (state, area) => placeSlabTable(state, area),
  draw: (state, area) => drawPlacedTable(area.pen, placeSlabTable(state, area)),
  describeRow: (state, key) => {
    const cache = listSlabRows(state).find(other => other.key === key)
    return cache && `${cache.name}  ${formatBytes(cache.bytes)}, ${formatCount(cache.numObjs)} objects`
  },
  getDetail: buildSlabDetail,
}

function placeSlabTable(state: AppState, area: PanelArea): PlacedTable {
  const { pen, width, height, full, focused, span, ahead = 0 } = area
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.slab ?? {}
  const rows = listSlabRows(state).slice(0, focused ? undefined : height)
  const { error, hint } = history.sources.slabinfo ?? {}
  const empty = ui.filter
    ? ` ${describeNoMatch('cache', ui.filter, slabPanel.filterNames)}`
    : ` ${error ?? 'waiting for /proc/slabinfo'}${hint ? `: ${hint}` : ''}`
  const range = Math.max(
    MIN_RANGE,
    ...rows.slice(0, height).map(({ series }) => computeVariation(series, { now: history.time, span })),
  )
  const drawn = rows.map(cache => toTableRow(cache, state, { pen, now: history.time, span, ahead, minRange: range }))
  const options: TableOptions = {
    columns: buildColumns(span, full),
    rows: drawn,
    selected: focused ? ui.selected : undefined,
    sortedBy: ui.column ?? 'growth',
    reverse: ui.reverse,
    sortLetters: focused ? slabPanel.sortLetters : undefined,
    empty,
  }
  return { options, top: 0, left: 0, width, height }
}

const MIN_RANGE = MiB / 4 // bytes: less is drawn flat

const buildColumns = (span: number, full: boolean): readonly TableColumn[] => [
  { id: 'name', title: ' CACHE', minWidth: 16, isAscending: true },
  { id: 'kind', title: 'TYPE', width: 4, rank: 5 },
  { id: 'size', title: 'SIZE', width: 6, align: 'right' },
  { id: 'objects', title: 'OBJECTS', width: 8, align: 'right', rank: 4 },
  { id: 'fill', title: 'FILL', width: 5, align: 'right', rank: 6 },
  ...(full ? ([{ id: 'objSize', title: 'OBJ SIZE', width: 8, align: 'right', rank: 8 }] as const) : []),
  { id: 'trend', title: formatWindow(span), width: 8, grow: 80, rank: 1 },
  { id: 'growth', title: 'GROWTH', width: 9, align: 'right' },
  { id: 'pace', title: 'PER HOUR', width: 9, align: 'right', rank: 2 },
  ...(full ? ([{ id: 'left', title: 'LEFT', width: 6, align: 'right', rank: 3, isAscending: true }] as const) : []),
]

interface RowView {
  readonly pen: Pen
  readonly now: number
  readonly span: number
  readonly ahead: number
  /** bytes that the sparklines of all rows share as their height */
  readonly minRange: number
}

function toTableRow(cache: SlabCache, state: AppState, view: RowView): TableRow {
  const history = getVisibleHistory(state)
  const reclaimable = isReclaimable(history.slab, cache.name)
  const growth = computeSeriesGrowth(history, cache.series, getGrowthStart(state, history))
  const tone = getCacheTone(state.alerts, cache.name)
  const isAlerted = tone !== 'normal'
  const quiet: Tone = (growth ?? 0) > 0 ? 'normal' : 'muted'
  const aliases = listOtherNames(history.slab, cache.name)
  const { perHour: hourlyRate, timeLeft: left } = forecastCache(state, cache) ?? {}
  return {
    key: cache.key,
    cells: {
      name: {
        text: `${isAlerted ? getSign(tone, view.pen) : ' '}${cache.name}`,
        extra: aliases.length > 0 ? ` = ${aliases.join(' = ')}` : '',
        tone,
      },
      kind: { text: reclaimable ? 'R' : 'U', tone: reclaimable ? 'good' : 'warning' },
      size: { text: formatShortBytes(cache.bytes), tone },
      objects: { text: cache.numObjs > 0 ? formatCount(cache.numObjs) : '' },
      fill: { text: cache.numObjs > 0 ? formatPercent(computeFill(cache)).replace(' ', '') : '' },
      objSize: { text: cache.objSize > 0 ? formatBytes(cache.objSize) : '', tone: 'muted' },
      trend: {
        text: width => drawSeriesSparkline(cache.series, { ...view, width, glyphs: view.pen.glyphs }),
        tone: isAlerted ? tone : 'accent',
      },
      growth: { text: growth === undefined ? '' : formatSignedBytes(growth), tone: isAlerted ? tone : quiet },
      left: { text: left === undefined ? '' : `~${formatShortDuration(left)}`, tone: 'warning' },
      pace: { text: hourlyRate === undefined ? '' : formatSignedBytes(hourlyRate), tone: 'muted' },
    },
  }
}

const getSign = (tone: Tone, { glyphs }: Pen): string =>
  tone === 'critical' || tone === 'warning' ? glyphs[tone] : ' '
