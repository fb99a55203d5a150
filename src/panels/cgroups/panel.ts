// The Cgroups panel: how many the kernel carries, how many are dead, and who uses the memory.
import { bytes, count, duration, percent, shortBytes, signedBytes } from '../../base/format.ts'
import type { Series } from '../../base/series.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { shortCgroup } from '../../collectors/cgroups/name.ts'
import type { History } from '../../history.ts'
import { type State, shown } from '../../session/state.ts'
import { lineOf, type Part } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { sparkOf } from '../../widgets/sparkline.ts'
import { type Cell, type Column, type Row, table } from '../../widgets/table.ts'
import { type Detail, type Panel, type Place, spanOf, WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'
import { CGROUP_COLUMNS, cgroupRows, churn, growthOf, idsLeft, idsUsed, kernelOf, shareOfLimit } from './view.ts'

export const cgroupsPanel: Panel = {
  id: 'cgroups',
  title: 'Cgroups',
  columns: CGROUP_COLUMNS,
  note: state => modeOf(shown(state)),
  keys: state => cgroupRows(shown(state), state.ui.panels.cgroups).map(({ path }) => path),
  draw: (state, place) => {
    const counts = place.height < 7 ? [shortCounts(shown(state), place)] : countLines(shown(state), place)
    return [...counts, ...list(state, place, place.height - counts.length)].slice(0, place.height)
  },
  detail,
}

const modeOf = ({ cgroups: { mode, mounts } }: History): string =>
  mode === 'none' ? 'no memory controller' : mode === 'hybrid' ? `hybrid, memory on v${mounts.memory?.version}` : mode

// On a small screen the counts share one line, what is dying first.
function shortCounts(history: History, { pen, width }: Place): string {
  const { dying, directories, numCgroups } = history.cgroups
  const used = idsUsed(history.cgroups)
  const parts: readonly Part[] = [
    { text: ` dying ${count(dying ?? undefined)}`, tone: (dying ?? 0) > directories ? 'warning' : 'normal' },
    { text: ` · directories ${count(directories)} · in the kernel ${count(numCgroups ?? undefined)}` },
    { text: used === undefined ? '' : ` · memcg IDs ${percent(used)}`, tone: 'muted' },
  ]
  return lineOf(pen, parts, width)
}

function countLines(history: History, { pen, width }: Place): readonly string[] {
  const tree = history.cgroups
  const { created, removed } = churn(tree, history.time)
  const used = idsUsed(tree)
  const left = idsLeft(history)
  const ids =
    used === undefined
      ? ''
      : `memcg IDs ${percent(used)}${used >= 1 ? ', all taken' : left === undefined ? '' : `, gone in ~${duration(left)}`}`
  const unknown =
    tree.mounts.memory && tree.mounts.memory.root !== '/'
      ? 'only a part of the tree is mounted here'
      : 'the kernel does not tell'
  const row = (name: string, value: number | null, series: Series, note: string, tone: Tone = 'normal'): string =>
    countLine(history, pen, width, { name, value, series, note, tone })
  return [
    row('directories', tree.directories, tree.series.directories, `+${rate(created)} −${rate(removed)} /min`),
    row('in the kernel', tree.numCgroups, tree.series.numCgroups, ids, (used ?? 0) > 0.5 ? 'warning' : 'normal'),
    row('dying', tree.dying, tree.series.dying, tree.dying === null ? unknown : pace(history, tree.series.dying)),
  ]
}

const rate = (perMinute: number): string =>
  perMinute < 9.95 ? perMinute.toFixed(1).replace(/\.0$/, '') : count(perMinute)

function pace(history: History, series: Series): string {
  const hourly = perHour(series, history.time - WINDOW, history.time)
  return hourly === undefined ? '' : `${hourly > 0 ? '+' : ''}${count(hourly)}/h`
}

interface CountRow {
  readonly name: string
  readonly value: number | null
  readonly series: Series
  readonly note: string
  readonly tone: Tone
}

const NOTE = 24 // cells kept for the note, so that the three courses stand below each other

function countLine(history: History, pen: Pen, width: number, { name, value, series, note, tone }: CountRow): string {
  const sparkWidth = Math.max(0, Math.min(30, width - 23 - NOTE))
  const parts: readonly Part[] = [
    { text: ` ${name.padEnd(13)}` },
    { text: `${count(value ?? undefined).padStart(8)} `, tone },
    { text: sparkOf(series, history.time, spanOf(history), sparkWidth, pen.glyphs, 10), tone: 'accent' },
    { text: ` ${note}`, tone: 'muted' },
  ]
  return lineOf(pen, parts, width)
}

const COLUMNS: readonly Column[] = [
  { id: 'name', title: ' NAME', least: 20, cut: 'middle' },
  { id: 'memory', title: 'MEMORY', width: 7, align: 'right' },
  { id: 'limit', title: 'LIMIT', width: 6, align: 'right', rank: 4 },
  { id: 'of limit', title: '%', width: 5, align: 'right', rank: 3 },
  { id: 'kernel', title: 'KERNEL', width: 7, align: 'right', rank: 2 },
  { id: 'growth', title: 'PER HOUR', width: 9, align: 'right', rank: 5 },
  { id: 'oom', title: 'OOM', width: 4, align: 'right', rank: 1 },
]
const FULL_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, 5),
  { id: 'anon', title: 'ANON', width: 6, align: 'right', rank: 6 },
  { id: 'file', title: 'FILE', width: 6, align: 'right', rank: 7 },
  { id: 'course', title: 'COURSE', width: 20, rank: 9 },
  { id: 'growth', title: 'PER HOUR', width: 9, align: 'right', rank: 5 },
  { id: 'failcnt', title: 'FAILCNT', width: 8, align: 'right', rank: 8 },
  { id: 'oom', title: 'OOM', width: 4, align: 'right', rank: 1 },
]

function list(state: State, { pen, width, full, focused }: Place, height: number): readonly string[] {
  const history = shown(state)
  const ui = state.ui.panels.cgroups ?? {}
  const rows = cgroupRows(history, ui)
  const source = history.sources.cgroups
  const empty = ui.filter
    ? ` no cgroup matches “${ui.filter}”`
    : ` ${source?.error ?? 'no memory cgroups'}${source?.hint ? `: ${source.hint}` : ''}`
  const column = ui.column ?? 'memory'
  return table(
    pen,
    {
      columns: full ? FULL_COLUMNS : COLUMNS,
      rows: rows.slice(0, focused ? undefined : height).map(cgroup => rowOf(cgroup, history, pen, full ? width : 0)),
      selected: focused ? ui.selected : undefined,
      sortedBy: column,
      empty,
    },
    width,
    height,
  )
}

function rowOf(cgroup: Cgroup, history: History, pen: Pen, fullWidth: number): Row {
  const share = shareOfLimit(cgroup)
  const killed = (cgroup.oomKill ?? 0) > 0
  const tone: Tone = cgroup.underOom ? 'critical' : (share ?? 0) > 0.95 ? 'warning' : 'normal'
  const number = (value: number | null | undefined): Cell => ({ text: value === null ? '–' : shortBytes(value) })
  return {
    key: cgroup.path,
    cells: {
      name: {
        text: ` ${fullWidth >= 140 ? cgroup.path : shortCgroup(cgroup.path)}${cgroup.underOom ? ' STOPPED BY OOM' : ''}`,
        tone,
      },
      memory: { ...number(cgroup.current), tone },
      limit: number(cgroup.limit),
      'of limit': { text: share === undefined ? '' : percent(share), tone },
      kernel: number(kernelOf(cgroup)),
      anon: number(cgroup.anon),
      file: number(cgroup.file),
      course: {
        text: fullWidth > 0 ? sparkOf(cgroup.series, history.time, spanOf(history), 20, pen.glyphs, 2 ** 20) : '',
        tone: 'accent',
      },
      growth: { text: growthText(growthOf(cgroup, history)), tone: 'muted' },
      failcnt: { text: cgroup.failcnt === null ? '–' : count(cgroup.failcnt), tone: 'muted' },
      oom: {
        text: killed ? `${pen.glyphs.critical}${cgroup.oomKill}` : cgroup.oomKill === null ? '–' : '',
        tone: killed ? 'critical' : 'muted',
      },
    },
  }
}

const growthText = (growth: number | undefined): string => (growth === undefined ? '' : signedBytes(growth))

function detail(state: State, key: string): Detail | undefined {
  const history = shown(state)
  const cgroup = history.cgroups.cgroups.get(key)
  if (!cgroup) return undefined
  const size = (value: number | null): string => (value === null ? 'not told' : bytes(value))
  return {
    title: cgroup.path,
    tone: 'title',
    lead: [],
    graphs: [{ name: 'memory', series: cgroup.series, format: bytes }],
    facts: [
      ['memory', size(cgroup.current)],
      ['limit', Number.isFinite(cgroup.limit ?? 0) ? size(cgroup.limit) : 'none'],
      ['of the limit', percent(shareOfLimit(cgroup))],
      ['anon', size(cgroup.anon)],
      ['file', size(cgroup.file)],
      ['shmem', size(cgroup.shmem)],
      ['kernel', size(cgroup.kernel)],
      ['slab', `${size(cgroup.slab)}, unreclaimable ${size(cgroup.slabUnreclaimable)}`],
      ['swap', size(cgroup.swap)],
      ['limit was hit', cgroup.failcnt === null ? 'not told' : `${count(cgroup.failcnt)} times`],
      ['OOM kills', cgroup.oomKill === null ? 'not counted by this kernel' : count(cgroup.oomKill)],
      [
        'under_oom',
        cgroup.underOom ? `yes: its tasks stand still${cgroup.oomKillDisable ? ', oom_kill_disable is 1' : ''}` : 'no',
      ],
      ['inode', String(cgroup.inode)],
    ],
    remedy: [],
  }
}
