// Counts above the cgroup list: live cgroups, memcgs in the kernel, dying cgroups, and the memory that removed cgroups still hold.
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../base/format.ts'
import { createSeries, type Series } from '../../base/series.ts'
import { getDyingMemory } from '../../collectors/cgroups/dying-memory.ts'
import {
  computeMemcgIds,
  estimateTimeToIdExhaustion,
  listExhaustionErrors,
} from '../../collectors/cgroups/memcg-ids.ts'
import { computeChurn } from '../../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { History } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import { computeHourlyRate } from '../hourly-rate.ts'
import { GROWTH_WINDOW, getSparklineSpan, type PanelArea } from '../panel.ts'
import { computeIdShare } from './rows.ts'

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
export function drawCounts(history: History, { pen, width, full }: PanelArea): readonly string[] {
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
  const drawRow = (name: string, value: number | null, series: Series, note: string, tone: Tone = 'normal'): string =>
    drawCountLine(history, pen, width, { name, value: formatCount(value ?? undefined), series, note, tone })
  return [
    isRead
      ? drawRow(
          'live cgroups',
          tree.directories,
          tree.series.directories,
          `created ${formatPerMinute(created)}, removed ${formatPerMinute(removed)} per min`,
        )
      : drawRow('live cgroups', null, tree.series.directories, ''),
    drawRow(
      'kernel memcgs',
      tree.numCgroups,
      tree.series.numCgroups,
      formatIdsNote(history),
      used > 0.5 ? 'warning' : 'normal',
    ),
    drawRow('dying', tree.dying, tree.series.dying, dying),
    ...(full ? drawDyingMemory(history, pen, width) : []),
  ]
}

// memcg IDs 62 %, exhausted in ~3h, then ENOSPC
function formatIdsNote(history: History): string {
  const used = computeIdShare(history)
  if (used === undefined) return ''
  const ids = computeMemcgIds(history)
  if (ids?.isUpperBound) return `memcg IDs up to ${formatPercent(used)}: dying ones have none`
  const error = listExhaustionErrors(history.session.kernel).join(' or ')
  if (used >= 1) return `memcg IDs exhausted: new cgroups fail with ${error}`
  const left = estimateTimeToIdExhaustion(ids, history.time)
  return `memcg IDs ${formatPercent(used)}${left === undefined ? '' : `, exhausted in ~${formatDuration(left)}, then ${error}`}`
}

const formatPerMinute = (perMinute: number): string =>
  perMinute < 9.95 ? perMinute.toFixed(1).replace(/\.0$/, '') : formatCount(perMinute)

function formatHourlyChange(history: History, series: Series): string {
  const hourlyRate = computeHourlyRate(series, history.time - GROWTH_WINDOW, history.time)
  return hourlyRate === undefined ? '' : `${hourlyRate > 0 ? '+' : ''}${formatCount(hourlyRate)}/h`
}

const NO_SERIES = createSeries(1)

function drawDyingMemory(history: History, pen: Pen, width: number): readonly string[] {
  const [most, ...others] = getDyingMemory(history.cgroups)
  if (!most) return []
  const more = others.length > 0 ? `, and ${others.length} more` : ''
  const note = `${most.exact ? '' : 'at most, '}mostly below ${formatCgroupName(history, most.path)}${more}`
  return [
    drawCountLine(history, pen, width, {
      name: 'held by dying',
      value: formatBytes(most.bytes),
      series: NO_SERIES,
      note,
      tone: 'normal',
    }),
  ]
}

interface CountRow {
  readonly name: string
  readonly value: string
  readonly series: Series
  readonly note: string
  readonly tone: Tone
}

const NOTE_WIDTH = 24 // cells kept for the note, so that the sparklines are aligned

function drawCountLine(
  history: History,
  pen: Pen,
  width: number,
  { name, value, series, note, tone }: CountRow,
): string {
  const sparkWidth = series === NO_SERIES ? 0 : Math.max(0, Math.min(30, width - 23 - NOTE_WIDTH))
  const parts: readonly StyledText[] = [
    { text: ` ${name.padEnd(13)}` },
    { text: `${value.padStart(8)} `, tone },
    {
      text: drawSeriesSparkline(series, history.time, getSparklineSpan(history), sparkWidth, pen.glyphs, 10),
      tone: 'accent',
    },
    { text: ` ${note}`, tone: 'muted' },
  ]
  return formatLine(pen, parts, width)
}
