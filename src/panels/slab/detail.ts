// What stands behind a cache: what it is for, its course in bytes and objects, copies of cgroups, lines of code that grew.
import { formatBytes, formatCount, formatDuration, formatPercent, formatSignedBytes } from '../../base/format.ts'
import { getFirstTime } from '../../base/series.ts'
import { countLiveNames } from '../../collectors/cgroups/census.ts'
import type { TopAllocators } from '../../collectors/holders.ts'
import { LARGE_KMALLOC } from '../../collectors/large-kmalloc.ts'
import { selectCopies, isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import { findCacheFacts } from '../../collectors/slab-caches.ts'
import { countCopies } from '../../collectors/slab-copies.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import type { Detail } from '../panel.ts'
import { perHour } from '../rates.ts'
import { fillOf, gained, growthBegins, leftOf, slabRows } from './view.ts'

type Fact = readonly [name: string, value: string]

/** The detail of the cache with this key; undefined when it is gone. */
export function slabDetail(state: AppState, key: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const cache = slabRows({ ...state, ui: { ...state.ui, panels: {} } }).find(other => other.key === key)
  if (!cache) return undefined
  const since = growthBegins(state, history)
  const large = key === LARGE_KMALLOC
  return {
    title: cache.name,
    tone: 'title',
    lead: large ? [LARGE] : leadOf(history, cache.name),
    graphs: [
      { name: 'bytes', series: cache.series, format: formatBytes },
      ...(large ? [] : [{ name: 'objects', series: cache.objects, format: formatCount }]),
    ],
    facts: [
      ...(large ? [] : sizeFacts(history, cache)),
      ...growthFacts(history, cache, since),
      ...copyFacts(history, cache.name),
      ...lineFacts(history.allocinfo, since),
    ],
    remedy: [],
  }
}

const LARGE =
  'Slab less all caches: allocations of more than two pages go past the caches, and slabinfo does not name them. Up to 4.19 the kernel does not count them. /proc/allocinfo (6.10 on) or page_owner names who made them.'

function leadOf(history: History, name: string): readonly string[] {
  const others = listOtherNames(history.slab, name)
  return others.length > 0
    ? [`The kernel keeps these caches together, slabinfo shows only one name: ${[name, ...others].join(', ')}.`]
    : []
}

function sizeFacts(history: History, cache: SlabCache): readonly Fact[] {
  const known = history.slab.reclaimable.has(cache.name)
  const about = [cache.name, ...listOtherNames(history.slab, cache.name)].flatMap((name): readonly Fact[] => {
    const facts = findCacheFacts(name)
    return facts ? [[name, `${facts.what}. Filled by ${facts.who}. ${facts.advice}`]] : []
  })
  return [
    ['size', `${formatBytes(cache.bytes)} in ${formatCount(cache.numSlabs)} slabs`],
    ['objects', `${formatCount(cache.activeObjs)} active of ${formatCount(cache.numObjs)}, ${cache.objSize} B each`],
    ['fill', formatPercent(fillOf(cache))],
    [
      'counted as',
      `${isReclaimable(history.slab, cache.name) ? 'SReclaimable' : 'SUnreclaim'}${known ? '' : ' (from its name: /sys/kernel/slab could not be read)'}`,
    ],
    ...about,
  ]
}

function growthFacts(history: History, cache: SlabCache, since: number): readonly Fact[] {
  const begin = Math.max(since, getFirstTime(cache.series) ?? 0)
  const pace = perHour(cache.series, since, history.time)
  const left = leftOf(history, cache, pace)
  return [
    ['growth', `${formatSignedBytes(gained(cache, since))} since ${formatDuration(history.time - begin)} ago`],
    ...(pace === undefined ? [] : [['pace', `${formatSignedBytes(pace)} per hour`] as const]),
    ...(left === undefined ? [] : [['no memory left in', `~${formatDuration(left)} at this pace`] as const]),
  ]
}

function copyFacts(history: History, name: string): readonly Fact[] {
  const copies = selectCopies(history).get(name)
  if (!copies) return []
  const { count: all, dead } = countCopies(copies, countLiveNames(history.cgroups))
  return [
    ['copies of cgroups', `${formatCount(all)}${dead === null ? '' : `, ${formatCount(dead)} of them of cgroups that are gone`}`],
  ]
}

// Lines of code by growth; without any growth by size.
function lineFacts({ list }: TopAllocators, since: number): readonly Fact[] {
  const lines = [...list].sort((a, b) => gained(b, since) - gained(a, since) || b.bytes - a.bytes).slice(0, 5)
  return lines.map((line, i) => [
    i === 0 ? 'lines of code, all' : '',
    `${line.name}  ${formatBytes(line.bytes)}, ${formatSignedBytes(gained(line, since))}, ${formatCount(line.count)} calls`,
  ])
}
