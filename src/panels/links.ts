// Links from a page to what it names: a cache, a cgroup, a kill, a counter, an alert.
import type { AppState, PanelId } from '../app/state.ts'
import { filterMap } from '../base/filter-map.ts'
import { formatCgroupName } from '../collectors/container-names.ts'
import { type Alert, getAlertKey } from '../detectors/alerts.ts'
import { groupKills } from '../detectors/oom/kill-groups.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import type { History } from '../history.ts'

/** A page that another page leads to. */
export interface PageLink {
  readonly label: string
  readonly panel: PanelId
  readonly key: string
}

/** Returns the key of a kill in the list of kills. */
export const getKillKey = ({ kill, time, cgroup }: CorrelatedKill): string =>
  kill ? `${kill.victim.pid}@${kill.sequence}` : `${cgroup}@${time}`

/** Returns the link to a slab cache, or undefined if there is no such cache. */
export function linkToCache({ slabinfo }: History, name: string): PageLink | undefined {
  const cache = slabinfo.caches.find(other => other.name === name)
  return cache && { label: `cache ${name}`, panel: 'slab', key: cache.key }
}

/** Returns the link to a cgroup, or undefined if it no longer exists. */
export function linkToCgroup(history: History, path: string | null | undefined): PageLink | undefined {
  if (path == null || !history.cgroups.cgroups.has(path)) return undefined
  return { label: `cgroup ${formatCgroupName(history, path)}`, panel: 'cgroups', key: path }
}

/** Returns the link to a kill. */
export const linkToKill = (correlated: CorrelatedKill): PageLink => ({
  label: `kill of ${correlated.kill ? `${correlated.kill.victim.comm}[${correlated.kill.victim.pid}]` : 'unnamed process'}`,
  panel: 'oom',
  key: getKillKey(correlated),
})

/** Returns the link to an alert. */
export const linkToAlert = (alert: Alert): PageLink => ({
  label: `alert ${alert.title}`,
  panel: 'alerts',
  key: getAlertKey(alert),
})

const SERIES_LINKS: Readonly<Record<string, (history: History, key: string) => PageLink | undefined>> = {
  cache: linkToCache,
  cgroup: linkToCgroup,
  meminfo: ({ meminfo }, key) =>
    meminfo.values.has(key) ? { label: `counter ${key}`, panel: 'memory', key } : undefined,
}

const MAX_KILLS = 4

/** Returns what an alert names: its kills, caches, cgroups and counters. */
export function listAlertLinks(history: History, alert: Alert): readonly PageLink[] {
  // from the page of a kill n and p lead to the others
  const kills = alert.detector === 'oom-kill' ? findKillsOf(history, alert).slice(0, MAX_KILLS).map(linkToKill) : []
  const series = filterMap(alert.evidenceSeries ?? [], name => {
    const [kind = '', ...key] = name.split(' ')
    return SERIES_LINKS[kind]?.(history, key.join(' '))
  })
  const caches = filterMap(alert.caches ?? [], name => linkToCache(history, name))
  return dropDuplicates([
    ...kills,
    ...filterMap([alert.subject], path => linkToCgroup(history, path)),
    ...caches,
    ...series,
  ])
}

/** Returns the kills of an alert, newest first. */
export function findKillsOf(history: History, { subject, since, at }: Alert): readonly CorrelatedKill[] {
  const kills = getCorrelatedKills(history).filter(({ time }) => time >= since && time <= at)
  return (groupKills(kills).get(subject) ?? []).toReversed()
}

/** Returns the active alerts that name a series: `cache filp`, `cgroup /a`, `meminfo SUnreclaim`. */
export function listAlertsAbout({ alerts }: AppState, kind: string, key: string): readonly PageLink[] {
  return alerts.filter(alert => alert.resolvedAt === undefined && isAboutSubject(alert, kind, key)).map(linkToAlert)
}

const isAboutSubject = (alert: Alert, kind: string, key: string): boolean =>
  alert.subject === key ||
  (kind === 'cache' && (alert.caches ?? []).includes(key)) ||
  (alert.evidenceSeries ?? []).includes(`${kind} ${key}`)

/** Returns the links without those that lead to the same row as an earlier one. */
export function dropDuplicates(links: readonly PageLink[]): readonly PageLink[] {
  const seen = new Set<string>()
  return links.filter(({ panel, key }) => {
    const isNew = !seen.has(`${panel} ${key}`)
    seen.add(`${panel} ${key}`)
    return isNew
  })
}
