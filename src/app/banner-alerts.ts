// The alerts of the banner in their order: what goes on before what ended, new before old, old kills as one line.
import { MINUTE } from '../base/units.ts'
import { type Alert, listActiveBySeverity } from '../detectors/alerts.ts'

/** A line of the banner: one alert, or several old kills together. */
export interface BannerEntry {
  /** newest first */
  readonly alerts: readonly Alert[]
}

const FRESH = 2 * MINUTE // an event is news this long; then it gives way to what goes on

/**
 * Returns the lines of the banner, most urgent first. A condition that goes on and a fresh event come by severity; then
 * old events, then what is only worth knowing, then what has ended. Events with the same title that are old share a line.
 */
export function listBannerEntries(alerts: readonly Alert[], now: number): readonly BannerEntry[] {
  const active = listActiveBySeverity(alerts)
  const ranked = active.map((alert, i) => ({ alert, i, rank: rankAlert(alert, now) }))
  const sorted = ranked.sort((a, b) => a.rank - b.rank || a.i - b.i).map(({ alert }) => alert)
  const old = sorted.filter(alert => isOldEvent(alert, now)).sort((a, b) => b.at - a.at)
  const seen = new Set<string>()
  return sorted.flatMap((alert): readonly BannerEntry[] => {
    if (!isOldEvent(alert, now)) return [{ alerts: [alert] }]
    if (seen.has(alert.detector)) return []
    seen.add(alert.detector)
    return [{ alerts: old.filter(({ detector }) => detector === alert.detector) }]
  })
}

/** Returns the alert that is most urgent: what Enter opens and `a` acknowledges. */
export const findMostUrgent = (alerts: readonly Alert[], now: number): Alert | undefined =>
  listBannerEntries(alerts, now)[0]?.alerts[0]

const isOldEvent = ({ kind, at }: Alert, now: number): boolean => kind === 'event' && now - at > FRESH

function rankAlert(alert: Alert, now: number): number {
  if (alert.overAt !== undefined) return 4
  if (isOldEvent(alert, now)) return 2
  if (alert.severity === 'info') return 3
  return alert.severity === 'critical' ? 0 : 1
}
