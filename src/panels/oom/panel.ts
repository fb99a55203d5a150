// The OOM panel: every known OOM kill, newest first, with its cgroups, usage, limit, and the sources that confirm it.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { filterMap } from '../../base/filter-map.ts'
import { formatAge, formatBytes, formatShortBytes } from '../../base/format.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { describeNodes } from '../../collectors/kmsg/oom-kill.ts'
import { computeRss, getLimitUsage } from '../../detectors/oom/kill-text.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'
import { drawTable, type TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { formatOrDash } from '../format-missing.ts'
import { getKillKey, linkToCgroup } from '../links.ts'
import { type Detail, filterRows, type Panel } from '../panel.ts'
import { buildKillDetail } from './detail.ts'

export const oomPanel: Panel = {
  id: 'oom',
  title: 'OOM kills',
  key: '5',
  beside: 'page',
  name: 'OOM',
  filterable: true,
  graphs: 'ram',
  detectors: ['oom-kill', 'oom-without-kill', 'program-kills'],
  overviewFocus: 'log',
  getNote: state => {
    const counter = getVisibleHistory(state).vmstat.counters.oom_kill
    return counter === undefined ? '' : `${counter} since boot`
  },
  listKeys: state => listKills(state).map(getKillKey),
  draw: (state, { pen, width, height }) => {
    const history = getVisibleHistory(state)
    const rows = listKills(state).map(correlated => toKillRow(correlated, history))
    return drawTable(
      pen,
      { columns: COLUMNS, rows, selected: state.ui.panels.oom?.selected, empty: getEmptyText(history) },
      width,
      height,
    )
  },
  getDetail: (state, key) => {
    const history = getVisibleHistory(state)
    const correlated = getCorrelatedKills(history).find(other => getKillKey(other) === key)
    return correlated?.kill?.sequence != null
      ? buildKillDetail(history, correlated.kill.sequence, state.alerts)
      : correlated && buildCounterDetail(correlated, history)
  },
}

const getVictimName = ({ kill, count }: CorrelatedKill): string => (kill ? kill.victim.comm : `${count} unnamed`)

function listKills(state: AppState): readonly CorrelatedKill[] {
  const history = getVisibleHistory(state)
  const formatPathAndName = (path: string | null | undefined): string =>
    path == null ? '' : `${path} ${formatCgroupName(history, path)}`
  const getSearchText = (correlated: CorrelatedKill): string =>
    `${getVictimName(correlated)} ${formatPathAndName(correlated.cgroup)} ${formatPathAndName(correlated.kill?.oomMemcg)}`
  return filterRows(getCorrelatedKills(history), state.ui.panels.oom?.filter, getSearchText).toReversed()
}

const COLUMNS: readonly TableColumn[] = [
  { id: 'age', title: ' WHEN', width: 14, rank: 1 },
  { id: 'process', title: 'PROCESS', width: 16 },
  { id: 'pid', title: 'PID', width: 7, align: 'right', rank: 6 },
  { id: 'rss', title: 'RSS', width: 6, align: 'right', rank: 4 },
  { id: 'use', title: 'USAGE', width: 6, align: 'right', rank: 5 },
  { id: 'limit', title: 'LIMIT', width: 6, align: 'right', rank: 2 },
  { id: 'owner', title: 'LIMIT SET ON', width: 28, rank: 3, truncateAt: 'middle' },
  { id: 'cgroup', title: 'CGROUP', truncateAt: 'middle' },
  { id: 'seen', title: 'CONFIRMED BY', width: 26, rank: 7 },
]

function toKillRow(correlated: CorrelatedKill, history: History): TableRow {
  const { kill, cgroup, time, witnesses } = correlated
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
      seen: { text: witnesses.join(' ').replaceAll('memory.', ''), tone: 'muted' },
    },
  }
}

function getEmptyText(history: History): string {
  const { error, hint } = history.sources.kmsg ?? {}
  if (error) return ` the kernel log cannot be read (${error}${hint ? `: ${hint}` : ''}); only counters show kills`
  if (!history.sources.kmsg) return ' no OOM kills counted; the kernel log is not read (--kmsg off)'
  return ' no OOM kills'
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
      ['confirmed by', correlated.witnesses.join(', ')],
    ],
    links: filterMap([correlated.cgroup], path => linkToCgroup(history, path)),
    remedies: [],
  }
}

const formatOptionalName = (history: History, path: string | null | undefined): string =>
  path == null ? '–' : formatCgroupName(history, path)
