// The page of a slab cache: what it is for, its size and objects over time, copies of cgroups, call sites that grew.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, formatSignedBytes } from '../../base/format.ts'
import { computeGrowthSince, getFirstTime, getLatest } from '../../base/series.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import { countLiveNames } from '../../collectors/cgroups/tree-queries.ts'
import { LARGE_KMALLOC } from '../../collectors/large-kmalloc.ts'
import { isReclaimable, listOtherNames, selectCopies } from '../../collectors/slab.ts'
import { findCacheFacts, formatTraceCommand } from '../../collectors/slab-cache-facts.ts'
import { countCopies } from '../../collectors/slab-copies.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { TopAllocators } from '../../collectors/top-allocators.ts'
import type { History } from '../../history.ts'
import { dropDuplicates, listAlertsAbout } from '../links.ts'
import type { Detail, Fact, Graph } from '../panel.ts'
import { BYTES, COUNTS } from '../value-formats.ts'
import { describePeakRate } from './peak-rate.ts'
import { computeFill, forecastCache, getGrowthStart, listSlabRows } from './rows.ts'
import { listWhoFacts } from './who-facts.ts'

/** Returns the page of the cache with this key, or undefined if the cache no longer exists. */
export function buildSlabDetail(state: AppState, key: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const cache = listSlabRows({ ...state, ui: { ...state.ui, panels: {} } }).find(other => other.key === key)
  if (!cache) return undefined
  const since = getGrowthStart(state, history)
  const large = key === LARGE_KMALLOC
  const counter = findCounter(history, cache)
  return {
    title: cache.name,
    tone: 'title',
    introduction: large ? [LARGE_KMALLOC_TEXT] : describeMergedCaches(history, cache.name),
    graphs: listGraphs(history, cache),
    links: dropDuplicates([
      ...listAlertsAbout(state, 'cache', cache.name),
      ...listAlertsAbout(state, 'meminfo', counter),
      { label: `counter ${counter}`, panel: 'memory', key: counter },
    ]),
    facts: [
      ...(large ? [] : listSizeFacts(history, cache)),
      ...listGrowthFacts(state, cache, since),
      ...listCopyFacts(history, cache.name),
      ...listWhoFacts(history, state.alerts, cache),
      ...listCodeLineFacts(history.allocinfo, since),
    ],
    remedies: [],
  }
}

const MIN_SHARE = 0.1 // of all slab of its type: before more than that the curve of a small cache would be flat

const findCounter = ({ slab }: History, { name }: SlabCache): 'SReclaimable' | 'SUnreclaim' =>
  isReclaimable(slab, name) ? 'SReclaimable' : 'SUnreclaim'

// The cache, before all slab of its type where that can be compared, else with that as a chart of its own.
function listGraphs(history: History, cache: SlabCache): readonly Graph[] {
  const counter = findCounter(history, cache)
  const all = history.meminfo.series[counter]
  const isLarge = all !== undefined && cache.bytes >= MIN_SHARE * (getLatest(all) ?? 0)
  return [
    {
      name: cache.name,
      series: cache.series,
      format: BYTES,
      ...(isLarge ? { backdrop: { name: counter, series: all } } : {}),
    },
    ...(cache.key === LARGE_KMALLOC ? [] : [{ name: 'objects', series: cache.objects, format: COUNTS }]),
    ...(all === undefined || isLarge ? [] : [{ name: counter, series: all, format: BYTES }]),
  ]
}

const LARGE_KMALLOC_TEXT =
  'Slab minus all caches: allocations of more than two pages bypass the caches, and slabinfo does not list them. Kernels up to 4.19 do not count them. /proc/allocinfo (since 6.10) or page_owner names the callers.'

function describeMergedCaches(history: History, name: string): readonly string[] {
  const others = listOtherNames(history.slab, name)
  return others.length > 0
    ? [`The kernel merged these caches; slabinfo shows only one name: ${[name, ...others].join(', ')}.`]
    : []
}

function listSizeFacts(history: History, cache: SlabCache): readonly Fact[] {
  const known = history.slab.reclaimable.has(cache.name)
  const descriptions = [cache.name, ...listOtherNames(history.slab, cache.name)].flatMap((name): readonly Fact[] => {
    const facts = findCacheFacts(name)
    if (facts) return [[name, `${facts.what}. Allocated by ${facts.who}. Check: ${facts.advice}`]]
    return name.startsWith('(') || name !== cache.name
      ? []
      : [[name, `not known to kmemtop, perhaps of a module. Check: ${formatTraceCommand(cache.objSize)}`]]
  })
  return [
    ['size', `${formatBytes(cache.bytes)} in ${formatCount(cache.numSlabs)} slabs`],
    ['objects', `${formatCount(cache.activeObjs)} active of ${formatCount(cache.numObjs)}, ${cache.objSize} B each`],
    ['fill', formatPercent(computeFill(cache))],
    [
      'type',
      `${isReclaimable(history.slab, cache.name) ? 'reclaimable' : 'unreclaimable'}${known ? '' : ' (guessed from its name: /sys/kernel/slab is not readable)'}`,
    ],
    ...descriptions,
  ]
}

function listGrowthFacts(state: AppState, cache: SlabCache, since: number): readonly Fact[] {
  const history = getVisibleHistory(state)
  const begin = Math.max(since, getFirstTime(cache.series) ?? 0)
  const { perHour: hourlyRate, timeLeft: left } = forecastCache(state, cache) ?? {}
  const peak = describePeakRate(history, cache.series)
  return [
    ...(begin < history.time ? [['growth', formatGrowthSince(history, cache, begin)] as const] : []),
    ...listLongerGrowth(history, cache),
    ...(hourlyRate === undefined ? [] : [['rate', `${formatSignedBytes(hourlyRate)} per hour`] as const]),
    ...(peak === undefined ? [] : [['fastest rate', peak] as const]),
    ...(left === undefined ? [] : [['memory runs out in', `~${formatDuration(left)} at this rate`] as const]),
  ]
}

const SPANS = [15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR] as const

// Whether it still grows: the growth of the last hours beside that of the last minutes.
function listLongerGrowth({ time }: History, { series }: SlabCache): readonly Fact[] {
  const first = getFirstTime(series)
  if (first === undefined) return []
  const known = SPANS.filter(span => time - span >= first)
  if (known.length < 2) return []
  const parts = known.map(
    span => `${formatSignedBytes(computeGrowthSince(series, time - span))} in ${formatDuration(span)}`,
  )
  return [['recent growth', parts.join(', ')]]
}
const formatGrowthSince = ({ time }: History, { series }: SlabCache, begin: number): string =>
  `${formatSignedBytes(computeGrowthSince(series, begin))} in ${formatDuration(time - begin)}`

function listCopyFacts(history: History, name: string): readonly Fact[] {
  const copies = selectCopies(history).get(name)
  if (!copies) return []
  const { count: all, dead } = countCopies(copies, countLiveNames(history.cgroups))
  return [
    ['cgroup copies', `${formatCount(all)}${dead === null ? '' : `, ${formatCount(dead)} of them of removed cgroups`}`],
  ]
}

// Call sites by growth; those without growth by size.
function listCodeLineFacts({ list }: TopAllocators, since: number): readonly Fact[] {
  const lines = [...list]
    .sort((a, b) => computeGrowthSince(b.series, since) - computeGrowthSince(a.series, since) || b.bytes - a.bytes)
    .slice(0, 5)
  return lines.map((line, i) => [
    i === 0 ? 'call sites' : '',
    `${line.name}  ${formatBytes(line.bytes)}, ${formatSignedBytes(computeGrowthSince(line.series, since))}, ${formatCount(line.count)} calls`,
  ])
}
