// The alerts of the banner in their order: what goes on before what ended, new before old, events of one kind as one line.
import { MINUTE } from '../base/units.ts'
import { type Alert, getEventTime, listActiveBySeverity } from '../detectors/alerts.ts'

/** A line of the banner: one condition, or the events of one kind that are new, or those that are old. */
export interface BannerEntry {
  /** newest first */
  readonly alerts: readonly Alert[]
  /** a condition of at least a warning that still holds */
  readonly isOngoing: boolean
  /** events of the last minutes */
  readonly isNews: boolean
}

const FRESH = 2 * MINUTE // an event is news this long; then it gives way to what goes on

const RANK = { urgent: 0, ongoing: 1, news: 2, old: 3, info: 4, ended: 5 } as const

/**
 * Returns the lines of the banner, most urgent first. Alerts that are critical now and the latest critical event come first,
 * then every other condition that goes on. Other new events, old ones, information and what has ended come after them.
 */
export function listBannerEntries(alerts: readonly Alert[], now: number): readonly BannerEntry[] {
  const groups = groupEvents(listActiveBySeverity(alerts), now)
  const news = groups.find(([first]) => first!.severity === 'critical' && isFresh(first!, now))
  const ranked = groups.map((group, i) => ({
    group,
    i,
    rank: group === news ? RANK.urgent : rankAlert(group[0]!, now),
  }))
  return ranked
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map(({ group, rank }) => ({
      alerts: group.toSorted((a, b) => getEventTime(b) - getEventTime(a)),
      isOngoing: rank <= RANK.ongoing && group !== news,
      isNews: group === news || rank === RANK.news,
    }))
}

/** Returns the alert that is most urgent: what Enter opens and `a` acknowledges. */
export const findMostUrgent = (alerts: readonly Alert[], now: number): Alert | undefined =>
  listBannerEntries(alerts, now)[0]?.alerts[0]

// A condition is a group of its own. The order of the alerts stays: the most severe of a group is its first.
function groupEvents(active: readonly Alert[], now: number): readonly (readonly Alert[])[] {
  const groups = new Map<string, Alert[]>()
  for (const alert of active) {
    const { kind, detector, subject } = alert
    const key = kind === 'event' ? `${getKind(alert)} ${isFresh(alert, now)}` : `${detector}/${subject}`
    groups.set(key, [...(groups.get(key) ?? []), alert])
  }
  return [...groups.values()]
}

/** Returns what an event is called together with others: a kill is a kill, of the node or of a cgroup. */
export const getKind = ({ title }: Alert): string => title.replace(/^GLOBAL /, '')

const isFresh = ({ kind, at, overAt }: Alert, now: number): boolean =>
  kind === 'event' && overAt === undefined && now - at <= FRESH

function rankAlert(alert: Alert, now: number): number {
  if (alert.overAt !== undefined) return RANK.ended
  if (alert.kind === 'event' && !isFresh(alert, now)) return RANK.old
  if (alert.severity === 'info') return RANK.info
  if (alert.kind === 'event') return RANK.news
  return alert.severity === 'critical' ? RANK.urgent : RANK.ongoing
}
