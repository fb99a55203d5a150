// The Slab panel: which caches hold memory, which grew, and what their names stand for.
import { bytes, count, duration, percent, shortBytes, signedBytes } from '../../base/format.ts'
import { firstTime, latest, valueAt } from '../../base/series.ts'
import { isReclaimable, otherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { History } from '../../history.ts'
import { type State, shown } from '../../session/state.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { sparkOf } from '../../widgets/sparkline.ts'
import { type Column, type Row, table } from '../../widgets/table.ts'
import { type Detail, filtered, type Panel, sorted, spanOf, WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'

const SLAB_COLUMNS = ['growth', 'size', 'objects', 'fill', 'name'] as const
type By = (typeof SLAB_COLUMNS)[number]

export const slabPanel: Panel = {
  id: 'slab',
  title: 'Slab',
  columns: SLAB_COLUMNS,
  note: state => {
    const { baseline } = state.ui
    const history = shown(state)
    if (history.slabinfo.time === null) return bytes(history.meminfo.values.get('Slab'))
    const since = baseline === undefined ? '' : ` · growth since ${duration(history.time - baseline)} ago`
    return `${bytes(history.meminfo.values.get('Slab'))} in ${history.slabinfo.caches.length} caches${since}`
  },
  keys: state => rowsOf(state).map(({ key }) => key),
  draw: (state, { pen, width, height, full, focused }) => {
    const history = shown(state)
    const ui = state.ui.panels.slab ?? {}
    const rows = rowsOf(state).slice(0, focused ? undefined : height)
    const { error, hint } = history.sources.slabinfo ?? {}
    const empty = ui.filter
      ? ` no cache matches “${ui.filter}”`
      : ` ${error ?? 'waiting for /proc/slabinfo'}${hint ? `: ${hint}` : ''}`
    const sparkWidth = Math.max(8, Math.min(full ? 40 : 16, width - 62))
    const drawn = rows.map(cache => rowOf(cache, state, pen, sparkWidth))
    return table(
      pen,
      {
        columns: columns(spanOf(history), sparkWidth, full),
        rows: drawn,
        selected: focused ? ui.selected : undefined,
        sortedBy: ui.column ?? 'growth',
        empty,
      },
      width,
      height,
    )
  },
  detail,
}

const begin = ({ ui }: State, history: History): number => ui.baseline ?? history.time - WINDOW

/** Bytes gained since the baseline, or in the last 15 minutes. */
function gained(cache: SlabCache, since: number): number {
  const first = firstTime(cache.series)
  return first === undefined ? 0 : latest(cache.series)! - valueAt(cache.series, Math.max(first, since))!
}

function rowsOf(state: State): readonly SlabCache[] {
  const history = shown(state)
  const ui = state.ui.panels.slab ?? {}
  const since = begin(state, history)
  const names = (cache: SlabCache): string => [cache.name, ...otherNames(history.slab, cache.name)].join(' ')
  const by: Record<By, (cache: SlabCache) => number | string> = {
    growth: cache => gained(cache, since),
    size: cache => cache.bytes,
    objects: cache => cache.numObjs,
    fill: cache => fillOf(cache) ?? -1,
    name: cache => cache.name,
  }
  const bySize = sorted(history.slabinfo.caches, by.size)
  return sorted(filtered(bySize, ui.filter, names), by[(ui.column ?? 'growth') as By], ui.reverse)
}

const fillOf = ({ activeObjs, numObjs }: SlabCache): number | undefined =>
  numObjs > 0 ? activeObjs / numObjs : undefined

const columns = (span: number, sparkWidth: number, full: boolean): readonly Column[] => [
  { id: 'name', title: ' CACHE', least: 20 },
  { id: 'kind', title: 'R', width: 1, rank: 4 },
  { id: 'size', title: 'SIZE', width: 6, align: 'right' },
  { id: 'objects', title: 'OBJECTS', width: 8, align: 'right', rank: 2 },
  { id: 'fill', title: 'FILL', width: 5, align: 'right', rank: 3 },
  ...(full ? ([{ id: 'objSize', title: 'OBJ SIZE', width: 8, align: 'right', rank: 5 }] as const) : []),
  { id: 'course', title: duration(span), width: sparkWidth, rank: 1 },
  { id: 'growth', title: 'GROWTH', width: 9, align: 'right' },
  { id: 'pace', title: 'PER HOUR', width: 9, align: 'right', rank: 6 },
]

function rowOf(cache: SlabCache, state: State, pen: Pen, sparkWidth: number): Row {
  const history = shown(state)
  const reclaimable = isReclaimable(history.slab, cache.name)
  const grown = gained(cache, begin(state, history))
  const loud = !reclaimable && blamed(state, cache.name)
  const tone: Tone = loud ? 'critical' : 'normal'
  const others = otherNames(history.slab, cache.name)
  const pace = perHour(cache.series, begin(state, history), history.time)
  return {
    key: cache.key,
    cells: {
      name: { text: ` ${cache.name}${others.length > 0 ? ` = ${others.join(' = ')}` : ''}`, tone },
      kind: { text: reclaimable ? 'R' : 'U', tone: reclaimable ? 'good' : 'warning' },
      size: { text: shortBytes(cache.bytes), tone },
      objects: { text: count(cache.numObjs) },
      fill: { text: percent(fillOf(cache)).replace(' ', '') },
      objSize: { text: bytes(cache.objSize), tone: 'muted' },
      course: {
        text: sparkOf(
          cache.series,
          history.time,
          spanOf(history),
          sparkWidth,
          pen.glyphs,
          Math.max(2 ** 18, cache.bytes * 0.02),
        ),
        tone: loud ? 'critical' : 'accent',
      },
      growth: { text: signedBytes(grown), tone: loud ? 'critical' : grown > 0 ? 'normal' : 'muted' },
      pace: { text: pace === undefined ? '' : signedBytes(pace), tone: 'muted' },
    },
  }
}

// An open alert names the cache as one that grew.
function blamed({ alerts }: State, name: string): boolean {
  return alerts.some(
    alert => alert.detector === 'slab-growth' && alert.resolvedAt === undefined && `cache ${name}` in alert.evidence,
  )
}

function detail(state: State, key: string): Detail | undefined {
  const history = shown(state)
  const cache = history.slabinfo.caches.find(other => other.key === key)
  if (!cache) return undefined
  const others = otherNames(history.slab, cache.name)
  const known = history.slab.reclaimable.has(cache.name)
  return {
    title: cache.name,
    tone: 'title',
    lead:
      others.length > 0
        ? [
            `The kernel keeps these caches together, slabinfo shows only one name: ${[cache.name, ...others].join(', ')}.`,
          ]
        : [],
    graphs: [{ name: 'bytes', series: cache.series, format: bytes }],
    facts: [
      ['size', `${bytes(cache.bytes)} in ${count(cache.numSlabs)} slabs`],
      ['objects', `${count(cache.activeObjs)} active of ${count(cache.numObjs)}, ${cache.objSize} B each`],
      ['fill', percent(fillOf(cache))],
      [
        'counted as',
        `${isReclaimable(history.slab, cache.name) ? 'SReclaimable' : 'SUnreclaim'}${known ? '' : ' (from its name: /sys/kernel/slab could not be read)'}`,
      ],
      [
        'growth',
        `${signedBytes(gained(cache, begin(state, history)))} since ${duration(history.time - Math.max(begin(state, history), firstTime(cache.series) ?? 0))} ago`,
      ],
    ],
    remedy: [],
  }
}
