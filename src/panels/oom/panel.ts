// The OOM panel: every known OOM kill, newest first, with its cgroups, usage, limit, and the sources that confirm it.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { filterMap } from '../../base/filter-map.ts'
import { formatAge, formatBytes, formatCount, formatShortBytes } from '../../base/format.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { describeNodes } from '../../collectors/kmsg/oom/oom-kill.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import { countForgottenKills, describeForgottenKills } from '../../detectors/oom/forgotten-kills.ts'
import { computeRss, getLimitUsage } from '../../detectors/oom/kill-text.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'
import type { TableOptions, TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { describeNoMatch } from '../filter.ts'
import { formatOrDash } from '../format-missing.ts'
import { getKillKey, linkToCgroup } from '../links.ts'
import { describeMissingLog, describeUnread } from '../no-kernel-log.ts'
import {
  type Detail,
  filterRows,
  type Panel,
  type PanelArea,
  type PlacedTable,
  type SortValue,
  sortRows,
} from '../panel.ts'
import { drawPlacedTable } from '../placed-table.ts'
import { buildKillDetail } from './detail.ts'

export const oomPanel: Panel = {
  id: 'oom',
  title: 'OOM kills',
  key: '5',
  beside: 'page',
  name: 'OOM',
  filterable: true,
  filterNames: ['rss', 'usage', 'limit', 'pid'],
  graphs: 'ram',
  detectors: listDetectorsAbout('oom'),
  overviewFocus: 'log',
  getNote: state => {
    const history = getVisibleHistory(state)
    const counter = history.vmstat.counters.oom_kill
    const forgotten = countForgottenKills(history)
    return [
      counter === undefined ? [] : `${formatCount(counter)} since boot`,
      forgotten === 0 ? [] : `${formatCount(forgotten)} without a record`,
      describeUnread(history) ?? [],
    ]
      .flat()
      .join(' · ')
  },
  listKeys: state => listKills(state).map(getKillKey),
  sortColumns: ['age', 'process', 'pid', 'rss', 'use', 'limit', 'owner', 'cgroup'],
  sortLetters: { age: 'W', process: 'P', pid: 'D', rss: 'R', use: 'U', limit: 'I', owner: 'O', cgroup: 'C' },
  placeTable: (state, area) => placeKillTable(state, area),
  draw: (state, area) => drawPlacedTable(area.pen, placeKillTable(state, area)),
  describeRow: (state, key) => {
    const history = getVisibleHistory(state)
    const row = listKills(state).find(other => getKillKey(other) === key)
    return row && describeCells(toKillRow(row, history))
  },
  getDetail: (state, key) => {
    const history = getVisibleHistory(state)
    const correlated = getCorrelatedKills(history).find(other => getKillKey(other) === key)
    return correlated?.kill?.sequence != null
      ? buildKillDetail(history, correlated.kill.sequence, state.alerts)
      : correlated && buildCounterDetail(correlated, history)
  },
}

function placeKillTable(state: AppState, { width, height, focused }: PanelArea): PlacedTable {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.oom
  const options: TableOptions = {
    columns: COLUMNS,
    rows: listKills(state).map(correlated => toKillRow(correlated, history)),
    selected: ui?.selected,
    sortedBy: ui?.column,
    reverse: ui?.reverse,
    sortLetters: focused ? oomPanel.sortLetters : undefined,
    empty: ui?.filter ? ` ${describeNoMatch('OOM kill', ui.filter, oomPanel.filterNames)}` : getEmptyText(history),
  }
  return { options, top: 0, left: 0, width, height }
}

const getVictimName = ({ kill, count }: CorrelatedKill): string => (kill ? kill.victim.comm : `${count} unnamed`)

function listKills(state: AppState): readonly CorrelatedKill[] {
  const history = getVisibleHistory(state)
  const formatPathAndName = (path: string | null | undefined): string =>
    path == null ? '' : `${path} ${formatCgroupName(history, path)}`
  const getSearchText = (correlated: CorrelatedKill): string =>
    `${getVictimName(correlated)} ${formatPathAndName(correlated.cgroup)} ${formatPathAndName(correlated.kill?.oomMemcg)}`
  const { filter, column = 'age', reverse } = state.ui.panels.oom ?? {}
  const kills = filterRows(getCorrelatedKills(history), filter, correlated => ({
    text: getSearchText(correlated),
    values: {
      rss: correlated.kill && computeRss(correlated.kill.victim),
      usage: getLimitUsage(correlated, history).usage,
      limit: getLimitUsage(correlated, history).limit,
      pid: correlated.kill?.victim.pid,
    },
  }))
  return sortRows(kills.toReversed(), one => getSortValue(one, column, history), reverse)
}

function getSortValue(correlated: CorrelatedKill, column: string, history: History): SortValue {
  const { kill, cgroup, time } = correlated
  switch (column) {
    case 'process':
      return getVictimName(correlated)
    case 'pid':
      return kill?.victim.pid
    case 'rss':
      return kill && computeRss(kill.victim)
    case 'use':
      return getLimitUsage(correlated, history).usage
    case 'limit':
      return getLimitUsage(correlated, history).limit
    case 'owner':
      return kill?.oomMemcg
    case 'cgroup':
      return cgroup
    default:
      return time
  }
}

const COLUMNS: readonly TableColumn[] = [
  { id: 'age', title: ' WHEN', width: 16, rank: 0.5 },
  { id: 'process', title: 'PROCESS', width: 16, isAscending: true },
  { id: 'pid', title: 'PID', width: 7, align: 'right', rank: 6 },
  { id: 'rss', title: 'RSS', width: 6, align: 'right', rank: 4 },
  { id: 'use', title: 'USAGE', width: 6, align: 'right', rank: 5 },
  { id: 'limit', title: 'LIMIT', width: 6, align: 'right', rank: 2 },
  { id: 'owner', title: 'LIMIT SET ON', width: 28, rank: 3, truncateAt: 'middle', isAscending: true },
  { id: 'cgroup', title: 'CGROUP', truncateAt: 'middle', isAscending: true },
  { id: 'seen', title: 'CONFIRMED BY', width: 26, rank: 7 },
]

function toKillRow(correlated: CorrelatedKill, history: History): TableRow {
  const { kill, cgroup, time, confirmedBy } = correlated
  const { usage, limit } = getLimitUsage(correlated, history)
  const formatSize = (value: number | null | undefined): string => formatOrDash(value, formatShortBytes)
  return {
    key: getKillKey(correlated),
    cells: {
      age: { text: ` ${formatAge(history.time - time)}`, tone: 'muted' },
      process: {
        text: `${getVictimName(correlated)}${kill?.alsoKilled.length ? ` +${kill.alsoKilled.length}` : ''}`,
        tone: 'critical',
      },
      pid: { text: kill ? String(kill.victim.pid) : '–' },
      rss: { text: formatSize(kill && computeRss(kill.victim)) },
      use: { text: formatSize(usage) },
      limit: { text: formatSize(limit) },
      owner: { text: kill?.global ? describeNodes(kill) : formatOptionalName(history, kill?.oomMemcg) },
      cgroup: { text: cgroup === null ? 'unknown' : formatCgroupName(history, cgroup) },
      seen: { text: confirmedBy.join(' ').replaceAll('memory.', ''), tone: 'muted' },
    },
  }
}

function getEmptyText(history: History): string {
  const missing = describeMissingLog(history)
  const unread = describeUnread(history)
  if (unread !== undefined) return ` no OOM kills yet: ${missing ?? unread}`
  const forgotten = describeForgottenKills(history)
  if (forgotten !== undefined) return ` ${forgotten}`
  return missing === undefined ? ' no OOM kills' : ` no OOM kills counted; ${missing}`
}

function buildCounterDetail(correlated: CorrelatedKill, history: History): Detail {
  return {
    title: `${correlated.count} OOM kill${correlated.count === 1 ? '' : 's'} in counters only`,
    tone: 'critical',
    introduction: [
      'A counter increased, but the kernel log does not name the victim: rate-limited, overwritten, or not readable.',
    ],
    graphs: [],
    facts: [
      ['when', formatAge(history.time - correlated.time)],
      ['cgroup', correlated.cgroup ?? 'unknown'],
      ['limit', formatBytes(getLimitUsage(correlated, history).limit ?? undefined)],
      ['confirmed by', correlated.confirmedBy.join(', ')],
    ],
    links: filterMap([correlated.cgroup], path => linkToCgroup(history, path)),
    remedies: [],
  }
}

const describeCells = ({ cells }: TableRow): string =>
  COLUMNS.map(({ id, title }) => `${title.trim().toLowerCase()} ${String(cells[id]?.text ?? '').trim()}`).join(', ')

const formatOptionalName = (history: History, path: string | null | undefined): string =>
  path == null ? '–' : formatCgroupName(history, path)
