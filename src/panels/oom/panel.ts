// The OOM panel: every OOM kill that is known, newest first, with both cgroups, use and limit, and who saw it.
import { formatAge, formatBytes, formatShortBytes } from '../../base/format.ts'
import { describeNodes } from '../../collectors/kmsg/oom-kill.ts'
import { formatCgroupName as cgroupName } from '../../collectors/names.ts'
import { getLimitUsage, computeRss } from '../../detectors/oom-kill.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../../detectors/witnesses.ts'
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import { type Column, type Row, table } from '../../widgets/table.ts'
import { type Detail, filtered, type Panel } from '../panel.ts'
import { killDetail } from './detail.ts'

export const oomPanel: Panel = {
  id: 'oom',
  title: 'OOM kills',
  note: state => {
    const counter = getVisibleHistory(state).vmstat.counters.oom_kill
    return counter === undefined ? '' : `${counter} since boot`
  },
  keys: state => rowsOf(state).map(keyOf),
  draw: (state, { pen, width, height }) => {
    const history = getVisibleHistory(state)
    const rows = rowsOf(state).map(seen => rowOf(seen, history))
    return table(
      pen,
      { columns: COLUMNS, rows, selected: state.ui.panels.oom?.selected, empty: emptyText(history) },
      width,
      height,
    )
  },
  detail: (state, key) => {
    const history = getVisibleHistory(state)
    const seen = getCorrelatedKills(history).find(other => keyOf(other) === key)
    return seen?.kill?.sequence != null ? killDetail(history, seen.kill.sequence) : seen && counterDetail(seen, history)
  },
}

const keyOf = ({ kill, time, cgroup }: CorrelatedKill): string =>
  kill ? `${kill.victim.pid}@${kill.sequence}` : `${cgroup}@${time}`

const nameOf = ({ kill, count }: CorrelatedKill): string => (kill ? kill.victim.comm : `${count} not named`)

function rowsOf(state: AppState): readonly CorrelatedKill[] {
  const history = getVisibleHistory(state)
  const pathAndName = (path: string | null | undefined): string =>
    path == null ? '' : `${path} ${cgroupName(history, path)}`
  const text = (seen: CorrelatedKill): string =>
    `${nameOf(seen)} ${pathAndName(seen.cgroup)} ${pathAndName(seen.kill?.oomMemcg)}`
  return filtered(getCorrelatedKills(history), state.ui.panels.oom?.filter, text).toReversed()
}

const COLUMNS: readonly Column[] = [
  { id: 'age', title: ' WHEN', width: 14, rank: 1 },
  { id: 'process', title: 'PROCESS', width: 16 },
  { id: 'pid', title: 'PID', width: 7, align: 'right', rank: 6 },
  { id: 'rss', title: 'HELD', width: 6, align: 'right', rank: 4 },
  { id: 'use', title: 'USED', width: 6, align: 'right', rank: 5 },
  { id: 'limit', title: 'LIMIT', width: 6, align: 'right', rank: 2 },
  { id: 'owner', title: 'LIMIT OF', width: 28, rank: 3, cut: 'middle' },
  { id: 'cgroup', title: 'DIED IN', cut: 'middle' },
  { id: 'seen', title: 'SEEN BY', width: 26, rank: 7 },
]

function rowOf(seen: CorrelatedKill, history: History): Row {
  const { kill, cgroup, time, witnesses } = seen
  const { usage, limit } = getLimitUsage(seen, history)
  const size = (value: number | null): string => (value === null ? '–' : formatShortBytes(value))
  return {
    key: keyOf(seen),
    cells: {
      age: { text: ` ${formatAge(history.time - time)}`, tone: 'muted' },
      process: {
        text: `${nameOf(seen)}${kill?.alsoKilled.length ? ` +${kill.alsoKilled.length}` : ''}`,
        tone: 'critical',
      },
      pid: { text: kill ? String(kill.victim.pid) : '–' },
      rss: { text: kill ? size(computeRss(kill.victim) ?? null) : '–' },
      use: { text: size(usage) },
      limit: { text: size(limit) },
      owner: {
        text: kill?.global ? describeNodes(kill) : kill?.oomMemcg == null ? '–' : cgroupName(history, kill.oomMemcg),
      },
      cgroup: { text: cgroup === null ? 'not told' : cgroupName(history, cgroup) },
      seen: { text: witnesses.join(' ').replaceAll('memory.', ''), tone: 'muted' },
    },
  }
}

function emptyText(history: History): string {
  const { error, hint } = history.sources.kmsg ?? {}
  if (error)
    return ` the kernel log cannot be read (${error}${hint ? `: ${hint}` : ''}); kills are seen by counters only`
  if (!history.sources.kmsg) return ' no counter rose; the kernel log is not read (--kmsg off)'
  return ' none in the kernel log, and no counter rose'
}

function counterDetail(seen: CorrelatedKill, history: History): Detail {
  return {
    title: `${seen.count} OOM kill${seen.count === 1 ? '' : 's'} seen by counters only`,
    tone: 'critical',
    lead: ['A counter rose, but the kernel log does not tell who: rate-limited, overwritten, or not readable.'],
    graphs: [],
    facts: [
      ['when', formatAge(history.time - seen.time)],
      ['cgroup', seen.cgroup ?? 'not told'],
      ['limit', formatBytes(getLimitUsage(seen, history).limit ?? undefined)],
      ['seen by', seen.witnesses.join(', ')],
    ],
    remedy: [],
  }
}
