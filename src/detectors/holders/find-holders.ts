// Finds who holds the memory of an alert: from the survey that was taken when it opened, and from the cgroups that grew with it. Pure.
import { formatSignedBytes } from '../../base/format.ts'
import { computeGrowthSince } from '../../base/series.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { isNodeRoot } from '../../collectors/cgroups/tree-queries.ts'
import type { Survey } from '../../collectors/holders/survey.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { History } from '../../history.ts'
import type { Finding } from '../detector.ts'
import { findGrowingCaches, type GrowingCache, selectTopContributors } from '../slab/growing-caches.ts'
import { type Holder, rateConfidence } from './holder.ts'
import { MEASURES, type Measure, TMPFS_CACHES } from './measures.ts'
import { formatGroup, groupProcesses } from './process-groups.ts'
import { findRemovedCgroupHolders } from './removed-cgroup-holders.ts'
import { findByteHolders, findInodeHolders } from './tmpfs-holders.ts'

/** Detectors whose alerts get a survey. */
export const SURVEYED_DETECTORS: ReadonlySet<string> = new Set([
  'slab-growth',
  'kernel-memory',
  'network-limits',
  'dying-cgroups',
  'memcg-ids',
  'pinned-cache',
])

/** Subjects of alerts about removed cgroups, and of the one about cache that cannot be freed. */
const REMOVED_CGROUPS: ReadonlySet<string> = new Set(['dying', 'memcg IDs'])
const PINNED = 'Cached'
const MAX_HOLDERS = 6
const MAX_CGROUPS = 200
const MIN_SHARE = 0.1 // of the whole: who has less is not named
const MIN_GROWTH_SHARE = 0.01 // growth between two surveys that is more than noise, as a share of the whole

/**
 * The holders of what an alert is about, the likeliest first.
 * @param surveys those taken for this alert, oldest first: between two of them it shows who still grows
 */
export function findHolders(history: History, finding: Finding, surveys: readonly Survey[]): readonly Holder[] {
  const survey = surveys.at(-1)
  if (!survey) return []
  const before = surveys.length > 1 ? surveys[0] : undefined
  if (REMOVED_CGROUPS.has(finding.subject))
    return findRemovedCgroupHolders(history.cgroups, survey).slice(0, MAX_HOLDERS)
  const since = finding.since
  const growing = finding.subject === 'SUnreclaim' ? selectGrowing(history, since) : []
  const measures = MEASURES.filter(
    measure =>
      (measure.counters?.includes(finding.subject) || growing.some(cache => findMeasure(cache) === measure)) &&
      (measure.isRelevant?.(history, finding) ?? true),
  )
  const found = [
    ...findCgroupHolders(history, finding, since),
    ...measures.flatMap(measure => findProcessHolders(measure, history, surveys)),
    ...(growing.some(isTmpfsCache) ? findInodeHolders(survey, before) : []),
    ...(finding.subject === PINNED ? findByteHolders(survey, before, history.meminfo.values.get('Shmem') ?? 0) : []),
  ]
  return dropRepeated(found.toSorted(compareHolders)).slice(0, MAX_HOLDERS)
}

// What holds a cache, by its name; of one whose own name says nothing, by the names of those merged with it.
const findMeasure = ({ name, aliases }: GrowingCache): Measure | undefined =>
  TMPFS_CACHES.test(name) ? undefined : (matchMeasure(name) ?? aliases.map(matchMeasure).find(Boolean))

const matchMeasure = (name: string): Measure | undefined => MEASURES.find(({ caches }) => caches.test(name))

const isTmpfsCache = ({ name, aliases }: GrowingCache): boolean =>
  TMPFS_CACHES.test(name) || (!matchMeasure(name) && aliases.some(alias => TMPFS_CACHES.test(alias)))

// The caches that grew; where none did since the alert began, those that hold most: it is an alert of a level.
function selectGrowing(history: History, since: number): readonly GrowingCache[] {
  const grown = findGrowingCaches(history, since)
  const all = grown.length > 0 ? grown : listLargestCaches(history)
  return selectTopContributors(
    all,
    all.reduce((sum, { growth }) => sum + growth, 0),
  )
}

const listLargestCaches = (history: History): readonly GrowingCache[] =>
  history.slabinfo.caches
    .filter(({ name }) => !isReclaimable(history.slab, name))
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes }) => ({ name, aliases: listOtherNames(history.slab, name), growth: bytes }))

const compareHolders = (a: Holder, b: Holder): number => (b.share ?? 0) - (a.share ?? 0)

// A process that holds two things is named once, for the one it has most of.
function dropRepeated(holders: readonly Holder[]): readonly Holder[] {
  const seen = new Set<string>()
  return holders.filter(({ kind, name }) => {
    const isNew = !seen.has(`${kind} ${name}`)
    seen.add(`${kind} ${name}`)
    return isNew
  })
}

function findProcessHolders(measure: Measure, history: History, surveys: readonly Survey[]): readonly Holder[] {
  const survey = surveys.at(-1)!
  const before = surveys.length > 1 ? surveys[0] : undefined
  const groups = groupProcesses(survey.byProcess, measure.count)
  const earlier = new Map(
    before && groupProcesses(before.byProcess, measure.count).map(group => [group.key, measure.count(group)]),
  )
  const listed = groups.map(group => {
    const amount = measure.count(group)
    return { group, amount, growth: before ? Math.max(0, amount - (earlier.get(group.key) ?? 0)) : 0 }
  })
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
  const whole = Math.max(measure.total?.(survey, history) ?? 0, sum(listed.map(({ amount }) => amount)))
  const growth = sum(listed.map(one => one.growth))
  const isGrowing = growth > MIN_GROWTH_SHARE * whole
  const isComplete = survey.processesRead >= survey.processes && survey.refused === 0
  return listed.flatMap(({ group, amount, growth: own }) => {
    const share = isGrowing ? own / growth : amount / Math.max(1, whole)
    if (share < MIN_SHARE || amount < MIN_SHARE * MIN_SHARE * whole) return []
    return {
      kind: 'process',
      name: formatGroup(group),
      cgroup: group.cgroup,
      holds: measure.format(group) + (isGrowing ? ', growing' : ''),
      share,
      confidence: rateConfidence(isComplete ? share : share / 2),
    }
  })
}

// The deepest cgroups whose kernel memory grew by a good part of it.
function findCgroupHolders(history: History, { subject }: Finding, since: number): readonly Holder[] {
  const counter = history.meminfo.series[subject as MeminfoSeries]
  const least = counter ? MIN_SHARE * computeGrowthSince(counter, since) : 0
  const grown: { path: string; growth: number }[] = []
  for (const cgroup of history.cgroups.cgroups.values()) {
    const growth = computeKernelGrowth(cgroup, since)
    if (growth > 0 && growth >= least && !isNodeRoot(history.cgroups, cgroup.path))
      grown.push({ path: cgroup.path, growth })
  }
  const largest = grown.toSorted((a, b) => b.growth - a.growth).slice(0, MAX_CGROUPS) // of ten thousand the large ones
  const hasChildWithMost = (path: string, growth: number): boolean =>
    largest.some(other => other.path.startsWith(`${path}/`) && other.growth >= growth * 0.7)
  const deepest = largest.filter(({ path, growth }) => !hasChildWithMost(path, growth))
  const sum = deepest.reduce((all, { growth }) => all + growth, 0)
  const whole = Math.max(sum, counter ? computeGrowthSince(counter, since) : 0)
  return deepest
    .filter(({ growth }) => growth >= 2 * MIN_SHARE * whole)
    .map(({ path, growth }) => ({
      kind: 'cgroup',
      name: path,
      cgroup: path,
      holds: `kernel memory ${formatSignedBytes(growth)} since it began`,
      share: growth / whole,
      confidence: rateConfidence(growth / whole),
    }))
}

function computeKernelGrowth({ seriesByField: { kernel, slab } }: Cgroup, since: number): number {
  const series = kernel ?? slab
  return series ? computeGrowthSince(series, since) : 0
}
