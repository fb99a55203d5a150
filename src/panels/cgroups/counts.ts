// Counts above the cgroup list: live cgroups, memcgs in the kernel, dying cgroups, and the memory that removed cgroups still hold.
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../base/format.ts'
import { createSeries, type Series } from '../../base/series.ts'
import { MINUTE, SECOND } from '../../base/units.ts'
import { MAX_MEMCG_IDS } from '../../collectors/cgroups/cgroup.ts'
import { getDyingMemory } from '../../collectors/cgroups/dying-memory.ts'
import { computeMemcgIds, listExhaustionErrors } from '../../collectors/cgroups/memcg-ids.ts'
import { computeChurn } from '../../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { estimateIdExhaustion } from '../../detectors/memcg-id-forecast.ts'
import { type History, isKnownSince } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import { computeHourlyRate } from '../hourly-rate.ts'
import { GROWTH_WINDOW, type PanelArea } from '../panel.ts'

/** Draws all counts in one line for a small screen, dying cgroups first. */
export function drawShortCounts(history: History, { pen, width }: PanelArea): string {
  const { dying, directories, numCgroups } = history.cgroups
  const isRead = history.sources.cgroups?.okAt != null
  const used = computeIdShare(history)
  const parts: readonly StyledText[] = [
    { text: ` dying ${formatCount(dying ?? undefined)}`, tone: (dying ?? 0) > directories ? 'warning' : 'normal' },
    {
      text: ` · live ${formatCount(isRead ? directories : undefined)} · kernel memcgs ${formatCount(numCgroups ?? undefined)}`,
    },
    {
      text:
        used === undefined
          ? ''
          : ` · memcg IDs ${computeMemcgIds(history)?.isUpperBound ? 'up to ' : ''}${formatPercent(used)}`,
      tone: 'muted',
    },
  ]
  return formatLine(pen, parts, width)
}

/** Draws a line with a sparkline for each count; the full view adds the memory that removed cgroups hold. */
export function drawCounts(history: History, area: PanelArea): readonly string[] {
  return drawCountLines(history, area, [...listCountRows(history), ...(area.full ? listDyingMemory(history) : [])])
}

function listCountRows(history: History): readonly CountRow[] {
  const tree = history.cgroups
  const { created, removed } = computeChurn(tree, history.time)
  const used = computeIdShare(history) ?? 0
  const isRead = history.sources.cgroups?.okAt != null
  const unknown =
    tree.mounts.memory && tree.mounts.memory.root !== '/'
      ? 'only part of the tree is mounted here'
      : 'not counted by this kernel'
  const whyUnknown = isRead ? unknown : ''
  const dying = tree.dying === null ? whyUnknown : formatHourlyChange(history, tree.series.dying)
  const format = (value: number | null): string => formatCount(value ?? undefined)
  // per minute of the last five
  const churn =
    isRead && isKnownSince(history, history.time - 5 * MINUTE)
      ? `created ${formatPerMinute(created)}, removed ${formatPerMinute(removed)}/min`
      : ''
  return [
    {
      name: 'live cgroups',
      value: format(isRead ? tree.directories : null),
      series: tree.series.directories,
      note: churn,
      tone: 'normal',
    },
    {
      name: 'kernel memcgs',
      value: format(tree.numCgroups),
      series: tree.series.numCgroups,
      note: formatIdsNote(history),
      tone: used > 0.5 ? 'warning' : 'normal',
    },
    { name: 'dying', value: format(tree.dying), series: tree.series.dying, note: dying, tone: 'normal' },
  ]
}

// IDs 62 %, full in ~3 h, then ENOSPC
function formatIdsNote(history: History): string {
  const used = computeIdShare(history)
  if (used === undefined) return ''
  const ids = computeMemcgIds(history)
  if (ids?.isUpperBound) return `memcg IDs up to ${formatPercent(used)}: dying ones have none`
  const error = listExhaustionErrors(history.session.kernel).join(' or ')
  if (used >= 1) return `no IDs left: mkdir fails (${error})`
  const left = history.knownSince === undefined ? estimateIdExhaustion(history) : undefined
  if (left === undefined) return `memcg IDs ${formatPercent(used)}`
  return `IDs ${formatPercent(used)}, ${left < SECOND ? 'almost full' : `full in ~${formatDuration(left)}`}, then ${error}`
}

const formatPerMinute = (perMinute: number): string =>
  perMinute < 0.95 ? perMinute.toFixed(1).replace(/\.0$/, '') : formatCount(perMinute)

function formatHourlyChange(history: History, series: Series): string {
  const hourlyRate = computeHourlyRate(history, series, history.time - GROWTH_WINDOW)
  return hourlyRate === undefined ? '' : `${hourlyRate > 0 ? '+' : ''}${formatCount(hourlyRate)}/h`
}

const NO_SERIES = createSeries(1)

function listDyingMemory(history: History): readonly CountRow[] {
  const [most, ...others] = getDyingMemory(history.cgroups)
  if (!most) return []
  const more = others.length > 0 ? `, and ${others.length} more` : ''
  const note = `${most.exact ? '' : 'at most, '}mostly below ${formatCgroupName(history, most.path)}${more}`
  return [{ name: 'held by dying', value: formatBytes(most.bytes), series: NO_SERIES, note, tone: 'normal' }]
}

interface CountRow {
  readonly name: string
  readonly value: string
  readonly series: Series
  readonly note: string
  readonly tone: Tone
}

const HEAD_WIDTH = 24 // cells of name and value
const MIN_SPARKLINE = 8 // fewer cells say nothing
const MAX_SPARKLINE = 60

// Sparklines of all lines have one width, so that they are aligned: what the longest note leaves.
function drawCountLines(
  history: History,
  { pen, width, span, ahead = 0 }: PanelArea,
  rows: readonly CountRow[],
): readonly string[] {
  const noteWidth = Math.max(...rows.map(({ series, note }) => (series === NO_SERIES ? 0 : note.length + 1)))
  const room = Math.min(MAX_SPARKLINE, width - HEAD_WIDTH - noteWidth)
  const sparkWidth = room < MIN_SPARKLINE ? 0 : room
  const view = { now: history.time, span, ahead, width: sparkWidth, glyphs: pen.glyphs, minRange: 10 }
  return rows.map(({ name, value, series, note, tone }) => {
    const parts: readonly StyledText[] = [
      { text: ` ${name.padEnd(14)}` },
      { text: `${value.padStart(8)} `, tone },
      { text: series === NO_SERIES ? '' : drawSeriesSparkline(series, view), tone: 'accent' },
      { text: ` ${note}`, tone: 'muted' },
    ]
    return formatLine(pen, parts, width)
  })
}

// The share of memcg IDs in use, or undefined if the kernel does not expose it.
function computeIdShare(history: History): number | undefined {
  const ids = computeMemcgIds(history)
  return ids && ids.used / MAX_MEMCG_IDS
}
